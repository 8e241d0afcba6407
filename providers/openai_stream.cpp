#include "core/http/sse.hpp"
#include "providers/failures.hpp"
#include "providers/openai.hpp"
#include "providers/openai_chunk.hpp"

#include <utility>

namespace sluice::providers::openai {

namespace {

constexpr std::string_view done_mark = "[DONE]";

// Appends a part of an event's data on one line: a line end in it is JSON white space (read_chunk has refused
// all others).
void append_one_line(std::string& out, std::string_view part) {
    const std::size_t start = out.size();
    out.append(part);
    for (std::size_t at = out.find('\n', start); at != std::string::npos; at = out.find('\n', at + 1))
        out[at] = ' ';
}

// Passes an OpenAI stream on event by event (providers.md §2.3).
class stream_decoder final : public decoder {
public:
    stream_decoder(const target& to, bool wants_usage, std::size_t max_event_bytes)
        : to_(to)
        , wants_usage_(wants_usage)
        , events_(max_event_bytes) {}

    [[nodiscard]] result<void> body(std::string_view in, std::string& out) override;
    [[nodiscard]] result<void> end(std::string& out) override;
    [[nodiscard]] bool finished() const noexcept override { return finished_; }
    [[nodiscard]] usage used() const noexcept override { return used_; }

private:
    result<void> event(const http::sse_event& next, std::string& out);
    result<void> done(std::string& out);
    bool is_dropped(const chunk& said) const noexcept;
    void forward(std::string_view data, const chunk& said, std::string& out) const;
    [[nodiscard]] bool is_terminal() const noexcept {
        return choices_.begun.any() && choices_.begun == choices_.ended;
    }

    const target& to_;
    const bool wants_usage_;
    http::sse_decoder events_;
    choice_state choices_;
    usage used_;
    bool finished_ = false;
};

result<void> stream_decoder::body(std::string_view in, std::string& out) {
    if (finished_) return {};
    events_.feed(in);
    while (!finished_) {
        auto next = events_.next();
        if (!next) return fail(upstream_failure(to_, next.error().code, next.error().message));
        if (!*next) return {};
        if (auto good = event(**next, out); !good) return good;
    }
    return {};
}

result<void> stream_decoder::end(std::string& out) {
    if (finished_) return {};
    // An event that no blank line ended counts if it is whole (providers.md §14).
    if (const auto last = events_.finish()) {
        chunk said;
        choice_state ignored;
        const bool whole = last->data.starts_with(done_mark) || read_chunk(last->data, said, ignored);
        if (whole) {
            if (auto good = event(*last, out); !good || finished_) return good;
        }
    }
    return done(out);
}

result<void> stream_decoder::event(const http::sse_event& next, std::string& out) {
    if (next.data.starts_with(done_mark)) return done(out);
    if (next.data.find_first_not_of(" \n") == std::string_view::npos) return {};
    if (next.type == "error") return fail(upstream_stream_error(to_, next.data));
    chunk said;
    if (!read_chunk(next.data, said, choices_)) {
        // Some servers wrap an error object in a list.
        if (next.data.front() == '[') return fail(upstream_stream_error(to_, next.data));
        return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not a JSON object"));
    }
    const bool is_chunk = said.has_choices || said.has_usage;
    if (said.is_error || (said.is_other_error && !is_chunk))
        return fail(upstream_stream_error(to_, next.data));
    if (said.used.known) used_ = said.used;
    if (!is_dropped(said)) forward(next.data, said, out);
    return {};
}

bool stream_decoder::is_dropped(const chunk& said) const noexcept {
    if (said.is_ping && !said.has_choices) return true;
    if (!wants_usage_ && !said.has_choice && (said.has_usage || !said.has_others)) return true;
    // Azure's content filter: a first event without choices, a late one whose choice has no delta.
    return to_.is_azure && said.has_choices && said.all_empty && !said.has_usage;
}

void stream_decoder::forward(std::string_view data, const chunk& said, std::string& out) const {
    out.append("data: ");
    std::size_t copied = 0;
    if (!wants_usage_) {
        for (const cut& each : said.cuts) {
            append_one_line(out, data.substr(copied, each.begin - copied));
            copied = each.end;
        }
    }
    append_one_line(out, data.substr(copied));
    out.append("\n\n");
}

result<void> stream_decoder::done(std::string& out) {
    if (!is_terminal()) return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
    finished_ = true;
    out.append("data: [DONE]\n\n");
    return {};
}

} // namespace

std::unique_ptr<decoder>
make_stream_decoder(const unified::call& call, const target& to, std::size_t max_event_bytes) {
    return std::make_unique<stream_decoder>(to, call.include_usage, max_event_bytes);
}

} // namespace sluice::providers::openai
