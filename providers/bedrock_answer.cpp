// Whole answers of Converse (providers.md §6.4).
#include "providers/answer_pieces.hpp"
#include "providers/bedrock.hpp"

#include <array>
#include <deque>
#include <utility>

namespace sluice::providers::bedrock {

namespace {

constexpr std::array<finish_name, 9> finish_names = {{
    {"end_turn", finish::stop},
    {"stop_sequence", finish::stop},
    {"malformed_model_output", finish::stop},
    {"malformed_tool_use", finish::stop},
    {"max_tokens", finish::length},
    {"model_context_window_exceeded", finish::length},
    {"tool_use", finish::tool_calls},
    {"guardrail_intervened", finish::content_filter},
    {"content_filtered", finish::content_filter},
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
    void block(slices::node one);
    void thought(slices::node content);
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }

    const unified::call& call_;
    const target& to_;
    const answer_context& context_;
    id_maker ids_;
    answered_choice choice_;
    std::deque<std::string> texts_;
};

void answer_reader::block(slices::node one) {
    choice_.say(text(one["text"]));
    for (const slices::node piece : one["citationsContent"]["content"].items())
        choice_.say(text(piece["text"]));
    thought(one["reasoningContent"]);
    const slices::node use = one["toolUse"];
    if (!use.is(walk::kind::object)) return;
    answered_call call;
    call.id = use["toolUseId"] ? std::string(text(use["toolUseId"])) : ids_.next_call_id();
    call.name = text(use["name"]);
    append_minified(call.arguments, use["input"].is(walk::kind::object) ? use["input"].raw() : "{}");
    choice_.call(std::move(call));
}

// Claude wants its own back, signed; other models do not.
void answer_reader::thought(slices::node content) {
    const slices::node said = content["reasoningText"];
    if (settings_of(to_).of != family::anthropic) return choice_.think(text(said["text"]));
    choice_.think(text(said["text"]), text(said["signature"]));
    choice_.think_unseen(text(content["redactedContent"]));
}

tally counted(slices::node used) {
    counts found;
    found.input = used["inputTokens"].count();
    found.output = used["outputTokens"].count();
    found.cache_read = used["cacheReadInputTokens"].count();
    found.cache_write = used["cacheWriteInputTokens"].count();
    return found.sum();
}

result<answer> answer_reader::read(std::string_view body) {
    slices tree;
    if (!tree.read(body, author::upstream)) return fail(upstream_error(to_, 200, {}, body, 0));
    const slices::node root = tree.root();
    const tally used = counted(root["usage"]);
    const slices::node content = root["output"]["message"]["content"];
    if (!content.is(walk::kind::array)) return unusable(to_, context_, used, body);
    for (const slices::node each : content.items())
        block(each);
    const std::string_view reason = text(root["stopReason"]);
    choice_.reason = converse_finish(reason);
    if (reason.empty()) return without_end(to_, context_, used);
    return make_answer(call_, to_, context_, {&choice_, 1}, used);
}

} // namespace

finish converse_finish(std::string_view reason) noexcept {
    return finish_of(reason, finish_names);
}

result<answer> read_converse_answer(const unified::call& call,
                                    const target& to,
                                    const answer_context& context,
                                    std::string_view body) {
    return answer_reader(call, to, context).read(body);
}

} // namespace sluice::providers::bedrock
