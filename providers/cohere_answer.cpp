// Whole answers of Cohere (providers.md §4.3, §4.5, §4.6).
#include "providers/answer_pieces.hpp"
#include "providers/cohere.hpp"
#include "providers/embedding_vectors.hpp"
#include "providers/list_parts.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>
#include <vector>

namespace sluice::providers::cohere {

namespace {

constexpr std::array<finish_name, 5> finish_names = {{
    {"COMPLETE", finish::stop},
    {"STOP_SEQUENCE", finish::stop},
    {"MAX_TOKENS", finish::length},
    {"TOOL_CALL", finish::tool_calls},
    {"ERROR_TOXIC", finish::content_filter},
}};

class answer_reader {
public:
    answer_reader(const unified::call& call,
                  const target& to,
                  const answer_context& context,
                  const tally& otherwise)
        : call_(call)
        , to_(to)
        , context_(context)
        , otherwise_(otherwise)
        , ids_(context.id_stem) {}

    result<answer> read(std::string_view body);

private:
    [[nodiscard]] bool chat(slices::node root);
    void content(slices::node of, answered_choice& choice);
    [[nodiscard]] bool generations(slices::node root);
    [[nodiscard]] result<answer> embeddings(slices::node root, std::string_view body);
    void count(slices::node used);
    [[nodiscard]] tally best(const tally& counted) const noexcept {
        return counted.known() ? counted : otherwise_;
    }
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }

    const unified::call& call_;
    const target& to_;
    const answer_context& context_;
    const tally& otherwise_;
    id_maker ids_;
    std::vector<answered_choice> choices_;
    counts counts_;
    bool has_end_ = true; // v1 may leave the reason out (providers.md §4.6)
    std::deque<std::string> texts_;
};

// False: it failed, whatever its status says.
bool answer_reader::chat(slices::node root) {
    const std::string_view reason = text(root["finish_reason"]);
    if (is_failure(reason)) return false;
    has_end_ = !reason.empty();
    const slices::node message = root["message"];
    answered_choice& choice = choices_.emplace_back();
    choice.reason = cohere::finish_of(reason);
    choice.text = text(message["tool_plan"]);
    content(message["content"], choice);
    choice.calls = read_calls(message["tool_calls"], ids_, texts_);
    return true;
}

void answer_reader::content(slices::node of, answered_choice& choice) {
    choice.text += text(of);
    if (!of.is(walk::kind::array)) return;
    for (const slices::node each : of.items()) {
        const std::string_view type = text(each["type"]);
        if (type == "text") choice.text += text(each["text"]);
        if (type == "thinking") choice.reasoning += text(each["thinking"]);
    }
}

bool answer_reader::generations(slices::node root) {
    if (!root["generations"].is(walk::kind::array)) return false;
    for (const slices::node each : root["generations"].items()) {
        const std::string_view reason = text(each["finish_reason"]);
        if (is_failure(reason)) return false;
        answered_choice& choice = choices_.emplace_back();
        choice.text = text(each["text"]);
        choice.reason = cohere::finish_of(reason);
    }
    return !choices_.empty();
}

void answer_reader::count(slices::node used) {
    counts_.input = used["tokens"]["input_tokens"].count();
    counts_.output = used["tokens"]["output_tokens"].count();
    counts_.billed_input = used["billed_units"]["input_tokens"].count();
    counts_.billed_output = used["billed_units"]["output_tokens"].count();
    counts_.cached = used["cached_tokens"].count();
}

// {"embeddings":{"float":[[…]]}}, or of v1 and Bedrock {"embeddings":[[…]]}.
result<answer> answer_reader::embeddings(slices::node root, std::string_view body) {
    const tally used = best(counts_.of_meta());
    const slices::node given = root["embeddings"];
    const slices::node list = given.is(walk::kind::object) ? given["float"] : given;
    if (!list.is(walk::kind::array)) return unusable(to_, context_, used, body);
    embeddings_writer writer(wants_base64(call_));
    for (const slices::node each : list.items()) {
        if (!writer.add(each.raw())) return unusable(to_, context_, used, body);
    }
    // A vector that is missing would give all behind it to the wrong text.
    if (writer.size() != count_items(call_)) return unusable(to_, context_, used, body);
    answer out;
    out.used = to_usage(used);
    out.rewritten = std::move(writer).finish(to_.model, used);
    return out;
}

result<answer> answer_reader::read(std::string_view body) {
    slices tree;
    if (!tree.read(body, author::upstream)) return unusable(to_, context_, otherwise_, body);
    const slices::node root = tree.root();
    const bool has_message = root["message"].is(walk::kind::object);
    const bool is_chat = call_.kind != task::embeddings && (has_message || root["usage"]);
    count(root[is_chat ? "usage" : "meta"]);
    if (call_.kind == task::embeddings) return embeddings(root, body);
    const bool good = has_message ? chat(root) : generations(root);
    const tally used = best(is_chat ? counts_.of_chat() : counts_.of_meta());
    if (!good) return unusable(to_, context_, used, body);
    if (!has_end_) return without_end(to_, context_, used);
    return make_answer(call_, to_, context_, choices_, used, {text(root["id"]), {}});
}

} // namespace

tally counts::of_chat() const noexcept {
    tally out;
    out.prompt = input;
    out.completion = output;
    out.cached = cached;
    return out;
}

tally counts::of_meta() const noexcept {
    if (input || output) return of_chat();
    tally out;
    out.prompt = billed_input;
    out.completion = billed_output;
    out.cached = cached;
    return out;
}

finish finish_of(std::string_view finish_reason) noexcept {
    return providers::finish_of(finish_reason, finish_names);
}

bool is_failure(std::string_view finish_reason) noexcept {
    return finish_reason == "ERROR" || finish_reason == "ERROR_LIMIT" || finish_reason == "TIMEOUT";
}

result<answer> read_json_answer(const unified::call& call,
                                const target& to,
                                const answer_context& context,
                                std::string_view body,
                                const tally& otherwise) {
    return answer_reader(call, to, context, otherwise).read(body);
}

} // namespace sluice::providers::cohere
