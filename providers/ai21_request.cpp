// Requests to AI21 (providers.md §5).
#include "core/json/writer.hpp"
#include "providers/ai21.hpp"
#include "providers/request_pieces.hpp"
#include "providers/temperature.hpp"

#include <array>
#include <vector>

namespace sluice::providers::ai21 {

namespace {

using neutral::choice_kind;
using neutral::format_kind;
using neutral::speaker;
using neutral::turn;

constexpr std::array<std::string_view, 12> taken_members = {"max_tokens",
                                                            "max_completion_tokens",
                                                            "temperature",
                                                            "top_p",
                                                            "stop",
                                                            "n",
                                                            "seed",
                                                            "response_format",
                                                            "tools",
                                                            "functions",
                                                            "tool_choice",
                                                            "function_call"};

constexpr std::array<std::string_view, 9> taken_by_complete = {"max_tokens",
                                                               "max_completion_tokens",
                                                               "temperature",
                                                               "top_p",
                                                               "stop",
                                                               "n",
                                                               "presence_penalty",
                                                               "frequency_penalty",
                                                               "top_k"}; // the last, for some

class request_writer {
public:
    request_writer(neutral::request& in, std::string_view provider, std::string& out)
        : in_(in)
        , provider_(provider)
        , out_(out)
        , writer_(out) {}

    result<void> chat(std::string_view model);
    void complete(bool takes_top_k);

private:
    result<void> messages();
    result<void> message(const turn& one);
    void text_message(std::string_view role, std::string_view content);
    void stops(std::string_view name);
    result<void> format();
    void tools();
    void penalty(std::string_view name, const std::optional<neutral::number>& scale);
    [[nodiscard]] neutral::dialect dialect() const noexcept { return dialect_of(provider_); }
    void next() {
        if (!first_) out_ += ',';
        first_ = false;
    }

    neutral::request& in_;
    std::string_view provider_;
    std::string& out_;
    json::object_writer writer_;
    bool first_ = true; // message of the list
};

result<void> request_writer::chat(std::string_view model) {
    writer_.text("model", model);
    writer_.key("messages");
    if (auto good = messages(); !good) return good;
    if (in_.max_tokens) writer_.number("max_tokens", *in_.max_tokens);
    if (in_.temperature) writer_.raw("temperature", in_.temperature->text);
    if (in_.top_p) writer_.raw("top_p", in_.top_p->text);
    stops("stop");
    if (in_.n) writer_.number("n", *in_.n);
    if (in_.seed) writer_.number("seed", *in_.seed);
    tools();
    if (auto good = format(); !good) return good;
    if (in_.stream) writer_.boolean("stream", true);
    writer_.close();
    return {};
}

result<void> request_writer::messages() {
    out_ += '[';
    if (!in_.system.empty()) text_message("system", joined_system(in_));
    for (const turn& each : in_.turns) {
        if (auto good = message(each); !good) return good;
    }
    if (in_.kind == task::completions) text_message("user", prompt_of(in_));
    out_ += ']';
    return {};
}

void request_writer::text_message(std::string_view role, std::string_view content) {
    next();
    json::object_writer message(out_);
    message.text("role", role);
    message.text("content", content);
    message.close();
}

result<void> request_writer::message(const turn& one) {
    for (const neutral::tool_result& each : one.results) {
        const auto said = joined_text(each.parts, dialect());
        if (!said) return fail(said.error());
        next();
        json::object_writer message(out_);
        message.text("role", "tool");
        message.text("tool_call_id", each.call_id);
        message.text("content", *said);
        message.close();
    }
    if (one.from == speaker::tool) return {};
    const auto said = joined_text(one.parts, dialect());
    if (!said) return fail(said.error());
    next();
    json::object_writer message(out_);
    message.text("role", one.from == speaker::user ? "user" : "assistant");
    if (!said->empty() || one.calls.empty()) message.text("content", *said);
    if (!one.calls.empty()) {
        message.key("tool_calls");
        append_calls(out_, one.calls);
    }
    message.close();
    return {};
}

void request_writer::stops(std::string_view name) {
    const std::vector<std::string_view> kept = usable_stops(in_);
    if (kept.empty()) return;
    writer_.key(name);
    append_texts(out_, kept);
}

result<void> request_writer::format() {
    if (in_.format.kind == format_kind::json_schema)
        return fail(neutral::not_supported("response_format.json_schema", dialect()));
    if (in_.format.kind == format_kind::json_object)
        writer_.raw("response_format", R"({"type":"json_object"})");
    return {};
}

void request_writer::tools() {
    if (in_.tools.empty()) return;
    writer_.key("tools");
    append_functions(out_, in_.tools, false);
    switch (in_.choice.kind) {
    case choice_kind::absent: return;
    case choice_kind::automatic: return writer_.text("tool_choice", "auto");
    case choice_kind::none: return writer_.text("tool_choice", "none");
    case choice_kind::required: return writer_.text("tool_choice", "required");
    case choice_kind::named: break;
    }
    writer_.key("tool_choice");
    json::object_writer choice(out_);
    choice.text("type", "function");
    choice.key("function");
    json::object_writer function(out_);
    function.text("name", in_.choice.name);
    function.close();
    choice.close();
}

void request_writer::complete(bool takes_top_k) {
    writer_.text("prompt", prompt_of(in_));
    if (in_.n) writer_.number("numResults", *in_.n);
    if (in_.max_tokens) writer_.number("maxTokens", *in_.max_tokens);
    if (in_.temperature) writer_.raw("temperature", in_.temperature->text);
    if (in_.top_p) writer_.raw("topP", in_.top_p->text);
    if (in_.top_k && takes_top_k) writer_.number("topKReturn", *in_.top_k);
    stops("stopSequences");
    penalty("presencePenalty", in_.presence_penalty);
    penalty("frequencyPenalty", in_.frequency_penalty);
    writer_.close();
}

void request_writer::penalty(std::string_view name, const std::optional<neutral::number>& scale) {
    if (!scale) return;
    writer_.key(name);
    json::object_writer penalty(out_);
    penalty.raw("scale", scale->text);
    penalty.close();
}

neutral::dialect make_dialect(std::string_view provider, std::span<const std::string_view> takes) noexcept {
    neutral::dialect dialect;
    dialect.provider = provider;
    dialect.takes = takes;
    dialect.takes_n = true;
    return dialect;
}

} // namespace

neutral::dialect dialect_of(std::string_view provider) noexcept {
    return make_dialect(provider, taken_members);
}

neutral::dialect complete_dialect_of(const flavour& of) noexcept {
    const std::span<const std::string_view> all = taken_by_complete;
    return make_dialect(of.provider, of.takes_top_k ? all : all.first(all.size() - 1));
}

result<void>
write_chat(neutral::request& in, std::string_view model, std::string_view provider, std::string& out) {
    if (auto good = check_one_prompt(in, dialect_of(provider)); !good) return good;
    return request_writer(in, provider, out).chat(model);
}

result<void> write_complete(neutral::request& in, const flavour& of, std::string& out) {
    if (auto good = check_one_prompt(in, dialect_of(of.provider)); !good) return good;
    request_writer(in, of.provider, out).complete(of.takes_top_k);
    return {};
}

} // namespace sluice::providers::ai21
