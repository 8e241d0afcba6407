// Frames of Bedrock's streams, and the events of ConverseStream (providers.md §6.5, §12.3).
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/bedrock_event.hpp"
#include "providers/chunk_writer.hpp"
#include "providers/failures.hpp"
#include "providers/walk.hpp"

#include <string>

namespace sluice::providers::bedrock {

namespace {

class converse_translator final : public event_translator {
public:
    converse_translator(const unified::call& call, const target& to, const answer_context& context)
        : to_(to)
        , ids_(context.id_stem)
        , chunks_(call.kind, context.created, call.include_usage) {
        chunks_.begin(ids_.answer_id(call.kind), to.model);
    }

    [[nodiscard]] result<void>
    event(std::string_view type, std::string_view payload, std::string& out) override;
    [[nodiscard]] result<void> end(std::string& out) override;
    [[nodiscard]] bool finished() const noexcept override { return finished_; }
    [[nodiscard]] usage used() const noexcept override { return to_usage(used_.sum()); }

private:
    void delta(const event_said& said, std::string& out);
    void done(std::string& out);

    const target& to_;
    id_maker ids_;
    chunk_writer chunks_;
    counts used_;
    bool stopped_ = false; // the terminal event was there; the counts may follow
    bool counted_ = false;
    bool finished_ = false;
};

result<void> converse_translator::event(std::string_view type, std::string_view payload, std::string& out) {
    event_said said;
    if (!read_event(payload, said, used_))
        return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not a JSON object"));
    if (type == "contentBlockDelta") {
        delta(said, out);
    } else if (type == "contentBlockStart") {
        if (!said.starts_call) return {};
        const std::string made = said.id.empty() ? ids_.next_call_id() : std::string();
        chunks_.call_start(
            out, said.id.empty() ? piece::plain(made) : piece::json(said.id), piece::json(said.name));
    } else if (type == "contentBlockStop") {
        chunks_.thought_end();
        chunks_.call_end(out);
    } else if (type == "messageStart") {
        chunks_.role(out);
    } else if (type == "messageStop") {
        std::string reason;
        walk::append_unescaped(reason, said.stop_reason);
        if (reason.empty()) return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
        chunks_.finish(out, converse_finish(reason));
        stopped_ = true;
        if (counted_) done(out);
    } else if (type == "metadata") {
        counted_ = true;
        if (stopped_) done(out);
    }
    return {};
}

void converse_translator::delta(const event_said& said, std::string& out) {
    chunks_.content(out, piece::json(said.text));
    if (settings_of(to_).of == family::anthropic) {
        chunks_.thought(out, piece::json(said.reasoning));
        chunks_.thought_signature(out, piece::json(said.signature));
        chunks_.redacted_thought(out, piece::json(said.redacted));
    } else {
        chunks_.reasoning(out, piece::json(said.reasoning));
    }
    chunks_.call_arguments(out, piece::json(said.input));
}

void converse_translator::done(std::string& out) {
    if (counted_) {
        chunks_.end(out, used_.sum());
    } else {
        chunks_.end_uncounted(out);
    }
    finished_ = true;
}

result<void> converse_translator::end(std::string& out) {
    if (!stopped_) return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
    done(out);
    return {};
}

class frame_decoder final : public decoder {
public:
    frame_decoder(const target& to, std::size_t most, std::unique_ptr<event_translator> events)
        : to_(to)
        , frames_(most)
        , events_(std::move(events)) {}

    [[nodiscard]] result<void> body(std::string_view in, std::string& out) override;
    [[nodiscard]] result<void> end(std::string& out) override {
        if (finished()) return {};
        if (frames_.in_frame()) return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
        return events_->end(out);
    }
    [[nodiscard]] bool finished() const noexcept override { return events_->finished(); }
    [[nodiscard]] usage used() const noexcept override { return events_->used(); }

private:
    result<void> frame(const event_stream::frame& one, std::string& out);

    const target& to_;
    event_stream::reader frames_;
    std::unique_ptr<event_translator> events_;
};

// What the client is shown of an exception: its payload, with the name in front that its headers have.
std::string named(std::string_view name, std::string_view payload) {
    std::string out;
    json::object_writer writer(out);
    writer.text("__type", name);
    const std::size_t begin = payload.find_first_not_of(" \t\r\n");
    const bool is_object = begin != std::string_view::npos && payload[begin] == '{' && json::is_json(payload);
    if (!is_object) {
        writer.text("message", payload);
        writer.close();
        return out;
    }
    const std::string_view members = payload.substr(begin + 1);
    const bool is_empty = members[members.find_first_not_of(" \t\r\n")] == '}';
    if (!is_empty) out += ',';
    return out.append(members);
}

result<void> frame_decoder::frame(const event_stream::frame& one, std::string& out) {
    const std::string_view kind = one.text(":message-type");
    if (kind == "event") return events_->event(one.text(":event-type"), one.payload, out);
    if (kind != "exception" && kind != "error") return {};
    const bool is_error = kind == "error";
    const std::string_view name = one.text(is_error ? ":error-code" : ":exception-type");
    const int status = status_of_exception(name);
    const std::string text = named(name, is_error ? one.text(":error-message") : one.payload);
    constexpr int bad_gateway = 502;
    return fail(upstream_stream_error(to_, status == 0 ? bad_gateway : status, text));
}

result<void> frame_decoder::body(std::string_view in, std::string& out) {
    if (finished()) return {};
    frames_.feed(in);
    while (!finished()) {
        auto next = frames_.next();
        if (!next) return fail(upstream_failure(to_, next.error().code, next.error().message));
        const event_stream::frame* const one = *next;
        if (one == nullptr) return {};
        if (auto good = frame(*one, out); !good) return good;
    }
    return {};
}

} // namespace

std::unique_ptr<event_translator>
make_converse_translator(const unified::call& call, const target& to, const answer_context& context) {
    return std::make_unique<converse_translator>(call, to, context);
}

std::unique_ptr<decoder>
make_decoder(const unified::call& call, const target& to, const answer_context& context) {
    const bool is_converse = settings_of(to).by == route::converse;
    return std::make_unique<frame_decoder>(to,
                                           context.max_event_bytes,
                                           is_converse ? make_converse_translator(call, to, context)
                                                       : make_invoke_translator(call, to, context));
}

} // namespace sluice::providers::bedrock
