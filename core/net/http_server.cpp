#include "core/net/http_server.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace sluice::net {

namespace {

constexpr std::size_t first_buffer = std::size_t{8} * 1024;
constexpr std::size_t read_ahead_room = std::size_t{2} * 1024;
constexpr std::size_t server_bytes_when_idle = std::size_t{32} * 1024;
constexpr std::chrono::milliseconds linger_time{1'000};
constexpr std::size_t linger_bytes = std::size_t{256} * 1024;
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

server_connection::server_connection(asio::io_context& io,
                                     asio::ip::tcp::socket socket,
                                     const server_limits& limits)
    : socket_(std::move(socket))
    , limits_(limits)
    , dog_(io)
    , input_(io.get_executor()) {}

void server_connection::start_read(std::size_t least) {
    if (reading_ || gone_) return;
    buffer_.reserve(least);
    reading_ = true;
    auto handler = [this, alive = std::weak_ptr<const bool>(alive_)](const boost::system::error_code& ec,
                                                                     std::size_t n) {
        if (!alive.expired()) on_read(ec, n);
    };
    socket_.async_read_some(asio::buffer(buffer_.space(), buffer_.space_size()), std::move(handler));
}

void server_connection::on_read(const boost::system::error_code& ec, std::size_t n) {
    reading_ = false;
    const bool stopped = stopping_read_ && ec == asio::error::operation_aborted && socket_.is_open();
    if (ec && !stopped) {
        gone_ = true;
        if (gone_hook_) gone_hook_->abort();
    } else if (!ec) {
        buffer_.commit(n);
        // Still watching for the end behind pipelined bytes, as long as they fit.
        if (gone_hook_ && buffer_.space_size() > 0) start_read(0);
    }
    if (input_.has_waiter()) input_.notify_inline();
}

asio::awaitable<void> server_connection::stop_reading() {
    stopping_read_ = true;
    boost::system::error_code ignored; // closed meanwhile: the read has ended too
    socket_.cancel(ignored);
    while (reading_)
        co_await input_.wait();
    stopping_read_ = false;
}

asio::awaitable<bool> server_connection::more_input(std::size_t least, steady_time deadline) {
    const std::size_t before = buffer_.size();
    const steady_time since = std::chrono::steady_clock::now();
    dog_.guard(*this, deadline);
    while (!gone_ && buffer_.size() == before) {
        start_read(least);
        co_await input_.wait();
    }
    dog_.rest();
    waited_ += std::chrono::steady_clock::now() - since;
    co_return buffer_.size() > before;
}

asio::awaitable<result<void>> server_connection::read_head(http::request_head& head) {
    gone_hook_ = nullptr;
    body_.clear();
    body_.release(0);
    // A large body's memory would stay for as long as the client keeps an idle connection.
    if (reading_ && buffer_.capacity() > server_bytes_when_idle) co_await stop_reading();
    if (!reading_) {
        buffer_.consume(taken_);
        buffer_.release(server_bytes_when_idle);
        taken_ = 0;
    }
    bool started = false;
    steady_time deadline = std::chrono::steady_clock::now() + limits_.keep_alive_time;
    between_requests_ = true;
    for (;;) {
        const std::string_view input = buffer_.readable().substr(taken_);
        if (!input.empty()) {
            auto size = http::parse_request_head(input, limits_.head, head);
            between_requests_ = false;
            if (!size) co_return fail(std::move(size).error());
            if (*size > 0) {
                head_size_ = *size;
                taken_ += *size;
                waited_ = {};
                co_return result<void>();
            }
            if (!started) deadline = std::chrono::steady_clock::now() + limits_.head_time;
            started = true;
        }
        const bool more = co_await more_input(first_buffer, deadline);
        if (!more) co_return fail(errc::connection_closed, "the client closed the connection");
        if (taken_ > 0 && !reading_) {
            buffer_.consume(taken_);
            taken_ = 0;
        }
    }
}

steady_time server_connection::body_deadline(steady_time start, std::size_t received) const noexcept {
    const std::chrono::milliseconds earned(received * 1000 / std::max<std::size_t>(limits_.body_min_rate, 1));
    return start + std::min(limits_.body_time, limits_.body_grace + earned);
}

void server_connection::grow(std::size_t free, http::request_head& head) {
    if (buffer_.space_size() >= free) return;
    buffer_.reserve(free);
    // The bytes have moved: the head is read again where it lies now. It was good before, so it is now.
    const std::size_t at = taken_ - head_size_;
    const auto again = http::parse_request_head(buffer_.readable().substr(at), limits_.head, head);
    (void)again;
}

asio::awaitable<bool> server_connection::send_continue(const http::request_head& head) {
    if (!head.expect_continue || has_unread_input()) co_return true;
    const asio::const_buffer piece(continue_head.data(), continue_head.size());
    const std::array<asio::const_buffer, 1> all = {piece};
    const pieces data(all);
    const bool sent = co_await write(data, limits_.body_time, steady_time::max());
    co_return sent;
}

asio::awaitable<result<std::string_view>> server_connection::read_body(http::request_head& head) {
    if (head.body == http::body_kind::none) co_return std::string_view(buffer_.readable().data() + taken_, 0);
    if (head.body == http::body_kind::length && head.content_length > limits_.body_bytes) {
        co_return fail(errc::payload_too_large,
                       "The request body is larger than the limit of " + std::to_string(limits_.body_bytes) +
                           " bytes.");
    }
    const bool may_go_on = co_await send_continue(head);
    if (!may_go_on) co_return fail(errc::connection_closed, "the client closed the connection");
    if (head.body == http::body_kind::length) co_return co_await read_sized_body(head);
    co_return co_await read_chunked_body(head);
}

asio::awaitable<result<std::string_view>> server_connection::read_sized_body(http::request_head& head) {
    const auto length = static_cast<std::size_t>(head.content_length);
    const steady_time start = std::chrono::steady_clock::now();
    while (buffer_.size() - taken_ < length) {
        const std::size_t received = buffer_.size() - taken_;
        // Room for the rest and for reading ahead: nothing moves while the request is being answered. A read
        // that is still under way has a place of its own, so growing waits for it.
        if (!reading_) grow(length - received + read_ahead_room, head);
        const bool more = co_await more_input(0, body_deadline(start, received));
        if (!more) co_return fail(errc::connection_closed, "the body did not arrive whole");
    }
    if (!reading_) grow(read_ahead_room, head); // so that the client can be watched
    const std::string_view body = buffer_.readable().substr(taken_, length);
    taken_ += length;
    co_return body;
}

bool server_connection::keep_body(std::string_view data) {
    if (body_.size() + data.size() > limits_.body_bytes) return false;
    if (data.empty()) return true;
    body_.reserve(std::max(data.size(), std::min(body_.size(), limits_.body_bytes - body_.size())));
    std::copy(data.begin(), data.end(), body_.space());
    body_.commit(data.size());
    return true;
}

asio::awaitable<result<std::string_view>> server_connection::read_chunked_body(http::request_head& head) {
    http::chunk_decoder decoder;
    const steady_time start = std::chrono::steady_clock::now();
    const std::size_t head_end = taken_;
    for (;;) {
        auto step = decoder.feed(buffer_.readable().substr(taken_));
        if (!step) co_return fail(std::move(step).error());
        if (!keep_body(step->data)) {
            co_return fail(errc::payload_too_large,
                           "The request body is larger than the limit of " +
                               std::to_string(limits_.body_bytes) + " bytes.");
        }
        taken_ += step->consumed;
        if (step->finished) break;
        if (step->consumed > 0) continue;
        if (!reading_) {
            // What was decoded is not needed any more: its place is used again.
            buffer_.retract(taken_ - head_end);
            taken_ = head_end;
            grow(read_ahead_room, head);
        }
        const bool more = co_await more_input(0, body_deadline(start, body_.size()));
        if (!more) co_return fail(errc::connection_closed, "the body did not arrive whole");
    }
    if (body_.size() == 0) body_.reserve(1);
    co_return body_.readable();
}

bool server_connection::watch(abortable* hook) {
    gone_hook_ = hook;
    if (buffer_.space_size() > 0) start_read(0);
    return gone_;
}

asio::awaitable<bool>
server_connection::write(pieces data, std::chrono::milliseconds time, steady_time at_most) {
    boost::system::error_code ec;
    const std::size_t total = asio::buffer_size(data);
    const std::size_t sent = torn_.empty() ? write_now(socket_, data, ec) : 0;
    if (!ec && torn_.empty() && sent == total) co_return true;
    if (ec) {
        abort();
        co_return false;
    }
    std::vector<asio::const_buffer> rest = remainder(data, sent);
    const std::string torn = std::exchange(torn_, std::string());
    if (!torn.empty()) rest.insert(rest.begin(), asio::const_buffer(torn.data(), torn.size()));
    const steady_time since = std::chrono::steady_clock::now();
    while (!ec && !rest.empty()) {
        dog_.guard(*this, std::min(at_most, std::chrono::steady_clock::now() + time));
        const pieces rest_view(rest);
        auto [failed, n] = co_await socket_.async_write_some(rest_view, use_result);
        ec = failed;
        rest = remainder(rest_view, n);
    }
    dog_.rest();
    waited_ += std::chrono::steady_clock::now() - since;
    if (ec) abort();
    co_return !ec;
}

void server_connection::write_if_idle(std::string_view few) {
    if (!torn_.empty() || gone_) return;
    const asio::const_buffer piece(few.data(), few.size());
    boost::system::error_code ec;
    const std::size_t sent = write_now(socket_, pieces(&piece, 1), ec);
    if (!ec && sent > 0) torn_ = few.substr(sent);
}

asio::awaitable<void> server_connection::close_gently() {
    boost::system::error_code ec;
    gone_hook_ = nullptr;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    const steady_time deadline = std::chrono::steady_clock::now() + linger_time;
    std::size_t dropped = 0;
    while (!ec && !gone_ && dropped < linger_bytes) {
        if (!reading_) {
            dropped += buffer_.size();
            buffer_.clear();
            taken_ = 0;
        }
        const bool more = co_await more_input(1, deadline);
        if (!more) break;
    }
    abort();
    // The pending read's handler refers to this object: it must have run before the object goes.
    while (reading_)
        co_await input_.wait();
}

void server_connection::close_if_idle() noexcept {
    if (between_requests_ && buffer_.size() == taken_) abort();
}

void server_connection::abort() noexcept {
    boost::system::error_code ignored; // closing: there is nobody left to tell
    socket_.close(ignored);
    if (reading_) return; // its handler tells
    gone_ = true;
    if (abortable* const hook = std::exchange(gone_hook_, nullptr)) hook->abort();
}

std::optional<steady_time> server_connection::deadline_reached(steady_time) {
    timed_out_ = true;
    abort();
    return std::nullopt;
}

std::string server_connection::remote_address() const {
    boost::system::error_code ec;
    const auto remote = socket_.remote_endpoint(ec);
    if (ec) return "unknown";
    return remote.address().to_string();
}

} // namespace sluice::net
