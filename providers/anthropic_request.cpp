// Requests to Anthropic (providers.md §3.2-§3.4, §3.8).
#include "core/json/writer.hpp"
#include "providers/anthropic_messages.hpp"
#include "providers/closed_schema.hpp"
#include "providers/request_pieces.hpp"
#include "providers/sentence.hpp"
#include "providers/temperature.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::providers::anthropic {

namespace {

using neutral::choice_kind;
using neutral::format_kind;

constexpr std::array<std::string_view, 16> taken_members = {"max_tokens",
                                                            "max_completion_tokens",
                                                            "temperature",
                                                            "top_p",
                                                            "top_k",
                                                            "stop",
                                                            "n",
                                                            "user",
                                                            "response_format",
                                                            "tools",
                                                            "functions",
                                                            "tool_choice",
                                                            "function_call",
                                                            "parallel_tool_calls",
                                                            "reasoning_effort",
                                                            "best_of"};

bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// The tokens that a model may think before it answers (§3.4).
std::int64_t budget_of(std::string_view effort) noexcept {
    if (effort == "medium") return 2048;
    if (effort == "high") return 4096;
    if (effort == "xhigh") return 8192;
    if (effort == "max") return 16384;
    return 1024;
}

constexpr std::int64_t least_budget = 1024;

bool asks_for_thinking(const neutral::request& in) noexcept {
    return !in.reasoning_effort.empty() && in.reasoning_effort != "none";
}

class request_writer {
public:
    request_writer(neutral::request& in, std::string_view model, const flavour& of, std::string& out)
        : in_(in)
        , model_(model)
        , of_(of)
        , traits_(traits_of(model))
        , max_tokens_(in.max_tokens.value_or(traits_.default_max_tokens))
        , out_(out)
        , writer_(out) {}

    result<void> messages();
    result<void> complete();

private:
    void system();
    result<void> turns();
    void sampling();
    void stops(std::string_view name);
    void tools();
    void output_config();
    void version_and_stream();
    void drop(std::string_view name) { in_.dropped.push_back(name); }

    neutral::request& in_;
    std::string_view model_;
    const flavour& of_;
    const model_traits traits_;
    const std::int64_t max_tokens_;
    std::string& out_;
    json::object_writer writer_;
    anthropic::thinking thinking_;
};

result<void> request_writer::messages() {
    thinking_ = thinking_of(in_, traits_, max_tokens_);
    if (asks_for_thinking(in_) && !thinking_.on) drop("reasoning_effort");
    if (of_.sends_model) writer_.text("model", model_);
    writer_.number("max_tokens", max_tokens_);
    system();
    if (auto good = turns(); !good) return good;
    sampling();
    stops("stop_sequences");
    tools();
    if (!in_.user.empty()) {
        writer_.key("metadata");
        json::object_writer metadata(out_);
        metadata.text("user_id", in_.user);
        metadata.close();
    }
    if (thinking_.on) {
        writer_.key("thinking");
        append_thinking(out_, thinking_);
    }
    output_config();
    version_and_stream();
    writer_.close();
    return {};
}

void request_writer::system() {
    std::string text = joined_system(in_);
    if (in_.format.kind == format_kind::json_object) {
        if (!text.empty()) text += '\n';
        text += one_json_object;
    }
    if (!is_blank(text)) writer_.text("system", text);
}

result<void> request_writer::turns() {
    writer_.key("messages");
    if (in_.kind == task::chat)
        return append_messages(in_.turns, of_, takes_thoughts(traits_, thinking_), out_);
    std::vector<neutral::turn> prompt(1);
    neutral::part words;
    words.text = prompt_of(in_);
    prompt.front().parts.push_back(words);
    return append_messages(prompt, of_, false, out_);
}

void request_writer::sampling() {
    if (!traits_.takes_sampling || thinking_.on) {
        if (in_.temperature) drop("temperature");
        if (in_.top_p) drop("top_p");
        if (in_.top_k) drop("top_k");
        return;
    }
    if (in_.temperature) {
        writer_.key("temperature");
        append_scaled(out_, *in_.temperature, temperature_factor::half);
        // Newer models refuse both together.
        if (in_.top_p) drop("top_p");
    } else if (in_.top_p) {
        writer_.raw("top_p", in_.top_p->text);
    }
    if (in_.top_k) writer_.number("top_k", *in_.top_k);
}

void request_writer::stops(std::string_view name) {
    std::vector<std::string_view> kept = usable_stops(in_, false);
    if (of_.sends_human_stop && in_.kind == task::completions && uses_complete(in_.kind, model_))
        kept.emplace_back("\n\nHuman:");
    if (kept.empty()) return;
    writer_.key(name);
    append_texts(out_, kept);
}

void request_writer::tools() {
    if (in_.tools.empty()) return;
    writer_.key("tools");
    append_tools(out_, in_.tools);
    neutral::tool_choice choice = in_.choice;
    const bool forced = choice.kind == choice_kind::required || choice.kind == choice_kind::named;
    if (forced && (thinking_.on || !traits_.takes_forced_tools)) choice.kind = choice_kind::automatic;
    if (choice.kind == choice_kind::absent && in_.parallel_tool_calls) return;
    writer_.key("tool_choice");
    append_tool_choice(out_, choice, in_.parallel_tool_calls);
}

void request_writer::output_config() {
    const bool has_effort = !thinking_.effort.empty();
    const bool has_schema = in_.format.kind == format_kind::json_schema;
    if (!has_effort && !has_schema) return;
    writer_.key("output_config");
    json::object_writer config(out_);
    if (has_effort) config.text("effort", thinking_.effort);
    if (has_schema) {
        config.key("format");
        json::object_writer format(out_);
        format.text("type", "json_schema");
        format.key("schema");
        append_closed_schema(out_, in_.format.schema);
        format.close();
    }
    config.close();
}

void request_writer::version_and_stream() {
    if (!of_.body_version.empty()) writer_.text("anthropic_version", of_.body_version);
    if (in_.stream && of_.sends_stream) writer_.boolean("stream", true);
}

result<void> request_writer::complete() {
    if (of_.sends_model) writer_.text("model", model_);
    writer_.text("prompt", sentence({"\n\nHuman: ", prompt_of(in_), "\n\nAssistant:"}));
    writer_.number("max_tokens_to_sample", max_tokens_);
    if (!in_.reasoning_effort.empty()) drop("reasoning_effort");
    sampling();
    stops("stop_sequences");
    version_and_stream();
    writer_.close();
    return {};
}

} // namespace

thinking thinking_of(const neutral::request& in, const model_traits& traits, std::int64_t max_tokens) {
    thinking how;
    if (!asks_for_thinking(in) || !traits.thinks) return how;
    if (traits.thinks_adaptively) {
        how.on = true;
        how.effort = in.reasoning_effort == "minimal" ? "low" : in.reasoning_effort;
        return how;
    }
    how.budget = std::min(budget_of(in.reasoning_effort), max_tokens - 1);
    // Without signed thinking before them the API refuses a budget beside calls.
    how.on = how.budget >= least_budget && neutral::thinks_before_calls(in);
    return how;
}

bool takes_thoughts(const model_traits& traits, const thinking& how) noexcept {
    return how.on || (traits.thinks && traits.thinks_adaptively);
}

void append_thinking(std::string& out, const thinking& how) {
    json::object_writer writer(out);
    if (how.effort.empty()) {
        writer.text("type", "enabled");
        writer.number("budget_tokens", how.budget);
    } else {
        writer.text("type", "adaptive");
        writer.text("display", "summarized"); // or its text comes back empty
    }
    writer.close();
}

neutral::dialect dialect_of(const flavour& of) noexcept {
    neutral::dialect dialect;
    dialect.provider = of.provider;
    dialect.takes = taken_members;
    return dialect;
}

result<void>
write_messages(neutral::request& in, std::string_view model, const flavour& of, std::string& out) {
    if (auto good = check_one_prompt(in, dialect_of(of)); !good) return good;
    return request_writer(in, model, of, out).messages();
}

result<void>
write_complete(neutral::request& in, std::string_view model, const flavour& of, std::string& out) {
    if (auto good = check_one_prompt(in, dialect_of(of)); !good) return good;
    return request_writer(in, model, of, out).complete();
}

} // namespace sluice::providers::anthropic
