// The server side of one HTTP/1.1 connection: heads, bodies, and bytes written back. Its coroutine owns it,
// on one shard.
//
// It keeps reading ahead while a request is being answered, so a client that leaves is noticed at once and
// not at the next write; what a pipelining client sends meanwhile stays in the buffer, up to the buffer's
// size.
#pragma once

#include "core/base/error.hpp"
#include "core/http/framing.hpp"
#include "core/net/byte_buffer.hpp"
#include "core/net/peer.hpp"
#include "core/net/signal.hpp"
#include "core/net/transfer.hpp"
#include "core/net/use.hpp"
#include "core/net/watchdog.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::net {

struct server_limits {
    http::head_limits head = http::request_head_limits;
    std::size_t body_bytes = std::size_t{16} * 1024 * 1024;
    std::chrono::milliseconds head_time{5'000};
    std::chrono::milliseconds body_time{30'000};
    std::chrono::milliseconds body_grace{5'000}; // after which body_min_rate holds
    std::size_t body_min_rate = 1024;            // bytes per second
    std::chrono::milliseconds keep_alive_time{60'000};
};

class server_connection final : public peer, public deadline_target, public abortable {
public:
    server_connection(asio::io_context& io, asio::ip::tcp::socket socket, const server_limits& limits);
    server_connection(const server_connection&) = delete;
    server_connection& operator=(const server_connection&) = delete;

    // The next request head; its views are good until the next read_head. Error connection_closed: the client
    // went, or took too long; just close. Error bad_request: answer 400 and close.
    [[nodiscard]] asio::awaitable<result<void>> read_head(http::request_head& head);

    // The whole body of that head (which may be rebased, so its views stay good), with json::padding readable
    // bytes behind it; good until the next read_head. Answers an expected 100-continue first. Errors as
    // above, and payload_too_large.
    [[nodiscard]] asio::awaitable<result<std::string_view>> read_body(http::request_head& head);

    // From now until the next read_head the client is watched: when it leaves, `hook` (may be null) is
    // aborted. Says at once whether it already has.
    [[nodiscard]] bool watch(abortable* hook) override;
    // Still watched, but nothing is aborted any more.
    void unhook() noexcept override { gone_hook_ = nullptr; }
    [[nodiscard]] bool peer_gone() const noexcept override { return gone_; }

    // False: the client is gone, took nothing for `time`, or not all until `at_most`; the connection is
    // closed.
    [[nodiscard]] asio::awaitable<bool>
    write(pieces data, std::chrono::milliseconds time, steady_time at_most);
    // A few bytes if the kernel takes them at once and no write is under way; the rest of a torn write goes
    // out before the next one.
    void write_if_idle(std::string_view few);

    // Ends the connection so that the client reads what was written: FIN, then what it still sends is read
    // and dropped for a while.
    [[nodiscard]] asio::awaitable<void> close_gently();

    // While draining: ends a connection that waits for its next request.
    void close_if_idle() noexcept;

    // How long the client was waited for since the last head: for its body, and to take what was written.
    [[nodiscard]] const steady_time::duration& waited() const noexcept { return waited_; }

    [[nodiscard]] std::string remote_address() const;
    [[nodiscard]] watchdog& dog() noexcept override { return dog_; }
    [[nodiscard]] bool has_unread_input() const noexcept { return buffer_.size() > taken_; }

    void abort() noexcept override;
    [[nodiscard]] std::optional<steady_time> deadline_reached(steady_time now) override;

private:
    void start_read(std::size_t least);
    void on_read(const boost::system::error_code& ec, std::size_t n);
    // Ends the read under way; what it has read stays.
    [[nodiscard]] asio::awaitable<void> stop_reading();
    [[nodiscard]] asio::awaitable<bool> more_input(std::size_t least, steady_time deadline);
    [[nodiscard]] asio::awaitable<result<std::string_view>> read_sized_body(http::request_head& head);
    [[nodiscard]] asio::awaitable<result<std::string_view>> read_chunked_body(http::request_head& head);
    [[nodiscard]] bool keep_body(std::string_view data);
    [[nodiscard]] asio::awaitable<bool> send_continue(const http::request_head& head);
    [[nodiscard]] steady_time body_deadline(steady_time start, std::size_t received) const noexcept;
    void grow(std::size_t free, http::request_head& head);

    // Says to the pending read's handler, should an exception have ended the coroutine, that this object is
    // gone.
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
    asio::ip::tcp::socket socket_;
    const server_limits& limits_; // outlives every connection
    watchdog dog_;
    signal input_;
    byte_buffer buffer_;
    byte_buffer body_;      // a chunked body, put together
    std::size_t taken_ = 0; // bytes at the front of buffer_ that belong to the current request
    std::size_t head_size_ = 0;
    abortable* gone_hook_ = nullptr;
    std::string torn_; // the unsent end of a write_if_idle
    steady_time::duration waited_{};
    bool reading_ = false;
    bool stopping_read_ = false;
    bool gone_ = false; // EOF or error: nothing more will come
    bool timed_out_ = false;
    bool between_requests_ = true;
};

} // namespace sluice::net
