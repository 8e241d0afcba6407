#include "tests/support/black_hole.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace sluice::support {

black_hole::black_hole()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
    ::listen(listener_.get(), 0);
    socklen_t size = sizeof at;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    // The queue holds one connection or two; SYNs beyond it are dropped.
    for (int i = 0; i < 4; ++i) {
        fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        ::connect(fillers_.back().get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
    }
}

std::string black_hole::base_url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/v1";
}

} // namespace sluice::support
