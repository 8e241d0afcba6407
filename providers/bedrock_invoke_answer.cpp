// Whole answers of InvokeModel (providers.md §6.6, §6.7).
#include "core/http/framing.hpp"
#include "providers/bedrock.hpp"
#include "providers/cohere.hpp"
#include "providers/embedding_vectors.hpp"
#include "providers/slices.hpp"

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
constexpr std::array<finish_name, 3> jurassic_names = {{
    {"endoftext", finish::stop},
    {"stop", finish::stop},
    {"length", finish::length},
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

std::int64_t size_of(slices::node list) {
    std::int64_t size = 0;
    for ([[maybe_unused]] const slices::node each : list.items())
        ++size;
    return size;
}

class answer_reader {
public:
    answer_reader(const unified::call& call, const target& to, const answer_context& context)
        : call_(call)
        , to_(to)
        , context_(context)
        , by_(settings_of(to).by)
        , ids_(context.id_stem) {}

    result<answer> read(std::string_view body);

private:
    bool titan(slices::node root);
    bool jurassic(slices::node root);
    [[nodiscard]] result<answer> embeddings(slices::node root);
    [[nodiscard]] result<answer> texts(slices::node root);
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }
    [[nodiscard]] tl::unexpected<error> unusable() const {
        return fail(upstream_error(to_, 200, {}, body_, 0));
    }

    const unified::call& call_;
    const target& to_;
    const answer_context& context_;
    const route by_;
    id_maker ids_;
    std::string_view body_;
    std::vector<answered_choice> choices_;
    std::string id_;
    tally used_;
    std::deque<std::string> texts_;
};

bool answer_reader::titan(slices::node root) {
    if (!root["results"].is(walk::kind::array)) return false;
    used_.prompt = root["inputTextTokenCount"].count();
    for (const slices::node each : root["results"].items()) {
        answered_choice& choice = choices_.emplace_back();
        choice.text = text(each["outputText"]);
        choice.reason = titan_finish(text(each["completionReason"]));
        const auto counted = each["tokenCount"].count();
        if (counted) used_.completion = add_counts(used_.completion.value_or(0), *counted);
    }
    return true;
}

bool answer_reader::jurassic(slices::node root) {
    if (!root["completions"].is(walk::kind::array)) return false;
    const slices::node id = root["id"]; // may be a number
    id_ = id.is(walk::kind::number) ? id.raw() : text(id);
    if (root["prompt"]["tokens"].is(walk::kind::array)) used_.prompt = size_of(root["prompt"]["tokens"]);
    for (const slices::node each : root["completions"].items()) {
        const slices::node data = each["data"];
        answered_choice& choice = choices_.emplace_back();
        choice.text = text(data["text"]);
        choice.reason = finish_of(text(each["finishReason"]["reason"]), jurassic_names);
        if (data["tokens"].is(walk::kind::array))
            used_.completion = add_counts(used_.completion.value_or(0), size_of(data["tokens"]));
    }
    return true;
}

result<answer> answer_reader::texts(slices::node root) {
    bool good = false;
    switch (by_) {
    case route::titan_text: good = titan(root); break;
    case route::jurassic: good = jurassic(root); break;
    default: break;
    }
    if (!good || choices_.empty()) return unusable();
    if (!used_.known()) used_ = counts_of_head(context_, call_.kind);
    if (id_.empty()) id_ = ids_.answer_id(call_.kind);
    answer out;
    out.used = to_usage(used_);
    out.has_choices = true;
    out.rewritten = write_answer(call_.kind, {id_, to_.model, context_.created}, choices_, used_);
    return out;
}

// Of Titan, which embeds one text.
result<answer> answer_reader::embeddings(slices::node root) {
    embeddings_writer writer(wants_base64(call_));
    used_.prompt = root["inputTextTokenCount"].count();
    if (!root["embedding"].is(walk::kind::array) || !writer.add(root["embedding"].raw())) return unusable();
    if (writer.size() != count_sent(call_)) return unusable();
    if (!used_.known()) used_ = counts_of_head(context_, call_.kind);
    answer out;
    out.used = to_usage(used_);
    out.rewritten = std::move(writer).finish(to_.model, used_);
    return out;
}

result<answer> answer_reader::read(std::string_view body) {
    body_ = body;
    slices tree;
    if (!tree.read(body, author::upstream)) return unusable();
    return call_.kind == task::embeddings ? embeddings(tree.root()) : texts(tree.root());
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
    default: return answer_reader(call, to, context).read(body);
    }
}

} // namespace sluice::providers::bedrock
