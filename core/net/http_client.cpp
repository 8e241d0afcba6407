#include "core/net/http_client.hpp"

#include "core/json/reader.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include <algorithm>

namespace sluice::net {

namespace {

constexpr std::size_t read_size = std::size_t{16} * 1024;
constexpr std::size_t client_bytes_when_idle = std::size_t{16} * 1024;
constexpr int most_interim_heads = 10;
static_assert(byte_buffer::padding >= json::padding);

// The text without the readable bytes that it gets behind it.
std::string_view with_padding(std::string& text) {
    const std::size_t size = text.size();
    text.resize(size + json::padding);
    return {text.data(), size};
}

} // namespace

upstream_connection::upstream_connection(asio::io_context& io)
    : socket_(io) {}

upstream_connection::~upstream_connection() {
    // OpenSSL forgets the session of a connection that ends without a shutdown, and nearly all do: the
    // provider ends idle ones. (A cut is found by the framing; it says nothing about the session.)
    if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

error upstream_connection::failure(const boost::system::error_code& ec, std::string_view what) const {
    if (timed_out_)
        return {errc::deadline_exceeded,
                exchanging_ ? "the provider did not answer in time" : "no connection in time",
                0};
    if (aborted_) return {errc::connection_closed, "the client is gone", 0};
    std::string text(what);
    if (ec == asio::error::connection_refused)
        text += ": connection refused";
    else if (ec == asio::error::connection_reset)
        text += ": connection reset";
    else if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated)
        text += ": connection closed";
    return {errc::bad_upstream, std::move(text), 0};
}

asio::awaitable<result<void>> upstream_connection::connect(const asio::ip::address& address,
                                                           std::uint16_t port) {
    const asio::ip::tcp::endpoint to(address, port);
    auto [ec] = co_await socket_.async_connect(to, use_result);
    if (!ec) prepare(socket_, ec);
    if (!ec) co_return result<void>();
    broken_ = true;
    co_return fail(failure(ec, "connect failed"));
}

asio::awaitable<result<void>>
upstream_connection::handshake(tls_client& tls, const std::string& host, const std::string& origin) {
    tls_ = tls.wrap(socket_, host, origin);
    auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_result);
    if (!ec) co_return result<void>();
    const std::string why = tls_client::failure(*tls_, ec);
    broken_ = true;
    co_return fail(failure(ec, why));
}

asio::awaitable<result<void>> upstream_connection::write(pieces data) {
    exchanging_ = true;
    boost::system::error_code ec;
    if (tls_) {
        auto [failed, n] = co_await asio::async_write(*tls_, data, use_result);
        ec = failed;
    } else {
        ec = co_await write_all(socket_, data);
    }
    if (!ec) co_return result<void>();
    broken_ = true;
    error e = failure(ec, "the request could not be sent");
    if (reused_ && e.code == errc::bad_upstream) e.code = errc::stale_connection;
    co_return fail(std::move(e));
}

asio::awaitable<boost::system::error_code> upstream_connection::read_more() {
    if (buffer_.space_size() < read_size / 4) buffer_.reserve(read_size);
    const asio::mutable_buffer space(buffer_.space(), buffer_.space_size());
    boost::system::error_code ec;
    std::size_t n = 0;
    if (tls_) {
        std::tie(ec, n) = co_await tls_->async_read_some(space, use_result);
    } else {
        std::tie(ec, n) = co_await socket_.async_read_some(space, use_result);
    }
    if (!ec) buffer_.commit(n);
    co_return ec;
}

asio::awaitable<result<void>> upstream_connection::read_head(const http::head_limits& limits) {
    for (int interim = 0; interim <= most_interim_heads;) {
        if (buffer_.size() > 0) {
            any_byte_ = true;
            auto size = http::parse_response_head(buffer_.readable(), limits, head_);
            if (!size || (*size > 0 && head_.status == 101)) {
                broken_ = true;
                if (!size) co_return fail(std::move(size).error());
                co_return fail(errc::bad_upstream, "the provider switched protocols unasked");
            }
            if (*size > 0) {
                buffer_.consume(*size);
                if (head_.status >= 200) {
                    body_left_ = head_.content_length;
                    body_finished_ = head_.body == http::body_kind::none ||
                                     (head_.body == http::body_kind::length && body_left_ == 0);
                    co_return result<void>();
                }
                ++interim;
                continue;
            }
        }
        const boost::system::error_code ec = co_await read_more();
        if (!ec) continue;
        broken_ = true;
        error e = failure(ec, "the provider ended the connection before its answer");
        if (reused_ && !any_byte_ && e.code == errc::bad_upstream) e.code = errc::stale_connection;
        co_return fail(std::move(e));
    }
    broken_ = true;
    co_return fail(errc::bad_upstream, "the provider sent too many interim answers");
}

result<upstream_connection::piece> upstream_connection::take_chunk() {
    for (;;) {
        auto step = chunks_.feed(buffer_.readable());
        if (!step) {
            broken_ = true;
            return fail(errc::bad_upstream, "the provider's answer is malformed: bad chunk");
        }
        body_finished_ = step->finished;
        buffer_.consume(step->consumed);
        if (body_finished_ && buffer_.size() > 0) broken_ = true; // bytes nobody asked for: never pooled
        if (!step->data.empty() || step->finished || step->consumed == 0)
            return piece{step->data, step->finished};
    }
}

result<upstream_connection::piece> upstream_connection::take() {
    if (body_finished_) {
        if (buffer_.size() > 0) broken_ = true; // bytes nobody asked for: never pooled
        return piece{{}, true};
    }
    if (head_.body == http::body_kind::chunked) return take_chunk();
    const std::string_view input = buffer_.readable();
    std::string_view data = input;
    if (head_.body == http::body_kind::length) {
        data = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), body_left_)));
        body_left_ -= data.size();
        body_finished_ = body_left_ == 0;
    }
    buffer_.consume(data.size());
    if (body_finished_ && buffer_.size() > 0) broken_ = true; // as above
    return piece{data, body_finished_};
}

asio::awaitable<result<void>> upstream_connection::fill() {
    const boost::system::error_code ec = co_await read_more();
    if (!ec) co_return result<void>();
    broken_ = true;
    // TLS without close_notify may have been cut by anybody: only a real end ends a body that has no length
    // (pitfall 18).
    if (ec == asio::error::eof && head_.body == http::body_kind::until_close && !timed_out_ && !aborted_) {
        body_finished_ = true;
        co_return result<void>();
    }
    co_return fail(failure(ec, "the provider's answer was cut short"));
}

asio::awaitable<result<std::string_view>> upstream_connection::read_whole_body(std::size_t limit) {
    const error too_large{errc::bad_upstream, "the provider's answer is larger than the limit", 0};
    if (head_.body == http::body_kind::length) {
        if (head_.content_length > limit) {
            broken_ = true;
            co_return fail(too_large);
        }
        const auto length = static_cast<std::size_t>(head_.content_length);
        if (buffer_.size() < length) buffer_.reserve(length - buffer_.size());
        while (buffer_.size() < length) {
            auto more = co_await fill();
            if (!more) co_return fail(std::move(more).error());
        }
        const std::string_view body = buffer_.readable().substr(0, length);
        body_finished_ = true;
        body_left_ = 0;
        if (buffer_.size() > length) broken_ = true; // bytes nobody asked for: never pooled
        co_return body;
    }
    assembled_.clear();
    for (;;) {
        auto next = take();
        if (!next) co_return fail(std::move(next).error());
        if (assembled_.size() + next->data.size() > limit) {
            broken_ = true;
            co_return fail(too_large);
        }
        assembled_ += next->data;
        if (next->finished) break;
        if (!next->data.empty()) continue;
        auto more = co_await fill();
        if (!more) co_return fail(std::move(more).error());
    }
    co_return with_padding(assembled_);
}

asio::awaitable<result<std::string_view>> upstream_connection::read_beginning(std::size_t most) {
    assembled_.clear();
    for (;;) {
        auto next = take();
        if (!next) co_return fail(std::move(next).error());
        assembled_ += next->data.substr(0, most - assembled_.size());
        if (next->finished) break;
        if (assembled_.size() == most) {
            broken_ = true;
            break;
        }
        if (!next->data.empty()) continue;
        auto more = co_await fill();
        if (!more) co_return fail(std::move(more).error());
    }
    co_return with_padding(assembled_);
}

bool upstream_connection::reusable() const noexcept {
    return !broken_ && !timed_out_ && !aborted_ && body_finished_ && head_.keep_alive;
}

bool upstream_connection::quiet() {
    // Records that came together with the last answer wait in the TLS engine, not in the socket.
    if (tls_) {
        SSL* const raw = tls_->native_handle();
        if (SSL_has_pending(raw) == 1 || BIO_pending(SSL_get_rbio(raw)) > 0) return false;
    }
    char one = 0;
    const ssize_t n = ::recv(socket_.native_handle(), &one, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void upstream_connection::begin_reuse() noexcept {
    reused_ = true;
    any_byte_ = false;
    body_finished_ = false;
    body_left_ = 0;
    chunks_ = http::chunk_decoder();
    buffer_.clear();
    buffer_.release(client_bytes_when_idle);
    if (assembled_.capacity() > client_bytes_when_idle)
        std::string().swap(assembled_); // assignment would keep the memory
}

void upstream_connection::abort() noexcept {
    aborted_ = true;
    boost::system::error_code ignored; // closing: there is nobody left to tell
    socket_.close(ignored);
}

std::optional<steady_time> upstream_connection::deadline_reached(steady_time) {
    timed_out_ = true;
    boost::system::error_code ignored; // closing: there is nobody left to tell
    socket_.close(ignored);
    return std::nullopt;
}

} // namespace sluice::net
