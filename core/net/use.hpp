// Names that every coroutine of the program uses.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sluice::net {

namespace asio = boost::asio;

// Errors come back as the first member of a tuple, never as an exception (style rule 16).
inline constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

// Something under way that another party may have to end: a connection whose client has gone, a wait in a
// queue.
class abortable {
public:
    // Makes the pending operation complete soon. On the owner's thread.
    virtual void abort() noexcept = 0;

protected:
    ~abortable() = default;
};

} // namespace sluice::net
