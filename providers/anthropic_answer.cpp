// Whole answers of Anthropic (providers.md §3.5, §3.8).
#include "providers/answer_pieces.hpp"
#include "providers/anthropic.hpp"
#include "providers/told_error.hpp"

#include <array>
#include <deque>
#include <utility>

namespace sluice::providers::anthropic {

namespace {

constexpr std::array<finish_name, 7> finish_names = {{
    {"end_turn", finish::stop},
    {"stop_sequence", finish::stop},
    {"pause_turn", finish::stop},
    {"max_tokens", finish::length},
    {"model_context_window_exceeded", finish::length},
    {"tool_use", finish::tool_calls},
    {"refusal", finish::content_filter},
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
        , otherwise_(otherwise) {}

    result<answer> read(std::string_view body);

private:
    void blocks(slices::node content);
    void count(slices::node used);
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }

    const unified::call& call_;
    const target& to_;
    const answer_context& context_;
    const tally& otherwise_;
    answered_choice choice_;
    counts used_;
    std::deque<std::string> texts_;
};

void answer_reader::blocks(slices::node content) {
    for (const slices::node each : content.items()) {
        const std::string_view type = text(each["type"]);
        if (type == "text") {
            choice_.say(text(each["text"]));
        } else if (type == "thinking") {
            choice_.think(text(each["thinking"]), text(each["signature"]));
        } else if (type == "redacted_thinking") {
            choice_.think_unseen(text(each["data"]));
        } else if (type == "tool_use") {
            answered_call call;
            call.id = text(each["id"]);
            call.name = text(each["name"]);
            append_minified(call.arguments, each["input"] ? each["input"].raw() : "{}");
            choice_.call(std::move(call));
        }
    }
}

void answer_reader::count(slices::node used) {
    used_.input = used["input_tokens"].count();
    used_.output = used["output_tokens"].count();
    used_.cache_read = used["cache_read_input_tokens"].count();
    used_.cache_creation = used["cache_creation_input_tokens"].count();
    used_.thinking = used["output_tokens_details"]["thinking_tokens"].count();
}

result<answer> answer_reader::read(std::string_view body) {
    slices tree;
    if (!tree.read(body, author::upstream)) return unusable(to_, context_, otherwise_, body);
    const slices::node root = tree.root();
    const std::string_view type = text(root["type"]);
    count(root["usage"]);
    const tally counted = used_.sum();
    const tally& used = counted.known() ? counted : otherwise_;
    if (type == "error" || tells_error(root["error"])) return unusable(to_, context_, used, body);
    if (root["completion"].is(walk::kind::string)) {
        choice_.text = text(root["completion"]);
    } else if (root["content"].is(walk::kind::array)) {
        blocks(root["content"]);
    } else {
        return unusable(to_, context_, used, body);
    }
    const std::string_view reason = text(root["stop_reason"]);
    choice_.reason = finish_of(reason);
    if (reason.empty()) return without_end(to_, context_, used);
    return make_answer(call_, to_, context_, {&choice_, 1}, used, {text(root["id"]), text(root["model"])});
}

} // namespace

tally counts::sum() const noexcept {
    tally out;
    if (input || cache_read || cache_creation) {
        out.prompt =
            add_counts(add_counts(input.value_or(0), cache_read.value_or(0)), cache_creation.value_or(0));
    }
    out.completion = output;
    out.cached = cache_read;
    out.cache_write = cache_creation;
    out.reasoning = thinking;
    return out;
}

finish finish_of(std::string_view stop_reason) noexcept {
    return providers::finish_of(stop_reason, finish_names);
}

result<answer> read_json_answer(const unified::call& call,
                                const target& to,
                                const answer_context& context,
                                std::string_view body,
                                const tally& otherwise) {
    return answer_reader(call, to, context, otherwise).read(body);
}

} // namespace sluice::providers::anthropic
