#include "core/http/sse.hpp"
#include "providers/failures.hpp"
#include "providers/openai.hpp"
#include "providers/openai_chunk.hpp"
#include "providers/openai_repaired_events.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::providers::openai {

namespace {

constexpr std::string_view done_mark = "[DONE]";

// Passes an OpenAI stream on event by event (providers.md §2.3).
class stream_decoder final : public decoder {
public:
    stream_decoder(const target& to, bool wants_usage, std::size_t max_event_bytes)
        : to_(to)
        , wants_usage_(wants_usage)
        , events_(max_event_bytes) {
        if (to.repairs != repair::none) repaired_.emplace(to.repairs, wants_usage);
    }

    [[nodiscard]] result<void> body(std::string_view in, std::string& out) override;
    [[nodiscard]] result<void> end(std::string& out) override;
    [[nodiscard]] bool finished() const noexcept override { return finished_; }
    [[nodiscard]] usage used() const noexcept override { return used_; }

private:
    result<void> event(const http::sse_event& next, std::string& out);
    result<void> json_event(std::string_view data, std::string& out);
    result<void> lines(std::string_view data, std::string& out);
    // `is_said`: by the upstream, not only by the end of its body.
    result<void> done(std::string& out, bool is_said);
    bool is_dropped(const chunk& said) const noexcept;
    void forward(std::string_view data, const chunk& said, std::string& out) const;
    [[nodiscard]] bool is_terminal() const noexcept {
        return choices_.begun.any() && choices_.begun == choices_.ended;
    }

    const target& to_;
    const bool wants_usage_;
    http::sse_decoder events_;
    std::optional<repaired_events> repaired_;
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
        const std::optional<http::sse_event>& one = *next;
        if (!one) return {};
        if (auto good = event(*one, out); !good) return good;
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
    return done(out, false);
}

result<void> stream_decoder::event(const http::sse_event& next, std::string& out) {
    if (next.data.starts_with(done_mark)) return done(out, true);
    if (next.data.find_first_not_of(" \n") == std::string_view::npos) return {};
    if (next.type == "error") return fail(upstream_stream_error(to_, next.data));
    return json_event(next.data, out);
}

result<void> stream_decoder::json_event(std::string_view data, std::string& out) {
    chunk said;
    if (!read_chunk(data, said, choices_)) {
        if (to_.repairs == repair::custom && data.find('\n') != std::string_view::npos)
            return lines(data, out);
        // Some servers wrap an error object in a list.
        if (data.starts_with('[')) return fail(upstream_stream_error(to_, data));
        return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not a JSON object"));
    }
    const bool is_chunk = said.has_choices || said.has_usage;
    if (said.is_error || (said.is_other_error && !is_chunk)) return fail(upstream_stream_error(to_, data));
    if (said.used.known) used_ = said.used;
    if (is_dropped(said)) return {};
    if (repaired_) {
        repaired_->put(data, said, out);
    } else {
        forward(data, said, out);
    }
    return {};
}

// Some servers put events together with one line end between them.
result<void> stream_decoder::lines(std::string_view data, std::string& out) {
    while (!data.empty() && !finished_) {
        const std::size_t size = std::min(data.find('\n'), data.size());
        const std::string_view line = data.substr(0, size);
        data.remove_prefix(std::min(size + 1, data.size()));
        if (line.starts_with(done_mark)) return done(out, true);
        if (line.find_first_not_of(' ') == std::string_view::npos) continue;
        if (auto good = json_event(line, out); !good) return good;
    }
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

result<void> stream_decoder::done(std::string& out, bool is_said) {
    if (!is_terminal()) {
        if (!is_said || !repaired_ || !repaired_->may_end(choices_))
            return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
        repaired_->end_choices(choices_, out);
    }
    if (repaired_) repaired_->put_usage(out);
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
