// The thin shell around the scripts: reads requests, does what the steps of a script say, notices peers that
// leave.
#include "tools/provider/service.hpp"
#include "tools/provider/shard.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::sim {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using clock = std::chrono::steady_clock;
using boost::system::error_code;
using tls_stream = asio::ssl::stream<tcp::socket>;

constexpr std::uint64_t body_limit = std::uint64_t{64} * 1024 * 1024;
constexpr std::uint32_t head_limit = 65'536;
constexpr std::size_t read_size = 16'384;
constexpr std::size_t write_size = 65'536; // events that are due at once are joined up to this size
constexpr std::chrono::milliseconds watch_interval{50};
constexpr std::chrono::seconds handshake_limit{10};

tcp::socket& socket_of(tcp::socket& stream) {
    return stream;
}
tcp::socket& socket_of(tls_stream& stream) {
    return stream.next_layer();
}

// Asked of the kernel, because bytes that the peer sent before it left would hide its end from a read. A peer
// that has shut down its sending side counts as gone.
bool peer_is_gone(tcp::socket& socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    const int failed = ::getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size);
    return failed != 0 || info.tcpi_state != TCP_ESTABLISHED;
}

std::int64_t wall_seconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

// Closes a socket when its time is up, unless it goes out of scope first. The timer's handler may run after
// that, so what it needs is shared with it.
class closing_after {
public:
    closing_after(tcp::socket& socket, std::chrono::milliseconds time)
        : target_(std::make_shared<tcp::socket*>(&socket))
        , timer_(socket.get_executor(), time) {
        timer_.async_wait([target = target_](error_code ec) {
            error_code ignored;
            if (!ec && *target != nullptr) (*target)->close(ignored);
        });
    }
    closing_after(const closing_after&) = delete;
    closing_after& operator=(const closing_after&) = delete;
    ~closing_after() { *target_ = nullptr; }

private:
    std::shared_ptr<tcp::socket*> target_; // shared with the handler; null: too late
    asio::steady_timer timer_;
};

template <class Stream>
class connection final : public stoppable {
public:
    connection(shard& here, Stream stream)
        : here_(here)
        , stream_(std::move(stream))
        , timer_(here.context)
        , open_(here.counters.open) {
        here_.alive.insert(this);
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() { here_.alive.erase(this); }

    asio::awaitable<void> run();

    void stop() override {
        error_code ignored;
        stopped_ = true;
        timer_.cancel();
        socket_of(stream_).close(ignored);
    }

private:
    using parser_type = http::request_parser<http::string_body>;

    asio::awaitable<bool> handshake();
    asio::awaitable<bool> read_request(parser_type& parser);
    asio::awaitable<bool> read_more();
    asio::awaitable<bool> continue_body(const parser_type& parser);
    asio::awaitable<bool> answer(const parser_type& parser);
    asio::awaitable<bool> play(script& s);
    asio::awaitable<bool> flush();
    asio::awaitable<bool> wait_until(clock::time_point due);
    asio::awaitable<void> finish(action what);

    shard& here_;
    Stream stream_;
    asio::steady_timer timer_;
    counted open_;
    beast::flat_buffer in_;
    std::string out_;
    std::vector<header_field> fields_;
    std::optional<std::chrono::milliseconds> stale_; // how long the connection may idle, when a knob said so
    bool stopped_ = false;
};

template <class Stream>
asio::awaitable<void> connection<Stream>::run() {
    if (!co_await handshake()) co_return;
    bool good = true;
    while (good && !stopped_) {
        parser_type parser;
        parser.header_limit(head_limit);
        parser.body_limit(body_limit);
        parser.eager(true);
        good = co_await read_request(parser);
        if (good) good = co_await answer(parser);
    }
}

template <class Stream>
asio::awaitable<bool> connection<Stream>::handshake() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
        const closing_after limit(stream_.next_layer(), handshake_limit);
        auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, use_result);
        if (ec) co_return false;
        here_.counters.tls_handshakes.fetch_add(1, std::memory_order_relaxed);
        if (SSL_session_reused(stream_.native_handle()) == 1)
            here_.counters.tls_resumed.fetch_add(1, std::memory_order_relaxed);
    }
    co_return true;
}

// Parses what is in the buffer and reads only when that is used up.
template <class Stream>
asio::awaitable<bool> connection<Stream>::read_request(parser_type& parser) {
    bool asked = false;
    for (;;) {
        error_code ec = http::error::need_more;
        if (in_.size() > 0) in_.consume(parser.put(in_.data(), ec));
        if (ec && ec != http::error::need_more) co_return false;
        if (parser.is_done()) co_return true;
        if (parser.is_header_done() && !asked) {
            asked = true;
            if (!co_await continue_body(parser)) co_return false;
        }
        if (!co_await read_more()) co_return false;
    }
}

template <class Stream>
asio::awaitable<bool> connection<Stream>::read_more() {
    std::optional<closing_after> limit;
    if (stale_) limit.emplace(socket_of(stream_), *stale_);
    auto space = in_.prepare(read_size);
    auto [ec, n] = co_await stream_.async_read_some(space, use_result);
    in_.commit(n);
    stale_.reset();
    co_return !ec;
}

template <class Stream>
asio::awaitable<bool> connection<Stream>::continue_body(const parser_type& parser) {
    if (!beast::iequals(parser.get()[http::field::expect], "100-continue")) co_return true;
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    co_return co_await flush();
}

std::string_view beast_view(beast::string_view text) {
    return {text.data(), text.size()};
}

template <class Stream>
asio::awaitable<bool> connection<Stream>::answer(const parser_type& parser) {
    const auto& message = parser.get();
    fields_.clear();
    for (const auto& field : message)
        fields_.push_back(header_field{beast_view(field.name_string()), beast_view(field.value())});
    http_request request;
    request.method = beast_view(message.method_string());
    request.target = beast_view(message.target());
    request.fields = fields_;
    request.body = message.body();
    request.keep_alive = message.keep_alive();
    request.http_1_0 = message.version() < 11;
    script s = respond(request, here_.who, wall_seconds(), here_.counters);
    const counted active(here_.counters.active);
    co_return co_await play(s);
}

// True: the connection serves the next request.
template <class Stream>
asio::awaitable<bool> connection<Stream>::play(script& s) {
    clock::time_point due{};
    out_.clear();
    for (;;) {
        const step now = s.next(out_);
        if (now.content) here_.counters.chunks.fetch_add(1, std::memory_order_relaxed);
        const bool full = out_.size() >= write_size;
        bool here = true;
        if (now.what != action::more || full) here = co_await flush();
        if (here && now.what == action::wait) {
            // Paced by due times, so that the cost of writing does not add up.
            due = std::max(due == clock::time_point{} ? clock::now() : due, clock::now() - now.pause) +
                  now.pause;
            here = co_await wait_until(due);
        }
        if (here && now.what == action::hang) here = co_await wait_until(clock::time_point::max());
        if (!here) {
            if (!stopped_) here_.counters.aborted.fetch_add(1, std::memory_order_relaxed);
            co_return false;
        }
        if (now.what == action::keep) {
            stale_ = s.settings().stale;
            co_return true;
        }
        if (now.what == action::close || now.what == action::reset) {
            co_await finish(now.what);
            co_return false;
        }
    }
}

template <class Stream>
asio::awaitable<bool> connection<Stream>::flush() {
    if (out_.empty()) co_return true;
    const auto bytes = asio::buffer(out_);
    auto [ec, n] = co_await asio::async_write(stream_, bytes, use_result);
    out_.clear();
    co_return !ec;
}

// False: the peer has left, or the server stops.
template <class Stream>
asio::awaitable<bool> connection<Stream>::wait_until(clock::time_point due) {
    for (clock::time_point now = clock::now(); now < due; now = clock::now()) {
        timer_.expires_at(std::min(due, now + watch_interval));
        [[maybe_unused]] auto [ec] = co_await timer_.async_wait(use_result);
        if (stopped_ || peer_is_gone(socket_of(stream_))) co_return false;
    }
    co_return true;
}

template <class Stream>
asio::awaitable<void> connection<Stream>::finish(action what) {
    error_code ignored;
    tcp::socket& socket = socket_of(stream_);
    if (what == action::reset) {
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
        socket.close(ignored);
        co_return;
    }
    if constexpr (std::is_same_v<Stream, tls_stream>) {
        const closing_after limit(socket, std::chrono::seconds(1));
        [[maybe_unused]] auto [ec] = co_await stream_.async_shutdown(use_result);
    }
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    socket.close(ignored);
}

template <class Stream>
asio::awaitable<void> run_connection(std::unique_ptr<connection<Stream>> c) {
    co_await c->run();
}

void report_connection(std::exception_ptr failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(std::move(failure));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "sluice-provider: a connection failed: %s\n", e.what());
    }
}

template <class Stream>
void spawn(shard& here, Stream stream) {
    auto c = std::make_unique<connection<Stream>>(here, std::move(stream));
    asio::co_spawn(here.context, run_connection<Stream>(std::move(c)), report_connection);
}

} // namespace

void serve_connection(shard& here, tcp::socket socket, asio::ssl::context* tls) {
    error_code ignored;
    here.counters.connections.fetch_add(1, std::memory_order_relaxed);
    socket.set_option(tcp::no_delay(true), ignored);
    // Idle connections have no deadline, as providers keep them long; a peer that is dead is found by the
    // kernel.
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    if (tls == nullptr)
        spawn<tcp::socket>(here, std::move(socket));
    else
        spawn<tls_stream>(here, tls_stream(std::move(socket), *tls));
}

} // namespace sluice::sim
