// The provider `palm`: a service that Google has shut down, kept for configs that name it (providers.md §9).
#include "core/json/writer.hpp"
#include "providers/answer_pieces.hpp"
#include "providers/config_values.hpp"
#include "providers/embedding_vectors.hpp"
#include "providers/failures.hpp"
#include "providers/list_parts.hpp"
#include "providers/neutral.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/request_pieces.hpp"
#include "providers/sentence.hpp"
#include "providers/temperature.hpp"
#include "providers/told_error.hpp"
#include "providers/upstream_body.hpp"

#include <array>
#include <deque>
#include <utility>
#include <vector>

namespace sluice::providers {

namespace {

constexpr std::string_view palm_base = "https://generativelanguage.googleapis.com";
constexpr std::string_view palm_key_field = "palm_api_key";
constexpr std::array<config_field, 1> palm_fields = {
    {{.name = palm_key_field, .required = true, .secret = true}}};

constexpr std::array<std::string_view, 15> taken_members = {"max_tokens",
                                                            "max_completion_tokens",
                                                            "temperature",
                                                            "top_p",
                                                            "top_k",
                                                            "stop",
                                                            "n",
                                                            "tools",
                                                            "functions",
                                                            "tool_choice",
                                                            "function_call",
                                                            "parallel_tool_calls",
                                                            "response_format",
                                                            "best_of",
                                                            "encoding_format"};
constexpr neutral::dialect palm_dialect = {.provider = "palm", .takes = taken_members, .takes_n = true};

std::string_view verb_of(task kind) noexcept {
    switch (kind) {
    case task::chat: return ":generateMessage";
    case task::completions: return ":generateText";
    case task::embeddings: return ":batchEmbedText";
    }
    return "";
}

result<void> append_message(std::string& out, const neutral::turn& one) {
    if (!one.calls.empty() || one.from == neutral::speaker::tool)
        return fail(neutral::not_supported("tools", palm_dialect));
    std::string text;
    for (const neutral::part& each : one.parts) {
        if (each.kind != neutral::part_kind::text)
            return fail(neutral::not_supported("messages[].content (other than text)", palm_dialect));
        text += each.text;
    }
    json::object_writer message(out);
    message.text("author", one.from == neutral::speaker::assistant ? "1" : "0");
    message.text("content", text);
    message.close();
    return {};
}

result<void> check_chat(const neutral::request& in) {
    if (in.max_tokens) return fail(neutral::not_supported("max_tokens", palm_dialect));
    if (!in.stop.empty()) return fail(neutral::not_supported("stop", palm_dialect));
    if (!in.tools.empty()) return fail(neutral::not_supported("tools", palm_dialect));
    if (in.format.kind != neutral::format_kind::text)
        return fail(neutral::not_supported("response_format", palm_dialect));
    return {};
}

result<void> append_chat_prompt(std::string& out, const neutral::request& in) {
    if (auto good = check_chat(in); !good) return good;
    json::object_writer prompt(out);
    if (!in.system.empty()) prompt.text("context", joined_system(in));
    prompt.key("messages");
    out += '[';
    for (const neutral::turn& each : in.turns) {
        if (&each != &in.turns.front()) out += ',';
        if (auto good = append_message(out, each); !good) return good;
    }
    out += ']';
    prompt.close();
    return {};
}

result<void> append_text_prompt(std::string& out, const neutral::request& in) {
    if (auto good = check_one_prompt(in, palm_dialect); !good) return good;
    json::object_writer prompt(out);
    prompt.text("text", prompt_of(in));
    prompt.close();
    return {};
}

result<void> append_request(std::string& out, const neutral::request& in) {
    json::object_writer writer(out);
    if (in.kind == task::embeddings) {
        writer.key("texts");
        append_texts(out, in.inputs);
        writer.close();
        return {};
    }
    writer.key("prompt");
    auto good = in.kind == task::chat ? append_chat_prompt(out, in) : append_text_prompt(out, in);
    if (!good) return good;
    if (in.temperature) {
        writer.key("temperature");
        append_scaled(out, *in.temperature, temperature_factor::half);
    }
    if (in.n) writer.number("candidateCount", *in.n);
    if (in.max_tokens) writer.number("maxOutputTokens", *in.max_tokens);
    if (!in.stop.empty()) {
        writer.key("stopSequences");
        append_texts(out, in.stop);
    }
    if (in.top_p) writer.raw("topP", in.top_p->text);
    if (in.top_k) writer.number("topK", *in.top_k);
    writer.close();
    return {};
}

// There are none: is_stream_type says so.
class no_stream final : public decoder {
public:
    explicit no_stream(const target& to)
        : to_(to) {}
    [[nodiscard]] result<void> body(std::string_view, std::string&) override { return {}; }
    [[nodiscard]] result<void> end(std::string&) override {
        return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
    }
    [[nodiscard]] bool finished() const noexcept override { return false; }
    [[nodiscard]] usage used() const noexcept override { return {}; }

private:
    const target& to_;
};

class palm_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return palm_dialect.provider; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "palm_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return palm_fields; }
    [[nodiscard]] bool does(task) const noexcept override { return true; }
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override;
    [[nodiscard]] bool is_stream_type(const target&, std::string_view) const noexcept override {
        return false;
    }
    using provider::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call&, const target& to, const answer_context&) const override {
        return std::make_unique<no_stream>(to);
    }
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const override;
};

result<target> palm_api::resolve(std::string_view model,
                                 task kind,
                                 const resolved_config& config,
                                 std::string_view default_base) const {
    auto key = needed_key(config, palm_key_field);
    if (!key) return fail(std::move(key).error());
    target to = begin_target(model, kind);
    std::string path;
    auto parsed = parse_url(default_base.empty() ? palm_base : default_base, path);
    if (!parsed) return fail(std::move(parsed).error());
    to.to = *std::move(parsed);
    if (kind == task::completions) to.most_items = 1;
    path += sentence({"/v1beta3/models/", percent_encode(model), verb_of(kind)});
    if (auto put = put_head(to, path, {"x-goog-api-key", "", *key}); !put)
        return fail(std::move(put).error());
    return to;
}

result<void> palm_api::encode(const unified::call& call, const target&, upstream_request& out) const {
    out.clear();
    neutral::request in;
    auto good = neutral::read(call, palm_dialect, in);
    if (good) good = append_request(out.storage, in);
    if (!good) return good;
    out.dropped = in.dropped.size();
    finish_request(call, out);
    return {};
}

result<answer> read_vectors(const unified::call& call, const target& to, std::string_view body) {
    embeddings_writer writer(wants_base64(call));
    vectors_found found;
    const bool good = read_vectors(body, {"embeddings", "", "value"}, writer, found);
    if (found.is_error) return fail(upstream_stream_error(to, body));
    if (!good || writer.size() != count_items(call)) return fail(upstream_error(to, 200, {}, body, 0));
    answer out;
    out.rewritten = std::move(writer).finish(to.model, {});
    return out;
}

result<answer> palm_api::read_answer(const unified::call& call,
                                     const target& to,
                                     const answer_context& context,
                                     std::string_view body) const {
    if (call.kind == task::embeddings) return read_vectors(call, to, body);
    slices tree;
    std::deque<std::string> texts;
    if (!tree.read(body, author::upstream)) return fail(upstream_error(to, 200, {}, body, 0));
    const slices::node root = tree.root();
    if (tells_error(root["error"])) return fail(upstream_stream_error(to, body));
    std::vector<answered_choice> choices;
    for (const slices::node each : root["candidates"].items()) {
        const slices::node text = each[call.kind == task::chat ? "content" : "output"];
        choices.emplace_back().text = text.text(texts).value_or("");
    }
    // What a filter has held back is named there.
    if (choices.empty() && root["filters"]) choices.emplace_back().reason = finish::content_filter;
    if (choices.empty()) return fail(upstream_error(to, 200, {}, body, 0));
    return make_answer(call, to, context, choices, {});
}

} // namespace

const provider& palm_provider() noexcept {
    static const palm_api instance;
    return instance;
}

} // namespace sluice::providers
