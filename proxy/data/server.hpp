// The loop of one client connection: read a head, find its route, answer, again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace sluice::data {

class shard;

// Owns the connection from accept to close. `here` outlives it.
[[nodiscard]] boost::asio::awaitable<void> serve(shard& here, boost::asio::ip::tcp::socket socket);

} // namespace sluice::data
