#include "proxy/data/exchange.hpp"

#include "providers/dialect_errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

// Of each text that is reused from request to request.
constexpr std::size_t most_kept = std::size_t{16} * 1024;
// Its answer has no body, and a length would be that of the 200.
constexpr int not_modified = 304;
// A body that nobody has read yet is read and dropped when it is short; else the connection closes.
constexpr std::uint64_t most_discarded = std::uint64_t{256} * 1024;

std::string_view reason(int status) {
    switch (status) {
    case 200: return "200 OK";
    case 304: return "304 Not Modified";
    case 400: return "400 Bad Request";
    case 401: return "401 Unauthorized";
    case 403: return "403 Forbidden";
    case 404: return "404 Not Found";
    case 409: return "409 Conflict";
    case 413: return "413 Content Too Large";
    case 429: return "429 Too Many Requests";
    case 499: return "499 Client Closed Request";
    case 500: return "500 Internal Server Error";
    case 501: return "501 Not Implemented";
    case 502: return "502 Bad Gateway";
    case 503: return "503 Service Unavailable";
    case 504: return "504 Gateway Timeout";
    default: return {};
    }
}

asio::const_buffer piece_of(std::string_view text) {
    return {text.data(), text.size()};
}

} // namespace

std::string field_line(std::string_view name, std::string_view value) {
    std::string line;
    if (!http::append_field(line, name, value)) line.clear();
    return line;
}

void exchange::begin(bool last_on_connection) {
    body = {};
    body_read_ = head.body == http::body_kind::none;
    config = here.current;
    here.new_request_id(id);
    started = here.shared.time.now();
    wall = here.shared.time.wall();
    deadline = started + here.shared.config.timeouts.total;
    keep_alive = head.keep_alive && !last_on_connection;
    streaming = false;
    asked = false;
    usage_refused = false;
    translator = nullptr;
    status = 0;
    bytes_out = 0;
}

void exchange::end() {
    config.reset();
    body = {};
    call.body = {};
    proved_by.reset();
    for (std::string* one :
         {&call.model, &call.client_request_id, &call.extra, &upstream.storage, &translated, &out_}) {
        if (one->capacity() > most_kept) *one = std::string();
    }
}

asio::awaitable<result<void>> exchange::read_body() {
    body_read_ = true;
    auto whole = co_await client.read_body(head);
    if (!whole) {
        keep_alive = false;
        co_return sluice::fail(std::move(whole).error());
    }
    body = *whole;
    co_return result<void>();
}

void exchange::append_head(int code, std::string_view content_type, std::string_view extra) {
    if (here.shared.now.load(std::memory_order_relaxed) == phase::draining) keep_alive = false;
    out_.clear();
    out_.append("HTTP/1.1 ");
    const std::string_view line = reason(code);
    if (line.empty())
        out_.append(std::to_string(code)).append(" -");
    else
        out_.append(line);
    out_.append("\r\n").append(here.date_line(wall));
    if (!content_type.empty()) out_.append("content-type: ").append(content_type).append("\r\n");
    out_.append("x-request-id: ").append(id).append("\r\n").append(extra);
    if (!keep_alive)
        out_.append("connection: close\r\n");
    else if (head.minor_version == 0)
        out_.append("connection: keep-alive\r\n");
}

asio::awaitable<bool> exchange::write(net::pieces data) {
    bytes_out += asio::buffer_size(data);
    const auto idle = here.shared.config.timeouts.stream_idle;
    const bool done = co_await client.write(
        data, idle, std::max(deadline, started + here.shared.config.timeouts.total) + idle);
    if (!done) keep_alive = false;
    co_return done;
}

asio::awaitable<void>
exchange::send(int code, std::string_view content_type, std::string_view text, std::string_view extra) {
    if (!body_read_) {
        const bool is_short = head.body == http::body_kind::length && head.content_length <= most_discarded &&
                              !head.expect_continue;
        if (is_short) {
            auto dropped = co_await read_body();
            if (!dropped) keep_alive = false;
        } else {
            keep_alive = false;
        }
    }
    status = code;
    append_head(code, content_type, extra);
    if (code != not_modified) {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), text.size()).ptr;
        out_.append("content-length: ").append(digits.data(), end).append("\r\n");
    }
    out_.append("\r\n");
    const std::string_view shown = head.verb == http::method::head ? std::string_view() : text;
    const std::array<asio::const_buffer, 2> all = {piece_of(out_), piece_of(shown)};
    const net::pieces data(all);
    const bool sent = co_await write(data);
    if (!sent) status = status_of(errc::cancelled).http_status;
}

asio::awaitable<void> exchange::fail(error e, std::string_view more_fields) {
    if (e.code == errc::connection_closed || e.code == errc::cancelled) {
        status = status_of(errc::cancelled).http_status;
        keep_alive = false;
        co_return;
    }
    int code = status_of(e.code).http_status;
    const bool may_pass = e.code == errc::temporarily_unavailable || e.code == errc::request_limit_exceeded;
    if (may_pass && e.retry_after_seconds == 0) e.retry_after_seconds = 1;
    const bool says_413 = to.errors == error_form::openai || to.errors == error_form::native;
    if (e.code == errc::payload_too_large && says_413) code = 413;
    std::string extra(more_fields);
    if (e.retry_after_seconds > 0) {
        const std::string whole = std::to_string(e.retry_after_seconds);
        extra += "retry-after: " + whole + "\r\nretry-after-ms: " + whole + "000\r\n";
    } else if (e.code == errc::permission_denied || e.code == errc::not_implemented) {
        extra += "x-should-retry: false\r\n"; // OpenAI's client repeats every 5xx but for this
    } else if (e.code == errc::unauthenticated) {
        extra += "www-authenticate: Bearer\r\n";
    }
    std::string text;
    switch (to.errors) {
    case error_form::detail: text = detail_error_body(e); break;
    case error_form::native: text = providers::error_body(to.speaks, e); break;
    default: text = error_body(e);
    }
    co_await send(code, "application/json", text, extra);
}

asio::awaitable<bool> exchange::stream(std::string_view piece, std::string_view extra, stream_end end) {
    const bool chunked =
        head.minor_version > 0; // 1.0 has no chunks: the end of the connection ends the stream
    if (end == stream_end::broken || !chunked) keep_alive = false;
    out_.clear();
    if (!streaming) {
        status = 200;
        streaming = true;
        append_head(200, to.as_list ? "application/json" : "text/event-stream", extra);
        out_.append(chunked ? "cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
                            : "cache-control: no-cache\r\n\r\n");
    }
    std::string_view tail;
    if (chunked && !piece.empty()) {
        std::array<char, 24> digits{};
        const auto last = std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
        out_.append(digits.data(), last).append("\r\n");
        tail = end == stream_end::more ? "\r\n" : "\r\n0\r\n\r\n";
    } else if (chunked && end != stream_end::more) {
        tail = "0\r\n\r\n";
    }
    const std::array<asio::const_buffer, 3> all = {piece_of(out_), piece_of(piece), piece_of(tail)};
    const net::pieces data(all);
    const bool done = co_await write(data);
    co_return done;
}

void exchange::keep_stream_alive() {
    client.write_if_idle(head.minor_version == 0 ? "\n" : "1\r\n\n\r\n");
}

} // namespace sluice::data
