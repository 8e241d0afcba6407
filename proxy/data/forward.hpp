// One attempt at one target: get the credential, lease a connection, send the request, read the answer's
// head.
#pragma once

#include "core/base/error.hpp"
#include "core/net/guard.hpp"
#include "core/net/pool.hpp"
#include "proxy/data/exchange.hpp"
#include "proxy/govern/limits.hpp"
#include "proxy/observe/account.hpp"

#include <chrono>

namespace sluice::data {

// `client.upstream` holds the encoded request. A reused connection that died before the first byte is
// replaced once by a fresh one; a request whose short-lived credential is answered with 401 is sent once more
// with a new one; nothing else is ever sent twice. On success the lease's head() is read and `guard` watches
// the connection until the first-byte deadline. Errors: bad_upstream, deadline_exceeded,
// temporarily_unavailable with plain words; connection_closed when the client has gone. `entry` is told when
// the request starts to wait and when it has a connection; from then on the permit is kept.
[[nodiscard]] net::asio::awaitable<result<net::lease>> forward(exchange& client,
                                                               net::exchange_guard& guard,
                                                               const providers::target& to,
                                                               observe::account& entry,
                                                               govern::permit& permit);

// The same without an exchange: the whole attempt has `first_byte` from the time at which it is made, but not
// beyond `latest`. What it refers to must outlive the call.
struct attempt {
    shard& here;
    const providers::target& to;
    providers::upstream_request& request; // its credential_lines are written here
    credential_ptr& proved_by;            // and what they are made of
    std::chrono::milliseconds first_byte;
    steady_time latest;
    observe::account* entry = nullptr; // null: nobody is told
    govern::permit* permit = nullptr;  // kept once there is a connection; null: none
    bool streams = false;              // the client asked for a stream
};
[[nodiscard]] net::asio::awaitable<result<net::lease>> forward(attempt what, net::exchange_guard& guard);

} // namespace sluice::data
