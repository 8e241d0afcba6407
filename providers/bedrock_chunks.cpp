// Streams of InvokeModelWithResponseStream: every frame has one event of the model, in base64 (providers.md
// §6.6).
#include "core/base/base64.hpp"
#include "core/json/reader.hpp"
#include "providers/bedrock_event.hpp"
#include "providers/chunk_writer.hpp"
#include "providers/cohere.hpp"
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

// Titan's events, which are pieces of one text.
class titan_events {
public:
    titan_events(const unified::call& call, const target& to, const answer_context& context)
        : to_(to)
        , ids_(context.id_stem)
        , kind_(call.kind)
        , chunks_(call.kind, context.created, call.include_usage) {}

    result<void> event(std::string_view data, std::string& out);
    [[nodiscard]] error ended_too_early() const {
        return upstream_failure(to_, errc::bad_upstream, ended_early);
    }
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    [[nodiscard]] usage used() const noexcept { return to_usage(used_); }

private:
    const target& to_;
    id_maker ids_;
    task kind_;
    chunk_writer chunks_;
    tally used_;
    bool finished_ = false;
};

result<void> titan_events::event(std::string_view data, std::string& out) {
    chunk_said said;
    if (!read_chunk(data, said, used_)) return fail(no_object(to_));
    if (!chunks_.begun()) chunks_.begin(ids_.answer_id(kind_), to_.model);
    chunks_.content(out, piece::json(said.text));
    if (!said.has_reason) return {};
    chunks_.finish(out, titan_finish(decoded(said.reason)));
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
    case route::titan_text: return std::make_unique<chunk_translator<titan_events>>(call, to, context);
    case route::cohere_generate:
        return std::make_unique<chunk_translator<cohere::generate_translator>>(call, to, context);
    default: return std::make_unique<chunk_translator<anthropic::event_translator>>(call, to, context);
    }
}

} // namespace sluice::providers::bedrock
