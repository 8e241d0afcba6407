#include "providers/passing_decoder.hpp"

#include "core/json/reader.hpp"
#include "providers/failures.hpp"

#include <optional>

namespace sluice::providers::native {

namespace {

bool is_blank(std::string_view data) noexcept {
    return data.find_first_not_of(" \n") == std::string_view::npos;
}

// In the one form that every client reads, whatever the upstream's line ends and comments were.
void append_event(std::string& out, const http::sse_event& event) {
    if (!event.type.empty()) out.append("event: ").append(event.type).append("\n");
    std::string_view data = event.data;
    while (true) {
        const std::size_t end = data.find('\n');
        out.append("data: ").append(data.substr(0, end)).append("\n");
        if (end == std::string_view::npos) break;
        data.remove_prefix(end + 1);
    }
    out += '\n';
}

} // namespace

tl::unexpected<error> passing_decoder::not_json() const {
    return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not a JSON object"));
}

result<void> passing_decoder::pass(const http::sse_event& event, std::string& out) {
    if (is_blank(event.data)) return {};
    auto means = look(event);
    if (!means) return fail(std::move(means).error());
    append_event(out, event);
    finished_ = *means == passed::last;
    may_end_ = *means == passed::ended;
    return {};
}

result<void> passing_decoder::body(std::string_view in, std::string& out) {
    if (finished_) return {};
    events_.feed(in);
    while (!finished_) {
        auto next = events_.next();
        if (!next) return fail(upstream_failure(to_, next.error().code, next.error().message));
        const std::optional<http::sse_event>& one = *next;
        if (!one) return {};
        if (auto good = pass(*one, out); !good) return good;
    }
    return {};
}

result<void> passing_decoder::end(std::string& out) {
    if (finished_) return {};
    // An event that no blank line ended counts if it is whole (providers.md §14).
    const auto last = events_.finish();
    if (last && json::is_json(last->data)) {
        if (auto good = pass(*last, out); !good || finished_) return good;
    }
    if (may_end_) {
        finished_ = true;
        return {};
    }
    return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
}

} // namespace sluice::providers::native
