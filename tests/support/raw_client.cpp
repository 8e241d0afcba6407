#include "tests/support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <poll.h>
#include <utility>

namespace sluice::support {

namespace {

using std::chrono::steady_clock;

int milliseconds_left(steady_clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

} // namespace

raw_client::raw_client(std::uint16_t port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0)
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const int yes = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ended_ = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0;
}

bool raw_client::send(std::string_view bytes) {
    const auto until = steady_clock::now() + patience;
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) return false;
        pollfd one{socket_.get(), POLLOUT, 0};
        if (::poll(&one, 1, milliseconds_left(until)) == 0) return false;
    }
    return true;
}

bool raw_client::read_more(steady_clock::time_point until) {
    if (ended_) return false;
    pollfd one{socket_.get(), POLLIN, 0};
    if (::poll(&one, 1, milliseconds_left(until)) <= 0) return false;
    std::array<char, 16384> space{};
    const ssize_t n = ::recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (n <= 0) {
        ended_ = true;
        return false;
    }
    input_.append(space.data(), static_cast<std::size_t>(n));
    return true;
}

answer raw_client::read_head() {
    answer out;
    const auto until = steady_clock::now() + patience;
    std::size_t end = input_.find("\r\n\r\n");
    while (end == std::string::npos && read_more(until))
        end = input_.find("\r\n\r\n");
    if (end == std::string::npos) {
        out.head = std::exchange(input_, std::string());
        return out;
    }
    out.head = input_.substr(0, end + 4);
    input_.erase(0, end + 4);
    if (out.head.starts_with("HTTP/1.1 ") && out.head.size() > 12)
        std::from_chars(out.head.data() + 9, out.head.data() + 12, out.status);
    out.chunked = out.has("transfer-encoding");
    return out;
}

answer raw_client::read_answer(bool to_head) {
    answer out = read_head();
    if (out.status == 0) return out;
    if (to_head || out.status < 200 || out.status == 204) {
        out.complete = true;
        return out;
    }
    const auto until = steady_clock::now() + patience;
    body_reader reader(out.head);
    out.complete = reader.take(input_, ended_);
    while (!out.complete && read_more(until))
        out.complete = reader.take(input_, ended_);
    if (!out.complete && ended_) out.complete = reader.take(input_, true);
    out.body = std::move(reader.body());
    if (!out.complete) out.body += std::exchange(input_, std::string());
    return out;
}

std::string raw_client::read_until(std::string_view mark) {
    const auto until = steady_clock::now() + patience;
    std::size_t at = input_.find(mark);
    while (at == std::string::npos && read_more(until))
        at = input_.find(mark);
    const std::size_t end = at == std::string::npos ? input_.size() : at + mark.size();
    std::string out = input_.substr(0, end);
    input_.erase(0, end);
    return out;
}

std::string raw_client::read_to_end() {
    const auto until = steady_clock::now() + patience;
    while (read_more(until)) {
    }
    return std::exchange(input_, std::string());
}

std::string raw_client::read_for(std::chrono::milliseconds within) {
    const auto until = steady_clock::now() + within;
    while (steady_clock::now() < until && read_more(until)) {
    }
    return std::exchange(input_, std::string());
}

bool raw_client::is_closed(std::chrono::milliseconds within) {
    const auto until = steady_clock::now() + within;
    while (read_more(until)) {
    }
    return ended_;
}

void raw_client::half_close() {
    ::shutdown(socket_.get(), SHUT_WR);
}

void raw_client::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    socket_.close();
}

} // namespace sluice::support
