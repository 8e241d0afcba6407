// The straight line of a query: authenticate, find the endpoint, parse, admit, route, forward, relay,
// account.
#pragma once

#include "proxy/data/exchange.hpp"

namespace sluice::data {

// Answers one query on `client`, whose head is read and whose route is found.
[[nodiscard]] net::asio::awaitable<void> invoke(exchange& client);

} // namespace sluice::data
