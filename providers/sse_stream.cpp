#include "providers/sse_stream.hpp"

#include "providers/failures.hpp"

#include <optional>

namespace sluice::providers {

result<void> sse_stream::body(std::string_view in, std::string& out) {
    if (finished()) return {};
    events_.feed(in);
    while (!finished()) {
        auto next = events_.next();
        if (!next) return fail(upstream_failure(to_, next.error().code, next.error().message));
        const std::optional<http::sse_event>& one = *next;
        if (!one) return {};
        if (auto good = take(*one, out); !good) return good;
    }
    return {};
}

result<void> sse_stream::take(const http::sse_event& next, std::string& out) {
    if (next.data.find_first_not_of(" \n") == std::string_view::npos) return {};
    if (next.type == "error") return fail(upstream_stream_error(to_, next.data));
    return event(next, out);
}

result<void> sse_stream::end(std::string& out) {
    if (finished()) return {};
    const auto last = events_.finish();
    if (last && is_whole(last->data)) {
        if (auto good = take(*last, out); !good || finished()) return good;
    }
    return cut_off(out);
}

tl::unexpected<error> sse_stream::not_json(std::string_view data) const {
    if (data.starts_with('[')) return fail(upstream_stream_error(to_, data));
    return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not a JSON object"));
}

result<void> sse_stream::cut_off(std::string&) {
    return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
}

} // namespace sluice::providers
