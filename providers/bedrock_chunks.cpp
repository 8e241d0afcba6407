// Streams of InvokeModelWithResponseStream: every frame has one event of the model, in base64 (providers.md
// §6.6).
#include "core/base/base64.hpp"
#include "core/json/reader.hpp"
#include "providers/bedrock_event.hpp"
#include "providers/chunk_writer.hpp"
#include "providers/failures.hpp"
#include "providers/walk.hpp"

#include <string>
#include <utility>

namespace sluice::providers::bedrock {

namespace {

std::string decoded(std::string_view inside) {
    std::string text;
    walk::append_unescaped(text, inside);
    return text;
}

error no_object(const target& to) {
    return upstream_failure(to, errc::bad_upstream, "an event of the stream is not a JSON object");
}

// Claude's own events.
class claude_events {
public:
    claude_events(const unified::call& call, const target& to, const answer_context& context)
        : events_(call, to, context) {}

    result<void> event(std::string_view data, std::string& out) { return events_.event(data, out); }
    [[nodiscard]] error ended_too_early() const { return events_.ended_too_early(); }
    [[nodiscard]] bool finished() const noexcept { return events_.finished(); }
    [[nodiscard]] usage used() const noexcept { return events_.used(); }

private:
    anthropic::event_translator events_;
};

// Titan's and Cohere's, which are pieces of one text.
class text_events {
public:
    text_events(const unified::call& call, const target& to, const answer_context& context)
        : to_(to)
        , ids_(context.id_stem)
        , kind_(call.kind)
        , is_titan_(settings_of(to).by == route::titan_text)
        , chunks_(call.kind, context.created, call.include_usage) {}

    result<void> event(std::string_view data, std::string& out);
    [[nodiscard]] error ended_too_early() const {
        return upstream_failure(to_, errc::bad_upstream, ended_early);
    }
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    [[nodiscard]] usage used() const noexcept { return to_usage(used_); }

private:
    result<void> last(const chunk_said& said, std::string_view data, std::string& out);

    const target& to_;
    id_maker ids_;
    task kind_;
    bool is_titan_;
    chunk_writer chunks_;
    tally used_;
    bool finished_ = false;
};

result<void> text_events::event(std::string_view data, std::string& out) {
    chunk_said said;
    if (!read_chunk(data, said, used_)) return fail(no_object(to_));
    if (said.type == "stream-error") return fail(upstream_stream_error(to_, data));
    if (!chunks_.begun())
        chunks_.begin(said.id.empty() ? ids_.answer_id(kind_) : decoded(said.id), to_.model);
    // Cohere's last event has the whole text once more, but not here.
    if (said.type != "stream-end") chunks_.content(out, piece::json(said.text));
    const bool ends = is_titan_ ? said.has_reason : said.is_last || said.type == "stream-end";
    return ends ? last(said, data, out) : result<void>();
}

result<void> text_events::last(const chunk_said& said, std::string_view data, std::string& out) {
    const std::string reason = decoded(said.reason);
    const std::optional<finish> why = is_titan_ ? titan_finish(reason) : cohere_finish(reason);
    if (!why) return fail(upstream_stream_error(to_, data));
    chunks_.finish(out, *why);
    chunks_.end(out, used_);
    finished_ = true;
    return {};
}

template <class Events>
class chunk_translator final : public event_translator {
public:
    chunk_translator(const unified::call& call, const target& to, const answer_context& context)
        : to_(to)
        , events_(call, to, context) {}

    [[nodiscard]] result<void>
    event(std::string_view type, std::string_view payload, std::string& out) override {
        if (type != "chunk") return {};
        const std::optional<std::string_view> bytes = read_bytes(payload);
        if (!bytes) return fail(no_object(to_));
        if (bytes->empty()) return {};
        // '/' may be written with a backslash.
        const bool escaped = bytes->find('\\') != std::string_view::npos;
        auto data = base64_decode(escaped ? std::string_view(decoded(*bytes)) : *bytes);
        if (!data) {
            return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not base64"));
        }
        std::string& text = *data;
        text.reserve(text.size() + json::padding);
        return events_.event(text, out);
    }
    [[nodiscard]] result<void> end(std::string&) override { return fail(events_.ended_too_early()); }
    [[nodiscard]] bool finished() const noexcept override { return events_.finished(); }
    [[nodiscard]] usage used() const noexcept override { return events_.used(); }

private:
    const target& to_;
    Events events_;
};

} // namespace

std::unique_ptr<event_translator>
make_invoke_translator(const unified::call& call, const target& to, const answer_context& context) {
    switch (settings_of(to).by) {
    case route::titan_text:
    case route::cohere_generate: return std::make_unique<chunk_translator<text_events>>(call, to, context);
    default: return std::make_unique<chunk_translator<claude_events>>(call, to, context);
    }
}

} // namespace sluice::providers::bedrock
