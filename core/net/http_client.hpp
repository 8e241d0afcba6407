// One connection to a provider: connect (TCP, TLS), write a request, read its answer. Owned by the pool or by
// the lease that took it out; on one shard. After any error, timeout or abort it is closed and never used
// again.
#pragma once

#include "core/base/error.hpp"
#include "core/http/framing.hpp"
#include "core/net/byte_buffer.hpp"
#include "core/net/guard.hpp"
#include "core/net/resolver.hpp"
#include "core/net/tls.hpp"
#include "core/net/transfer.hpp"
#include "core/net/use.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::net {

class upstream_connection final : public interruptible {
public:
    explicit upstream_connection(asio::io_context& io);
    upstream_connection(const upstream_connection&) = delete;
    upstream_connection& operator=(const upstream_connection&) = delete;
    ~upstream_connection();

    // Errors: bad_upstream (the text names the class of failure, never the address), deadline_exceeded,
    // connection_closed when aborted.
    [[nodiscard]] asio::awaitable<result<void>> connect(const asio::ip::address& address, std::uint16_t port);
    [[nodiscard]] asio::awaitable<result<void>>
    handshake(tls_client& tls, const std::string& host, const std::string& origin);

    // Errors as below; on a reused connection a failure is stale_connection.
    [[nodiscard]] asio::awaitable<result<void>> write(pieces data);

    // The answer's head, 1xx skipped (at most 10, 101 is an error). Its views are good until more is read.
    // Errors: stale_connection (a reused connection that ended before the first byte), bad_upstream,
    // deadline_exceeded, connection_closed (aborted).
    [[nodiscard]] asio::awaitable<result<void>> read_head(const http::head_limits& limits);
    [[nodiscard]] const http::response_head& head() const noexcept { return head_; }

    struct piece {
        std::string_view
            data; // a view into the connection's buffer with json::padding readable bytes behind it
        bool finished = false; // the body is complete
    };
    // The next run of body bytes that is already here; empty and not finished: fill() first. The view is good
    // until fill().
    [[nodiscard]] result<piece> take();
    // Reads more. A body that ends too early is an error here.
    [[nodiscard]] asio::awaitable<result<void>> fill();
    // The whole body, contiguous; good until the connection goes. Error bad_upstream beyond `limit`.
    [[nodiscard]] asio::awaitable<result<std::string_view>> read_whole_body(std::size_t limit);
    // The same, but of a longer body its beginning; the connection is not used again then.
    [[nodiscard]] asio::awaitable<result<std::string_view>> read_beginning(std::size_t most);

    // The exchange ended cleanly, nothing is left unread and the provider keeps the connection.
    [[nodiscard]] bool reusable() const noexcept;
    // An idle connection on which nothing has come: neither bytes nor the end.
    [[nodiscard]] bool quiet();
    // Between two exchanges: forgets the last one and gives back the memory that it took.
    void begin_reuse() noexcept;

    [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }
    [[nodiscard]] bool aborted() const noexcept { return aborted_; }

    void abort() noexcept override;
    [[nodiscard]] std::optional<steady_time> deadline_reached(steady_time now) override;

private:
    [[nodiscard]] result<piece> take_chunk();
    [[nodiscard]] error failure(const boost::system::error_code& ec, std::string_view what) const;
    [[nodiscard]] asio::awaitable<boost::system::error_code> read_more();

    asio::ip::tcp::socket socket_;
    std::unique_ptr<tls_stream> tls_;
    byte_buffer buffer_;
    std::string assembled_; // a chunked body, put together for read_whole_body
    http::response_head head_;
    http::chunk_decoder chunks_;
    std::uint64_t body_left_ = 0;
    bool body_finished_ = false;
    bool reused_ = false;
    bool exchanging_ = false; // connected, and asked
    bool any_byte_ = false;   // of the current answer
    bool broken_ = false;
    bool timed_out_ = false;
    bool aborted_ = false;
};

} // namespace sluice::net
