// Requests to Cohere (providers.md §4.2, §4.5, §4.6).
#include "core/json/writer.hpp"
#include "providers/cohere_messages.hpp"
#include "providers/request_pieces.hpp"
#include "providers/sentence.hpp"
#include "providers/temperature.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::providers::cohere {

namespace {

using neutral::choice_kind;
using neutral::format_kind;

constexpr std::array<std::string_view, 20> taken_members = {"max_tokens",
                                                            "max_completion_tokens",
                                                            "temperature",
                                                            "top_p",
                                                            "top_k",
                                                            "stop",
                                                            "n",
                                                            "seed",
                                                            "presence_penalty",
                                                            "frequency_penalty",
                                                            "logprobs",
                                                            "response_format",
                                                            "tools",
                                                            "functions",
                                                            "tool_choice",
                                                            "function_call",
                                                            "reasoning_effort",
                                                            "dimensions",
                                                            "encoding_format",
                                                            "input_type"};

constexpr std::size_t penalties_of_generate = 2; // the last ones
constexpr std::array<std::string_view, 9> taken_by_generate = {"max_tokens",
                                                               "max_completion_tokens",
                                                               "temperature",
                                                               "top_p",
                                                               "top_k",
                                                               "stop",
                                                               "n",
                                                               "presence_penalty",
                                                               "frequency_penalty"};

constexpr std::int64_t largest_k = 500;
constexpr double least_p = 0.01;
constexpr double largest_p = 0.99;

class request_writer {
public:
    request_writer(neutral::request& in, std::string_view model, const flavour& of, std::string& out)
        : in_(in)
        , of_(of)
        , out_(out)
        , writer_(out) {
        if (of.sends_model) writer_.text("model", model);
    }

    result<void> chat(std::string_view model);
    result<void> generate();
    result<void> embed();

private:
    void limits(temperature_factor factor);
    void penalties();
    void format();
    result<void> tools();
    void thinking(std::string_view model);
    void stream();
    result<void> own_text(std::string_view name, std::string_view otherwise = {});
    void drop(std::string_view name) { in_.dropped.push_back(name); }

    neutral::request& in_;
    const flavour& of_;
    std::string& out_;
    json::object_writer writer_;
};

result<void> request_writer::chat(std::string_view model) {
    writer_.key("messages");
    if (auto good = append_messages(in_, dialect_of(of_), out_); !good) return good;
    limits(temperature_factor::one);
    if (in_.seed) writer_.number("seed", *in_.seed);
    penalties();
    if (in_.kind == task::chat && in_.logprobs) writer_.boolean("logprobs", true);
    format();
    if (auto good = tools(); !good) return good;
    thinking(model);
    stream();
    writer_.close();
    return {};
}

result<void> request_writer::generate() {
    writer_.text("prompt", prompt_of(in_));
    if (in_.n) writer_.number("num_generations", *in_.n);
    limits(temperature_factor::two_and_a_half);
    if (of_.takes_penalties) penalties();
    stream();
    writer_.close();
    return {};
}

// Values beyond what the API takes mean the same at its limit.
void request_writer::limits(temperature_factor factor) {
    if (in_.max_tokens) writer_.number("max_tokens", *in_.max_tokens);
    if (in_.temperature) {
        writer_.key("temperature");
        append_scaled(out_, *in_.temperature, factor);
    }
    if (in_.top_p) {
        std::string_view p = in_.top_p->text;
        if (in_.top_p->value < least_p) p = "0.01";
        if (in_.top_p->value > largest_p) p = "0.99";
        writer_.raw("p", p);
    }
    if (in_.top_k) writer_.number("k", std::min(*in_.top_k, largest_k));
    const std::vector<std::string_view> stops = usable_stops(in_);
    if (stops.empty()) return;
    writer_.key("stop_sequences");
    append_texts(out_, stops);
}

// Only 0 to 1, and newer models refuse both together.
void request_writer::penalties() {
    const auto is_usable = [](const std::optional<neutral::number>& given) {
        return given && given->value >= 0 && given->value <= 1;
    };
    const std::optional<neutral::number>& frequency = in_.frequency_penalty;
    const std::optional<neutral::number>& presence = in_.presence_penalty;
    bool sends_frequency = is_usable(frequency);
    bool sends_presence = is_usable(presence);
    if (sends_frequency && sends_presence && frequency && presence) {
        sends_frequency = frequency->value != 0 || presence->value == 0;
        sends_presence = !sends_frequency;
    }
    if (frequency && sends_frequency) writer_.raw("frequency_penalty", frequency->text);
    if (frequency && !sends_frequency) drop("frequency_penalty");
    if (presence && sends_presence) writer_.raw("presence_penalty", presence->text);
    if (presence && !sends_presence) drop("presence_penalty");
}

void request_writer::format() {
    if (in_.format.kind == format_kind::text) return;
    writer_.key("response_format");
    json::object_writer format(out_);
    format.text("type", "json_object");
    if (in_.format.kind == format_kind::json_schema) {
        format.key("json_schema");
        append_minified(out_, in_.format.schema.raw());
    }
    format.close();
}

// A choice by name has no counterpart: only that tool is sent, and one is required.
result<void> request_writer::tools() {
    if (in_.tools.empty()) return {};
    std::span<const neutral::tool> sent = in_.tools;
    if (in_.choice.kind == choice_kind::named) {
        const auto named =
            std::find_if(in_.tools.begin(), in_.tools.end(), [this](const neutral::tool& each) {
                return each.name == in_.choice.name;
            });
        if (named == in_.tools.end())
            return fail(errc::bad_request, "'tool_choice' names a function that is not among the tools.");
        sent = {&*named, 1};
    }
    writer_.key("tools");
    append_functions(out_, sent, true);
    if (in_.choice.kind == choice_kind::none) writer_.text("tool_choice", "NONE");
    if (in_.choice.kind == choice_kind::required || in_.choice.kind == choice_kind::named)
        writer_.text("tool_choice", "REQUIRED");
    return {};
}

void request_writer::thinking(std::string_view model) {
    if (in_.reasoning_effort.empty()) return;
    if (model.find("reasoning") == std::string_view::npos) return drop("reasoning_effort");
    writer_.key("thinking");
    json::object_writer thinking(out_);
    thinking.text("type", in_.reasoning_effort == "none" ? "disabled" : "enabled");
    thinking.close();
}

void request_writer::stream() {
    if (in_.stream || of_.sends_stream_false) writer_.boolean("stream", in_.stream);
}

// A member that only Cohere has, as the client gave it.
result<void> request_writer::own_text(std::string_view name, std::string_view otherwise) {
    const slices::node value = in_.tree.root()[name];
    const auto given = value.text(in_.texts);
    if (value && !given) return fail(errc::bad_request, sentence({"'", name, "' must be a text."}));
    if (given || !otherwise.empty()) writer_.text(name, given.value_or(otherwise));
    return {};
}

result<void> request_writer::embed() {
    writer_.key("texts");
    append_texts(out_, in_.inputs);
    if (auto good = own_text("input_type", "search_document"); !good) return good;
    if (of_.sends_embedding_types) writer_.raw("embedding_types", R"(["float"])");
    if (in_.dimensions && of_.takes_dimensions) writer_.number("output_dimension", *in_.dimensions);
    if (in_.dimensions && !of_.takes_dimensions) drop("dimensions");
    if (of_.takes_truncate) {
        if (auto good = own_text("truncate"); !good) return good;
    }
    writer_.close();
    return {};
}

} // namespace

neutral::dialect dialect_of(const flavour& of) noexcept {
    neutral::dialect dialect;
    dialect.provider = of.provider;
    dialect.takes = taken_members;
    return dialect;
}

neutral::dialect generate_dialect_of(const flavour& of) noexcept {
    neutral::dialect dialect;
    dialect.provider = of.provider;
    dialect.takes = taken_by_generate;
    if (!of.takes_penalties)
        dialect.takes = dialect.takes.first(dialect.takes.size() - penalties_of_generate);
    dialect.takes_n = true;
    return dialect;
}

result<void> write_chat(neutral::request& in, std::string_view model, const flavour& of, std::string& out) {
    if (auto good = check_one_prompt(in, dialect_of(of)); !good) return good;
    return request_writer(in, model, of, out).chat(model);
}

result<void>
write_generate(neutral::request& in, std::string_view model, const flavour& of, std::string& out) {
    if (auto good = check_one_prompt(in, dialect_of(of)); !good) return good;
    return request_writer(in, model, of, out).generate();
}

result<void> write_embed(neutral::request& in, std::string_view model, const flavour& of, std::string& out) {
    return request_writer(in, model, of, out).embed();
}

} // namespace sluice::providers::cohere
