// Writing to a socket without going through the event loop when the kernel takes everything at once, as it
// nearly always does.
#pragma once

#include "core/net/use.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace sluice::net {

// A buffer sequence that is cheap to copy: the pieces themselves must outlive the write.
using pieces = std::span<const asio::const_buffer>;

// Bytes that the kernel took right now; nothing on "would block"; ec for real errors. The socket is
// non-blocking.
[[nodiscard]] std::size_t
write_now(asio::ip::tcp::socket& socket, pieces data, boost::system::error_code& ec);

// All of it, waiting as often as needed.
[[nodiscard]] asio::awaitable<boost::system::error_code> write_all(asio::ip::tcp::socket& socket,
                                                                   pieces data);

// What is left of `data` after its first `skip` bytes.
[[nodiscard]] std::vector<asio::const_buffer> remainder(pieces data, std::size_t skip);

// For a fresh socket of either side: non-blocking, TCP_NODELAY.
void prepare(asio::ip::tcp::socket& socket, boost::system::error_code& ec);

} // namespace sluice::net
