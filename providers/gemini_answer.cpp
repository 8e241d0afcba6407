// Whole answers of Gemini (providers.md §7.7), and what they have in common with its streams.
#include "providers/answer_images.hpp"
#include "providers/answer_pieces.hpp"
#include "providers/gemini.hpp"
#include "providers/sentence.hpp"
#include "providers/told_error.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>
#include <vector>

namespace sluice::providers::gemini {

namespace {

constexpr std::array<finish_name, 17> finish_names = {{
    {"STOP", finish::stop},
    {"FINISH_REASON_UNSPECIFIED", finish::stop},
    {"MALFORMED_FUNCTION_CALL", finish::stop},
    {"UNEXPECTED_TOOL_CALL", finish::stop},
    {"TOO_MANY_TOOL_CALLS", finish::stop},
    {"MISSING_THOUGHT_SIGNATURE", finish::stop},
    {"MALFORMED_RESPONSE", finish::stop},
    {"MAX_TOKENS", finish::length},
    {"SAFETY", finish::content_filter},
    {"RECITATION", finish::content_filter},
    {"LANGUAGE", finish::content_filter},
    {"BLOCKLIST", finish::content_filter},
    {"PROHIBITED_CONTENT", finish::content_filter},
    {"SPII", finish::content_filter},
    {"MODEL_ARMOR", finish::content_filter},
    {"OTHER", finish::content_filter},
    {"NO_IMAGE", finish::stop},
}};

class answer_reader {
public:
    answer_reader(const unified::call& call, const target& to, const answer_context& context)
        : call_(call)
        , to_(to)
        , context_(context)
        , ids_(context.id_stem) {}

    result<answer> read(std::string_view body);

private:
    bool candidates(slices::node root);
    answered_choice candidate(slices::node one);
    void part(slices::node one, answered_choice& into);
    void called(slices::node one, answered_choice& into);
    void count(slices::node used);
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }

    const unified::call& call_;
    const target& to_;
    const answer_context& context_;
    id_maker ids_;
    std::vector<answered_choice> choices_;
    counts used_;
    bool has_end_ = true; // every candidate says why it ended
    std::deque<std::string> texts_;
};

void answer_reader::called(slices::node one, answered_choice& into) {
    const slices::node function = one["functionCall"];
    answered_call call;
    call.name = text(function["name"]);
    if (call.name.empty()) return;
    const std::string_view given = text(function["id"]);
    call.id = given.empty() ? ids_.next_call_id() : std::string(given);
    const std::string_view signature = text(one["thoughtSignature"]);
    if (!signature.empty()) call.id.append(signature_mark).append(signature);
    append_minified(call.arguments, function["args"].is(walk::kind::object) ? function["args"].raw() : "{}");
    into.call(std::move(call));
}

void answer_reader::part(slices::node one, answered_choice& into) {
    if (one["functionCall"]) return called(one, into);
    const bool is_thought = one["thought"].boolean().value_or(false);
    is_thought ? into.think(text(one["text"])) : into.say(text(one["text"]));
    const slices::node data = one["inlineData"];
    std::string image = image_url(text(data["mimeType"]), text(data["data"]));
    if (!image.empty() && !is_thought) into.images.push_back(std::move(image)); // drafts are thoughts
}

answered_choice answer_reader::candidate(slices::node one) {
    answered_choice choice;
    for (const slices::node each : one["content"]["parts"].items())
        part(each, choice);
    const std::string_view reason = text(one["finishReason"]);
    choice.reason = finish_of(reason);
    has_end_ = has_end_ && !reason.empty();
    return choice;
}

// In the order of their indexes; one without an index stands where it is in the list.
bool answer_reader::candidates(slices::node root) {
    struct placed {
        std::int64_t index;
        std::size_t position;
        slices::node one;
    };
    std::vector<placed> order;
    for (const slices::node each : root["candidates"].items()) {
        if (!each.is(walk::kind::object)) return false;
        const std::size_t position = order.size();
        order.push_back(
            {each["index"].count().value_or(static_cast<std::int64_t>(position)), position, each});
    }
    std::sort(order.begin(), order.end(), [](const placed& a, const placed& b) {
        return std::pair(a.index, a.position) < std::pair(b.index, b.position);
    });
    choices_.reserve(order.size());
    for (const placed& each : order)
        choices_.push_back(candidate(each.one));
    if (!choices_.empty()) return true;
    if (!root["promptFeedback"]["blockReason"]) return false;
    // A blocked prompt: clients read the first choice unasked.
    choices_.emplace_back().reason = finish::content_filter;
    return true;
}

void answer_reader::count(slices::node used) {
    used_.prompt = used["promptTokenCount"].count();
    used_.tool_prompt = used["toolUsePromptTokenCount"].count();
    used_.candidates = used["candidatesTokenCount"].count();
    used_.thoughts = used["thoughtsTokenCount"].count();
    used_.cached = used["cachedContentTokenCount"].count();
    used_.total = used["totalTokenCount"].count();
}

result<answer> answer_reader::read(std::string_view body) {
    // A list: an error wrapped in one, or a stream that came without events.
    if (body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size())).starts_with('['))
        return fail(upstream_stream_error(to_, body));
    slices tree;
    if (!tree.read(body, author::upstream)) return fail(upstream_error(to_, 200, {}, body, 0));
    const slices::node root = tree.root();
    count(root["usageMetadata"]);
    if (tells_error(root["error"]) || !candidates(root)) return unusable(to_, context_, used_.sum(), body);
    if (!has_end_) return without_end(to_, context_, used_.sum());
    return make_answer(
        call_, to_, context_, choices_, used_.sum(), {text(root["responseId"]), text(root["modelVersion"])});
}

} // namespace

finish finish_of(std::string_view reason) noexcept {
    if (reason.starts_with("IMAGE_")) return finish::content_filter;
    return providers::finish_of(reason, finish_names);
}

tally counts::sum() const noexcept {
    tally out;
    if (!known()) return out;
    const std::int64_t asked = add_counts(prompt.value_or(0), tool_prompt.value_or(0));
    const std::int64_t said = add_counts(candidates.value_or(0), 0);
    const bool are_inside = total && add_counts(asked, said) == *total;
    if (prompt || tool_prompt) out.prompt = asked;
    if (candidates || thoughts) out.completion = are_inside ? said : add_counts(said, thoughts.value_or(0));
    out.total = total;
    out.cached = cached;
    out.reasoning = thoughts;
    return out;
}

result<answer> read_content(const unified::call& call,
                            const target& to,
                            const answer_context& context,
                            std::string_view body) {
    return answer_reader(call, to, context).read(body);
}

} // namespace sluice::providers::gemini
