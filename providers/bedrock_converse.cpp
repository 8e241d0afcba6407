// Requests to Converse (providers.md §6.3).
#include "core/json/writer.hpp"
#include "providers/bedrock.hpp"
#include "providers/bedrock_turns.hpp"
#include "providers/request_pieces.hpp"
#include "providers/temperature.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace sluice::providers::bedrock {

namespace {

using neutral::choice_kind;
using neutral::format_kind;

bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// How a model is asked to think.
enum class thought : std::uint8_t { no, claude, nova, effort, effort_object };

struct model_thought {
    std::string_view part; // of the id
    thought how;
};
// The one place to change when a model comes. An id that has none of these says nothing.
constexpr std::array<model_thought, 8> thoughts = {{
    {"gpt-oss", thought::effort},
    {"gpt-5", thought::effort_object},
    {"deepseek.v3", thought::effort},
    {"deepseek-v3", thought::effort},
    {"deepseek.r1", thought::no},
    {"deepseek-r1", thought::no},
    {"nova-2", thought::nova},
    {"nova-premier-2", thought::nova},
}};

thought thought_of(family of, std::string_view model) noexcept {
    const auto found = std::find_if(thoughts.begin(), thoughts.end(), [model](const model_thought& each) {
        return model.find(each.part) != std::string_view::npos;
    });
    if (found != thoughts.end()) return found->how;
    return of == family::anthropic ? thought::claude : thought::no;
}

// Of models that know three steps.
std::string_view step_of(std::string_view effort) noexcept {
    if (effort == "minimal") return "low";
    if (effort == "xhigh" || effort == "max") return "high";
    return effort;
}

class request_writer {
public:
    request_writer(neutral::request& in, const settings& with, std::string_view model, std::string& out)
        : in_(in)
        , model_(model)
        , is_claude_(with.of == family::anthropic)
        , is_nova_(with.of == family::amazon && model.find("titan") == std::string_view::npos)
        , thought_(thought_of(with.of, model))
        , out_(out)
        , writer_(out) {
        if (is_claude_) traits_ = anthropic::traits_of(model);
    }

    result<void> run();

private:
    void decide_thinking();
    void system();
    result<void> messages();
    void inference();
    void tools();
    void tool_choice(json::object_writer& config);
    void format();
    void more();
    void more_thinking(json::object_writer& more);
    [[nodiscard]] bool thinks() const noexcept { return thinking_.on || by_effort_; }
    void drop(std::string_view name) { in_.dropped.push_back(name); }

    neutral::request& in_;
    std::string_view model_;
    const bool is_claude_;
    const bool is_nova_;
    const thought thought_;
    anthropic::model_traits traits_; // of Claude
    anthropic::thinking thinking_;   // of Claude
    bool by_effort_ = false;         // of all others
    std::string& out_;
    json::object_writer writer_;
};

void request_writer::decide_thinking() {
    if (in_.reasoning_effort.empty() || in_.reasoning_effort == "none") return;
    if (thought_ == thought::claude) {
        constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();
        thinking_ = anthropic::thinking_of(in_, traits_, in_.max_tokens.value_or(unbounded));
    } else {
        by_effort_ = thought_ != thought::no;
    }
    if (!thinks()) drop("reasoning_effort");
}

result<void> request_writer::run() {
    decide_thinking();
    system();
    if (auto good = messages(); !good) return good;
    inference();
    tools();
    format();
    more();
    writer_.close();
    return {};
}

void request_writer::system() {
    const bool wants_json = in_.format.kind == format_kind::json_object;
    const bool has_text = !std::all_of(in_.system.begin(), in_.system.end(), is_blank);
    if (!wants_json && !has_text) return;
    writer_.key("system");
    out_ += '[';
    const auto block = [this](std::string_view text) {
        if (is_blank(text)) return; // refused upstream
        if (out_.back() != '[') out_ += ',';
        json::object_writer one(out_);
        one.text("text", text);
        one.close();
    };
    for (const std::string_view each : in_.system)
        block(each);
    if (wants_json) block(anthropic::one_json_object);
    out_ += ']';
}

result<void> request_writer::messages() {
    writer_.key("messages");
    const neutral::dialect dialect = dialect_of(route::converse);
    if (in_.kind == task::chat) {
        const bool with_thoughts = is_claude_ && anthropic::takes_thoughts(traits_, thinking_);
        return append_messages(in_.turns, dialect, with_thoughts, out_);
    }
    std::vector<neutral::turn> prompt(1);
    neutral::part words;
    words.text = prompt_of(in_);
    prompt.front().parts.push_back(words);
    return append_messages(prompt, dialect, false, out_);
}

void request_writer::inference() {
    std::optional<neutral::number> temperature = in_.temperature;
    std::optional<neutral::number> top_p = in_.top_p;
    if (is_claude_ && (thinking_.on || !traits_.takes_sampling)) {
        if (temperature) drop("temperature");
        if (top_p) drop("top_p");
        temperature.reset();
        top_p.reset();
    } else if (is_claude_ && temperature && top_p) {
        drop("top_p"); // newer models refuse both together
        top_p.reset();
    }
    const std::vector<std::string_view> kept = usable_stops(in_, !is_claude_);
    if (!in_.max_tokens && !temperature && !top_p && kept.empty()) return;
    writer_.key("inferenceConfig");
    json::object_writer config(out_);
    if (in_.max_tokens) config.number("maxTokens", *in_.max_tokens);
    if (temperature) {
        config.key("temperature");
        append_scaled(out_, *temperature, temperature_factor::one);
    }
    if (top_p) config.raw("topP", top_p->text);
    if (!kept.empty()) {
        config.key("stopSequences");
        append_texts(out_, kept);
    }
    config.close();
}

void request_writer::tools() {
    const bool has_blocks = has_tool_blocks(in_);
    if (in_.tools.empty() && !has_blocks) return;
    if (in_.choice.kind == choice_kind::none && !has_blocks) return; // there is no such choice
    writer_.key("toolConfig");
    json::object_writer config(out_);
    config.key("tools");
    append_tools(out_, in_);
    if (!in_.tools.empty()) tool_choice(config);
    config.close();
}

void request_writer::tool_choice(json::object_writer& config) {
    choice_kind kind = in_.choice.kind;
    if (kind == choice_kind::absent || kind == choice_kind::none) return;
    const bool forced = kind != choice_kind::automatic;
    if (forced && (thinks() || !traits_.takes_forced_tools)) kind = choice_kind::automatic;
    config.key("toolChoice");
    json::object_writer choice(out_);
    switch (kind) {
    case choice_kind::required: choice.raw("any", "{}"); break;
    case choice_kind::named: {
        choice.key("tool");
        json::object_writer tool(out_);
        tool.text("name", in_.choice.name);
        tool.close();
        break;
    }
    default: choice.raw("auto", "{}"); break;
    }
    choice.close();
}

void request_writer::format() {
    if (in_.format.kind != format_kind::json_schema) return;
    std::string schema;
    append_minified(schema, in_.format.schema.raw());
    writer_.key("outputConfig");
    json::object_writer config(out_);
    config.key("textFormat");
    json::object_writer text(out_);
    text.text("type", "json_schema");
    text.key("structure");
    json::object_writer structure(out_);
    structure.key("jsonSchema");
    json::object_writer described(out_);
    if (!in_.format.name.empty()) described.text("name", in_.format.name);
    described.text("schema", schema);
    described.close();
    structure.close();
    text.close();
    config.close();
}

// What Converse has no member for.
void request_writer::more() {
    bool has_top_k = in_.top_k.has_value();
    if (has_top_k && ((!is_claude_ && !is_nova_) || thinking_.on || !traits_.takes_sampling)) {
        drop("top_k");
        has_top_k = false;
    }
    if (!has_top_k && !thinks()) return;
    writer_.key("additionalModelRequestFields");
    json::object_writer more(out_);
    if (has_top_k && is_claude_) more.number("top_k", in_.top_k.value_or(0));
    if (has_top_k && is_nova_) {
        more.key("inferenceConfig");
        json::object_writer config(out_);
        config.number("topK", in_.top_k.value_or(0));
        config.close();
    }
    more_thinking(more);
    more.close();
}

void request_writer::more_thinking(json::object_writer& more) {
    if (thinking_.on) {
        more.key("thinking");
        anthropic::append_thinking(out_, thinking_);
        if (thinking_.effort.empty()) return;
        more.key("output_config");
        json::object_writer config(out_);
        config.text("effort", thinking_.effort);
        config.close();
        return;
    }
    if (!by_effort_) return;
    switch (thought_) {
    case thought::nova: {
        more.key("reasoningConfig");
        json::object_writer config(out_);
        config.text("type", "enabled");
        config.text("maxReasoningEffort", step_of(in_.reasoning_effort));
        config.close();
        return;
    }
    case thought::effort: return more.text("reasoning_effort", step_of(in_.reasoning_effort));
    case thought::effort_object: {
        more.key("reasoning");
        json::object_writer config(out_);
        config.text("effort", in_.reasoning_effort);
        config.close();
        return;
    }
    default: return;
    }
}

} // namespace

result<void>
write_converse(neutral::request& in, const settings& with, std::string_view model, std::string& out) {
    return request_writer(in, with, model, out).run();
}

} // namespace sluice::providers::bedrock
