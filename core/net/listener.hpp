// Accepts connections on one address. Each shard has a listener of its own on the same port (SO_REUSEPORT:
// the kernel spreads the connections); a spare descriptor is kept to refuse politely when the process has run
// out of them.
#pragma once

#include "core/base/error.hpp"
#include "core/net/task_group.hpp"
#include "core/net/use.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace sluice::net {

// "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:0". Error invalid_parameter_value.
[[nodiscard]] result<asio::ip::tcp::endpoint> parse_listen_address(std::string_view text);

class listener {
public:
    using on_accept = std::function<void(asio::ip::tcp::socket)>;

    // Error invalid_parameter_value: the address cannot be listened on (the text says why).
    [[nodiscard]] static result<std::unique_ptr<listener>> open(asio::io_context& io,
                                                                const asio::ip::tcp::endpoint& at);

    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener();

    // The accept loop, until close(). `accepted` gets each prepared socket.
    [[nodiscard]] asio::awaitable<void> run(on_accept accepted);
    void close() noexcept;

    [[nodiscard]] asio::ip::tcp::endpoint local() const;

private:
    explicit listener(asio::io_context& io);
    void refuse_one();

    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    int spare_ = -1;
    bool closed_ = false;
};

} // namespace sluice::net
