#include "tools/provider/script.hpp"

#include "tools/provider/gzip.hpp"
#include "tools/provider/text.hpp"

#include <algorithm>
#include <utility>

namespace sluice::sim {

namespace {

std::string_view reason_of(int status) {
    switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 102: return "Processing";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Status";
    }
}

void append_status_line(std::string& out, int status) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(status));
    out += ' ';
    out += reason_of(status);
    out += "\r\n";
}

constexpr std::string_view unasked_answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"nobody\":\"asked "
    "me\"}";

void append_hex_size(std::string& out, std::size_t size) {
    std::string digits;
    append_hex(digits, size);
    out.append(digits, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    out += "\r\n";
}

} // namespace

script::script(answer a, knobs k)
    : answer_(std::move(a))
    , knobs_(k) {
    const bool no_body = answer_.status == 204 || answer_.status == 304;
    if (no_body)
        framing_ = framing::none;
    else if (knobs_.no_length || (answer_.events && answer_.http_1_0))
        framing_ = framing::until_close;
    else if (answer_.events || knobs_.chunked || knobs_.bad_chunk)
        framing_ = framing::chunked;
    closes_ = !answer_.keep_alive || knobs_.close || framing_ == framing::until_close || knobs_.bad_chunk;
    if (knobs_.gzip && !answer_.events && !no_body) {
        std::string coded;
        append_gzip(coded, answer_.body);
        answer_.body = std::move(coded);
    }
}

step script::next(std::string& out) {
    return knobs_.drip ? drip(out, *knobs_.drip) : produce(out);
}

step script::produce(std::string& out) {
    switch (stage_) {
    case stage::latency:
        stage_ = stage::head;
        if (knobs_.latency.count() > 0) return {action::wait, knobs_.latency, false};
        return head(out);
    case stage::head: return head(out);
    case stage::body: return body(out);
    case stage::events: break;
    }
    return event(out);
}

// The same steps, but each byte is written by itself, after a pause.
step script::drip(std::string& out, std::chrono::milliseconds pause) {
    if (dripped_ == dripping_.size()) {
        if (after_drip_.what != action::more) return after_drip_;
        dripping_.clear();
        dripped_ = 0;
        const step produced = produce(dripping_);
        if (produced.what == action::wait) return produced;
        after_drip_ = produced;
        if (dripping_.empty()) return produced;
    }
    drip_pause_ = !drip_pause_;
    if (drip_pause_) return {action::wait, pause, false};
    out += dripping_[dripped_++];
    const bool last = dripped_ == dripping_.size();
    return {action::more, {}, last && after_drip_.content};
}

step script::head(std::string& out) {
    if (knobs_.cut_before_head) return cut();
    if (knobs_.status == 101) {
        append_status_line(out, 101);
        out += "Connection: Upgrade\r\nUpgrade: simulated\r\n\r\n";
        return {action::hang, {}, false};
    }
    if (knobs_.status >= 100 && knobs_.status < 200) {
        append_status_line(out, knobs_.status);
        out += "\r\n";
    }
    const std::size_t start = out.size();
    append_head(out);
    if (knobs_.cut_head) {
        out.resize(start + (out.size() - start) / 2);
        return cut();
    }
    stage_ = answer_.events ? stage::events : stage::body;
    return answer_.events ? step() : body(out);
}

void script::append_head(std::string& out) const {
    append_status_line(out, answer_.status);
    if (framing_ != framing::none) {
        out += "Content-Type: ";
        out += answer_.content_type;
        out += "\r\n";
    }
    out +=
        "x-request-id: req_sim0123456789abcdef\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n";
    out += answer_.fields;
    if (knobs_.gzip) out += "Content-Encoding: gzip\r\n";
    if (framing_ == framing::chunked) out += "Transfer-Encoding: chunked\r\n";
    if (framing_ == framing::length) {
        out += "Content-Length: ";
        append_number(out, answer_.body.size());
        out += "\r\n";
    }
    if (closes_)
        out += "Connection: close\r\n";
    else if (answer_.http_1_0)
        out += "Connection: keep-alive\r\n";
    out += "\r\n";
}

void script::append_chunk(std::string& out, std::string_view bytes) const {
    if (framing_ == framing::chunked) append_hex_size(out, bytes.size());
    out += bytes;
    if (framing_ == framing::chunked) out += "\r\n";
}

step script::body(std::string& out) {
    if (framing_ == framing::none) return end(out);
    const std::size_t limit = std::min(knobs_.cut_after.value_or(std::string::npos),
                                       knobs_.stall_after.value_or(std::string::npos));
    if (limit != std::string::npos) {
        // The framing promises the whole body; only its beginning comes.
        if (framing_ == framing::chunked) append_hex_size(out, answer_.body.size());
        out += std::string_view(answer_.body).substr(0, limit);
        return knobs_.cut_after == limit ? cut() : step{action::hang, {}, false};
    }
    if (knobs_.bad_chunk) {
        out += "zz\r\n";
        out += answer_.body;
        out += "\r\n";
    } else if (framing_ == framing::chunked) {
        const std::size_t half = answer_.body.size() / 2;
        if (half > 0) append_chunk(out, std::string_view(answer_.body).substr(0, half));
        if (half < answer_.body.size()) append_chunk(out, std::string_view(answer_.body).substr(half));
    } else {
        out += answer_.body;
    }
    return end(out);
}

// A counted fault strikes before the content chunk that would be one too many; with 0 it strikes before
// everything.
bool script::stop_at_event(event_kind kind) const noexcept {
    const std::size_t limit = std::min(knobs_.cut_after.value_or(std::string::npos),
                                       knobs_.stall_after.value_or(std::string::npos));
    if (limit == std::string::npos) return false;
    return kind == event_kind::none || (contents_ >= limit && (kind == event_kind::content || limit == 0));
}

step script::event(std::string& out) {
    if (event_held_) {
        event_held_ = false;
        append_event_bytes(out);
        ++contents_;
        return {action::more, {}, true};
    }
    event_.clear();
    const event_kind kind = answer_.events->next(event_);
    if (stop_at_event(kind)) {
        const bool stalls =
            knobs_.stall_after && *knobs_.stall_after <= knobs_.cut_after.value_or(std::string::npos);
        return stalls ? step{action::hang, {}, false} : cut();
    }
    if (kind == event_kind::none) return end(out);
    if (kind == event_kind::content && knobs_.pace.count() > 0) {
        event_held_ = true;
        return {action::wait, knobs_.pace, false};
    }
    append_event_bytes(out);
    if (kind == event_kind::content) ++contents_;
    return {action::more, {}, kind == event_kind::content};
}

void script::append_event_bytes(std::string& out) {
    if (knobs_.bad_chunk && contents_ > 0 && !broken_) {
        broken_ = true;
        out += "zz\r\n";
        out += event_;
        out += "\r\n";
        return;
    }
    if (!knobs_.gzip) {
        append_chunk(out, event_);
        return;
    }
    std::string coded;
    append_gzip(coded, event_);
    append_chunk(out, coded);
}

step script::end(std::string& out) {
    if (framing_ == framing::chunked) out += "0\r\n\r\n";
    if (knobs_.extra) out += unasked_answer;
    return {closes_ ? action::close : action::keep, {}, false};
}

step script::cut() const noexcept {
    return {knobs_.reset ? action::reset : action::close, {}, false};
}

} // namespace sluice::sim
