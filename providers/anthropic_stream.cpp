// Anthropic's events into OpenAI's (providers.md §3.6, §3.8).
#include "providers/anthropic_event.hpp"
#include "providers/failures.hpp"
#include "providers/slices.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <string>

namespace sluice::providers::anthropic {

namespace {

std::string decoded(std::string_view inside) {
    std::string text;
    walk::append_unescaped(text, inside);
    return text;
}

// Brackets and blanks only.
bool is_empty_object(std::string_view json) noexcept {
    return std::none_of(json.begin(), json.end(), [](char c) { return c == '"'; });
}

} // namespace

event_translator::event_translator(const unified::call& call, const target& to, const answer_context& context)
    : to_(to)
    , ids_(context.id_stem)
    , kind_(call.kind)
    , chunks_(call.kind, context.created, call.include_usage) {}

bool event_translator::is_whole(std::string_view data) {
    event_said ignored;
    counts unused;
    return read_event(data, ignored, unused);
}

error event_translator::ended_too_early() const {
    return upstream_failure(to_, errc::bad_upstream, ended_early);
}

result<void> event_translator::event(std::string_view data, std::string& out) {
    if (finished_) return {};
    event_said said;
    if (!read_event(data, said, used_)) {
        // Google puts an error object into a list.
        if (data.starts_with("[{")) return fail(upstream_stream_error(to_, data));
        return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not a JSON object"));
    }
    switch (said.kind) {
    case event_kind::error: return fail(upstream_stream_error(to_, data));
    case event_kind::message_start:
        if (!chunks_.begun()) begin(said.id, said.model);
        chunks_.role(out);
        break;
    case event_kind::block_start: block_start(said, out); break;
    case event_kind::block_delta: block_delta(said, out); break;
    case event_kind::block_stop: block_stop(out); break;
    case event_kind::message_delta:
        if (said.has_stop_reason) stop_reason_ = decoded(said.stop_reason);
        break;
    case event_kind::message_stop: return stop(out);
    case event_kind::completion: return completion(said, out);
    case event_kind::other:
        if (said.has_error) return fail(upstream_stream_error(to_, data));
        break;
    }
    return {};
}

// `id` and `model` as they stand in the event; empty when it has none.
void event_translator::begin(std::string_view id, std::string_view model) {
    chunks_.begin(id.empty() ? ids_.answer_id(kind_) : decoded(id),
                  model.empty() ? to_.model : decoded(model));
}

void event_translator::block_start(const event_said& said, std::string& out) {
    if (!chunks_.begun()) begin({}, {});
    block_stop(out);
    in_call_ = said.block == block_kind::tool_use;
    if (in_call_) {
        chunks_.call_start(out, piece::json(said.id), piece::json(said.name));
        whole_input_.clear();
        // {} says nothing: the real arguments come in deltas.
        if (!is_empty_object(said.input)) append_minified(whole_input_, said.input);
    } else {
        block_delta(said, out);
    }
}

void event_translator::block_delta(const event_said& said, std::string& out) {
    if (!chunks_.begun()) begin({}, {});
    const piece text = piece::json(said.text);
    switch (said.block) {
    case block_kind::text: chunks_.content(out, text); break;
    case block_kind::thinking:
        chunks_.thought(out, text);
        chunks_.thought_signature(out, piece::json(said.signature)); // of a block that comes whole
        break;
    case block_kind::signature: chunks_.thought_signature(out, piece::json(said.signature)); break;
    case block_kind::redacted: chunks_.redacted_thought(out, piece::json(said.data)); break;
    case block_kind::tool_use:
        if (!in_call_ || text.empty()) break; // of a tool that the server runs
        whole_input_.clear();
        chunks_.call_arguments(out, text);
        break;
    case block_kind::other: break;
    }
}

void event_translator::block_stop(std::string& out) {
    chunks_.thought_end();
    if (!in_call_) return;
    in_call_ = false;
    chunks_.call_arguments(out, piece::plain(whole_input_));
    chunks_.call_end(out);
    whole_input_.clear();
}

// /v1/complete: every event has all members; the one with a reason is the last.
result<void> event_translator::completion(const event_said& said, std::string& out) {
    if (!chunks_.begun()) begin(said.id, said.model);
    chunks_.content(out, piece::json(said.text));
    if (!said.has_stop_reason) return {};
    stop_reason_ = decoded(said.stop_reason);
    return stop(out);
}

// An end without a reason may be that of half an answer.
result<void> event_translator::stop(std::string& out) {
    if (stop_reason_.empty()) return fail(ended_too_early());
    if (!chunks_.begun()) begin({}, {});
    block_stop(out);
    chunks_.finish(out, finish_of(stop_reason_));
    chunks_.end(out, used_.sum());
    finished_ = true;
    return {};
}

} // namespace sluice::providers::anthropic
