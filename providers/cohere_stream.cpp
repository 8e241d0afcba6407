// Events of v2 chat into OpenAI's (providers.md §4.4).
#include "providers/cohere_event.hpp"
#include "providers/sse_stream.hpp"
#include "providers/walk.hpp"

#include <string>

namespace sluice::providers::cohere {

namespace {

constexpr std::string_view done_mark = "[DONE]";

class chat_decoder final : public sse_stream {
public:
    chat_decoder(const unified::call& call, const target& to, const answer_context& context)
        : sse_stream(to, context.max_event_bytes)
        , ids_(context.id_stem)
        , kind_(call.kind)
        , chunks_(call.kind, context.created, call.include_usage) {}

    [[nodiscard]] bool finished() const noexcept override { return finished_; }
    [[nodiscard]] usage used() const noexcept override { return to_usage(counts_.of_chat()); }

protected:
    [[nodiscard]] result<void> event(const http::sse_event& next, std::string& out) override;
    [[nodiscard]] bool is_whole(std::string_view data) const override {
        event_said ignored;
        counts unused;
        return read_event(data, ignored, unused);
    }

private:
    void begin(std::string_view id);
    void call_start(const event_said& said, std::string& out);
    [[nodiscard]] result<void> message_end(const event_said& said, std::string_view data, std::string& out);

    id_maker ids_;
    task kind_;
    chunk_writer chunks_;
    counts counts_;
    bool finished_ = false;
};

result<void> chat_decoder::event(const http::sse_event& next, std::string& out) {
    const std::string_view data = next.data;
    // It follows message-end; without that the stream was cut.
    if (data.starts_with(done_mark)) return cut_off(out);
    event_said said;
    if (!read_event(data, said, counts_)) return not_json(data);
    if (said.kind == event_kind::error) return fail(upstream_stream_error(to_, data));
    if (said.kind == event_kind::other) return {};
    if (!chunks_.begun()) begin(said.kind == event_kind::message_start ? said.id : std::string_view());
    switch (said.kind) {
    case event_kind::message_start: chunks_.role(out); break;
    case event_kind::content:
        chunks_.reasoning(out, piece::json(said.thinking));
        chunks_.content(out, piece::json(said.text));
        break;
    case event_kind::tool_plan: chunks_.content(out, piece::json(said.tool_plan)); break;
    case event_kind::call_start: call_start(said, out); break;
    case event_kind::call_delta: chunks_.call_arguments(out, piece::json(said.arguments)); break;
    case event_kind::call_end: chunks_.call_end(out); break;
    case event_kind::message_end: return message_end(said, data, out);
    default: break;
    }
    return {};
}

// `id` as it stands in the event; empty when it has none.
void chat_decoder::begin(std::string_view id) {
    std::string own;
    walk::append_unescaped(own, id);
    chunks_.begin(own.empty() ? ids_.answer_id(kind_) : own, to_.model);
}

void chat_decoder::call_start(const event_said& said, std::string& out) {
    if (said.call_id.empty()) {
        chunks_.call_start(out, piece::plain(ids_.next_call_id()), piece::json(said.name));
    } else {
        chunks_.call_start(out, piece::json(said.call_id), piece::json(said.name));
    }
    chunks_.call_arguments(out, piece::json(said.arguments));
}

result<void> chat_decoder::message_end(const event_said& said, std::string_view data, std::string& out) {
    if (said.failed || is_failure(said.finish_reason)) return fail(upstream_stream_error(to_, data));
    if (said.finish_reason.empty()) return cut_off(out);
    chunks_.finish(out, finish_of(said.finish_reason));
    chunks_.end(out, counts_.of_chat());
    finished_ = true;
    return {};
}

} // namespace

std::unique_ptr<decoder>
make_chat_decoder(const unified::call& call, const target& to, const answer_context& context) {
    return std::make_unique<chat_decoder>(call, to, context);
}

} // namespace sluice::providers::cohere
