#include "providers/answer_stream.hpp"

#include "providers/chunk_writer.hpp"
#include "providers/slices.hpp"

#include <array>
#include <deque>

namespace sluice::providers {

namespace {

constexpr std::array<finish_name, 4> finish_names = {{{"stop", finish::stop},
                                                      {"length", finish::length},
                                                      {"tool_calls", finish::tool_calls},
                                                      {"content_filter", finish::content_filter}}};

tally tally_of(slices::node used) {
    tally out;
    out.prompt = used["prompt_tokens"].count();
    out.completion = used["completion_tokens"].count();
    out.total = used["total_tokens"].count();
    out.cached = used["prompt_tokens_details"]["cached_tokens"].count();
    out.cache_write = used["prompt_tokens_details"]["cache_write_tokens"].count();
    out.reasoning = used["completion_tokens_details"]["reasoning_tokens"].count();
    return out;
}

class stream_of_answer {
public:
    stream_of_answer(std::string& out, const unified::call& call, slices::node root)
        : out_(out)
        , chunks_(call.kind, root["created"].count().value_or(0), call.include_usage)
        , is_chat_(call.kind == task::chat) {
        chunks_.begin(text(root["id"]), text(root["model"]));
    }

    // False: it does not say why it ended.
    [[nodiscard]] bool choice(slices::node of, std::size_t index) {
        const std::string_view reason = text(of["finish_reason"]);
        if (reason.empty()) return false;
        chunks_.role(out_, index);
        if (is_chat_) {
            message(of["message"], index);
        } else {
            chunks_.content(out_, piece::plain(text(of["text"])), index);
        }
        chunks_.finish(out_, finish_of(reason, finish_names), index);
        return true;
    }
    void end(slices::node used) { chunks_.end(out_, tally_of(used)); }

private:
    [[nodiscard]] std::string_view text(slices::node value) { return value.text(texts_).value_or(""); }

    void message(slices::node of, std::size_t index) {
        of["sluice_content_blocks"] ? blocks(of, index) : parts(of, index);
    }
    // As the model made them (answered_blocks.hpp).
    void blocks(slices::node of, std::size_t index) {
        const slices::range calls = of["tool_calls"].items();
        auto next = calls.begin();
        for (const slices::node each : of["sluice_content_blocks"].items()) {
            const std::string_view type = text(each["type"]);
            if (type == "text") {
                chunks_.content(out_, piece::plain(text(each["text"])), index);
            } else if (type == "thinking" && !each["signature"]) {
                chunks_.reasoning(out_, piece::plain(text(each["thinking"])), index);
            } else if (type != "tool_use") {
                thought(each, index);
            } else if (next != calls.end()) {
                call(*next, index);
                ++next;
            }
        }
    }
    void thought(slices::node of, std::size_t index) {
        chunks_.thought(out_, piece::plain(text(of["thinking"])), index);
        chunks_.thought_signature(out_, piece::plain(text(of["signature"])), index);
        chunks_.redacted_thought(out_, piece::plain(text(of["data"])), index);
        chunks_.thought_end(index);
    }
    void call(slices::node of, std::size_t index) {
        const slices::node function = of["function"];
        chunks_.call_whole(out_,
                           piece::plain(text(of["id"])),
                           piece::plain(text(function["name"])),
                           piece::plain(text(function["arguments"])),
                           index);
    }
    // As a chat has them.
    void parts(slices::node of, std::size_t index) {
        for (const slices::node each : of["thinking_blocks"].items())
            thought(each, index);
        if (of["thinking_blocks"].items().empty())
            chunks_.reasoning(out_, piece::plain(text(of["reasoning_content"])), index);
        chunks_.content(out_, piece::plain(text(of["content"])), index);
        for (const slices::node each : of["images"].items())
            chunks_.image(out_, piece::plain(text(each["image_url"]["url"])), index);
        for (const slices::node each : of["tool_calls"].items())
            call(each, index);
    }

    std::string& out_;
    chunk_writer chunks_;
    bool is_chat_;
    std::deque<std::string> texts_;
};

} // namespace

bool append_as_stream(std::string& out, const unified::call& call, std::string_view body) {
    slices tree;
    if (!tree.read(body, author::upstream) || !tree.root()["choices"].is(walk::kind::array)) return false;
    std::string events;
    stream_of_answer stream(events, call, tree.root());
    std::size_t index = 0;
    for (const slices::node each : tree.root()["choices"].items()) {
        if (!stream.choice(each, index++)) return false;
    }
    stream.end(tree.root()["usage"]);
    out += events;
    return true;
}

} // namespace sluice::providers
