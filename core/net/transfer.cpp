#include "core/net/transfer.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>

namespace sluice::net {

namespace {

// The kernel takes at most 1,024 pieces (IOV_MAX); Asio passes 64 at a time.
constexpr std::size_t pieces_per_call = 64;

} // namespace

std::size_t write_now(asio::ip::tcp::socket& socket, pieces data, boost::system::error_code& ec) {
    const std::size_t n = socket.write_some(data.first(std::min(data.size(), pieces_per_call)), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) {
        ec.clear();
        return 0;
    }
    return n;
}

std::vector<asio::const_buffer> remainder(pieces data, std::size_t skip) {
    std::vector<asio::const_buffer> left;
    for (const asio::const_buffer& piece : data) {
        if (skip >= piece.size()) {
            skip -= piece.size();
            continue;
        }
        left.push_back(piece + skip);
        skip = 0;
    }
    return left;
}

asio::awaitable<boost::system::error_code> write_all(asio::ip::tcp::socket& socket, pieces data) {
    boost::system::error_code ec;
    const std::size_t total = asio::buffer_size(data);
    const std::size_t sent = write_now(socket, data, ec);
    if (ec || sent == total) co_return ec;
    const std::vector<asio::const_buffer> rest = remainder(data, sent);
    const pieces rest_view(rest);
    auto [failed, n] = co_await asio::async_write(socket, rest_view, use_result);
    co_return failed;
}

void prepare(asio::ip::tcp::socket& socket, boost::system::error_code& ec) {
    socket.non_blocking(true, ec);
    if (!ec) socket.set_option(asio::ip::tcp::no_delay(true), ec);
}

} // namespace sluice::net
