#include "core/net/listener.hpp"

#include "core/base/log.hpp"
#include "core/http/framing.hpp"
#include "core/net/transfer.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

namespace sluice::net {

namespace {

constexpr int backlog = 4096;
constexpr std::chrono::milliseconds accept_pause{
    20}; // after an error: a full descriptor table does not burn the core
constexpr std::string_view busy =
    "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 84\r\n"
    "retry-after: 1\r\nconnection: close\r\n\r\n"
    R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"Too many connections are open."} )";

using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

} // namespace

result<asio::ip::tcp::endpoint> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto bad = [&] {
        return fail(errc::invalid_parameter_value,
                    "'" + std::string(text) +
                        "' is not an address to listen on; write HOST:PORT, for example 127.0.0.1:8080.");
    };
    if (colon == std::string_view::npos) return bad();
    std::string_view host = text.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(std::string(host), ec);
    const auto port = http::parse_decimal(text.substr(colon + 1));
    if (ec || !port || *port > 65535) return bad();
    return asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(*port));
}

listener::listener(asio::io_context& io)
    : acceptor_(io)
    , pause_(io)
    , spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

listener::~listener() {
    if (spare_ >= 0) ::close(spare_);
}

result<std::unique_ptr<listener>> listener::open(asio::io_context& io, const asio::ip::tcp::endpoint& at) {
    std::unique_ptr<listener> made(new listener(io));
    boost::system::error_code ec;
    asio::ip::tcp::acceptor& acceptor = made->acceptor_;
    acceptor.open(at.protocol(), ec);
    if (!ec) acceptor.set_option(asio::ip::tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor.set_option(reuse_port(true), ec);
    if (!ec && at.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), ec);
    if (!ec) acceptor.bind(at, ec);
    if (!ec) acceptor.listen(backlog, ec);
    if (!ec) return made;
    return fail(errc::invalid_parameter_value,
                "Cannot listen on " + at.address().to_string() + ":" + std::to_string(at.port()) + ": " +
                    ec.message() + ".");
}

asio::ip::tcp::endpoint listener::local() const {
    boost::system::error_code ec;
    return acceptor_.local_endpoint(ec);
}

void listener::refuse_one() {
    if (spare_ < 0) return;
    ::close(spare_);
    const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        [[maybe_unused]] const auto sent = ::send(fd, busy.data(), busy.size(), MSG_NOSIGNAL); // best effort
        ::close(fd);
    }
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

asio::awaitable<void> listener::run(on_accept accepted) {
    while (!closed_) {
        auto [ec, socket] = co_await acceptor_.async_accept(use_result);
        if (closed_) break;
        if (!ec) prepare(socket, ec);
        if (!ec) {
            accepted(std::move(socket));
            continue;
        }
        if (ec == asio::error::no_descriptors || ec == asio::error::no_buffer_space ||
            ec == asio::error::no_memory || ec.value() == ENFILE) {
            log::error("accept_failed", {{"why", ec.message()}});
            refuse_one();
            pause_.expires_after(accept_pause);
            co_await pause_.async_wait(use_result);
        }
    }
}

void listener::close() noexcept {
    closed_ = true;
    boost::system::error_code ignored; // closing: there is nobody left to tell
    acceptor_.close(ignored);
    pause_.cancel();
}

} // namespace sluice::net
