// Whole answers of InvokeModel (providers.md §6.6, §6.7).
#include "core/http/framing.hpp"
#include "providers/ai21.hpp"
#include "providers/answer_pieces.hpp"
#include "providers/bedrock.hpp"
#include "providers/cohere.hpp"
#include "providers/embedding_vectors.hpp"
#include "providers/list_parts.hpp"

#include <array>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

namespace sluice::providers::bedrock {

namespace {

constexpr std::array<finish_name, 5> titan_names = {{
    {"FINISH", finish::stop},
    {"FINISHED", finish::stop},
    {"STOP_CRITERIA_MET", finish::stop},
    {"LENGTH", finish::length},
    {"CONTENT_FILTERED", finish::content_filter},
}};

std::optional<std::int64_t> count_in(const http::field_list* fields, std::string_view name) {
    const auto text = fields == nullptr ? std::nullopt : http::find(*fields, name);
    const auto number = text ? http::parse_decimal(*text) : std::nullopt;
    if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

// What the head of the answer counts.
tally counts_of_head(const answer_context& context, task kind) {
    tally out;
    out.prompt = count_in(context.fields, "x-amzn-bedrock-input-token-count");
    if (kind != task::embeddings)
        out.completion = count_in(context.fields, "x-amzn-bedrock-output-token-count");
    return out;
}

// Of Titan; all others' are read with what their makers' own services answer.
class titan_reader {
public:
    titan_reader(const unified::call& call,
                 const target& to,
                 const answer_context& context,
                 const tally& otherwise)
        : call_(call)
        , to_(to)
        , context_(context)
        , otherwise_(otherwise) {}

    result<answer> read(std::string_view body);

private:
    [[nodiscard]] result<answer> texts(slices::node root, std::string_view body);
    [[nodiscard]] result<answer> vector(slices::node root, std::string_view body);
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }

    const unified::call& call_;
    const target& to_;
    const answer_context& context_;
    const tally& otherwise_;
    std::deque<std::string> texts_;
};

result<answer> titan_reader::texts(slices::node root, std::string_view body) {
    std::vector<answered_choice> choices;
    tally used;
    bool has_end = true;
    used.prompt = root["inputTextTokenCount"].count();
    for (const slices::node each : root["results"].items()) {
        answered_choice& choice = choices.emplace_back();
        choice.text = text(each["outputText"]);
        const std::string_view reason = text(each["completionReason"]);
        has_end = has_end && !reason.empty();
        choice.reason = titan_finish(reason);
        const auto counted = each["tokenCount"].count();
        if (counted) used.completion = add_counts(used.completion.value_or(0), *counted);
    }
    if (!used.known()) used = otherwise_;
    if (choices.empty()) return unusable(to_, context_, used, body);
    if (!has_end) return without_end(to_, context_, used);
    return make_answer(call_, to_, context_, choices, used);
}

result<answer> titan_reader::vector(slices::node root, std::string_view body) {
    tally used;
    used.prompt = root["inputTextTokenCount"].count();
    if (!used.known()) used = otherwise_;
    embeddings_writer writer(wants_base64(call_));
    const bool has_vector = root["embedding"].is(walk::kind::array) && writer.add(root["embedding"].raw());
    if (!has_vector || writer.size() != count_items(call_)) return unusable(to_, context_, used, body);
    answer out;
    out.used = to_usage(used);
    out.rewritten = std::move(writer).finish(to_.model, used);
    return out;
}

result<answer> titan_reader::read(std::string_view body) {
    slices tree;
    if (!tree.read(body, author::upstream)) return unusable(to_, context_, otherwise_, body);
    return call_.kind == task::embeddings ? vector(tree.root(), body) : texts(tree.root(), body);
}

} // namespace

finish titan_finish(std::string_view reason) noexcept {
    return finish_of(reason, titan_names);
}

result<answer> read_invoke_answer(const unified::call& call,
                                  const target& to,
                                  const answer_context& context,
                                  std::string_view body) {
    const tally counted = counts_of_head(context, call.kind);
    switch (settings_of(to).by) {
    case route::claude_messages:
    case route::claude_text: return anthropic::read_json_answer(call, to, context, body, counted);
    case route::cohere_generate:
    case route::cohere_embed: return cohere::read_json_answer(call, to, context, body, counted);
    case route::jurassic: return ai21::read_json_answer(call, to, context, body, counted);
    default: return titan_reader(call, to, context, counted).read(body);
    }
}

} // namespace sluice::providers::bedrock
