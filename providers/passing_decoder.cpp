#include "providers/passing_decoder.hpp"

#include "core/json/reader.hpp"
#include "providers/dialect_errors.hpp"
#include "providers/redact.hpp"

#include <utility>

namespace sluice::providers::native {

namespace {

constexpr std::size_t most_told_bytes = std::size_t{64} * 1024; // of a failure that is passed on

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

result<void> passing_decoder::event(const http::sse_event& next, std::string& out) {
    auto means = look(next);
    if (!means) return fail(std::move(means).error());
    if (*means != passed::failed) {
        append(out, next);
    } else if (!append_safely(out, next)) {
        return fail(std::exchange(failure_, std::nullopt).value_or(error()));
    }
    finished_ = *means == passed::last || *means == passed::failed;
    may_end_ = *means == passed::ended;
    return {};
}

void passing_decoder::append(std::string& out, const http::sse_event& event) {
    if (!as_list_) return append_event(out, event);
    out.append(begun_ ? list_next : list_begin).append(event.data);
    begun_ = true;
}

// Without the target's keys. False: it would be no JSON any more or is too large to be searched, and is not
// appended.
bool passing_decoder::append_safely(std::string& out, const http::sse_event& event) {
    if (event.data.size() > most_told_bytes) return false;
    const std::string safe = redact(event.data, to_.keys);
    if (!is_whole(safe)) return false;
    append(out, {event.type, safe});
    return true;
}

bool passing_decoder::is_whole(std::string_view data) const {
    return json::is_json(data);
}

result<void> passing_decoder::cut_off(std::string& out) {
    if (!may_end_) return sse_stream::cut_off(out);
    if (as_list_) out += list_end;
    finished_ = true;
    return {};
}

} // namespace sluice::providers::native
