// One thread of the simulated provider and what lives on it. Used by server.cpp and connection.cpp only.
#pragma once

#include "tools/provider/access.hpp"
#include "tools/provider/stats.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <unordered_set>

namespace sluice::sim {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// Every Asio call completes with a tuple of its results: errors are values.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<>> use_result{};

// What stop() must end: acceptors and connections. Registered with their shard while they live.
class stoppable {
public:
    virtual void stop() = 0;

protected:
    ~stoppable() = default;
};

struct shard {
    shard(stats& s, const access& a)
        : counters(s)
        , who(a) {}

    stats& counters;
    const access& who;
    asio::io_context context{1};
    std::unordered_set<stoppable*> alive; // this thread only
    bool stopping = false;
};

// Serves one accepted connection to its end, in the background. `tls` null: plain HTTP. The context outlives
// the connection.
void serve_connection(shard& here, tcp::socket socket, asio::ssl::context* tls);

} // namespace sluice::sim
