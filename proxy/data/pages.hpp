// The small answers of the request path that no provider has a part in.
#pragma once

#include "proxy/data/exchange.hpp"

namespace sluice::data {

[[nodiscard]] net::asio::awaitable<void> healthz(exchange& client);
// 503 while starting or draining.
[[nodiscard]] net::asio::awaitable<void> readyz(exchange& client);
// Prometheus text, for an admin's token.
[[nodiscard]] net::asio::awaitable<void> metrics(exchange& client);
// What every SDK asks first, without credentials (api.md §3.2).
[[nodiscard]] net::asio::awaitable<void> discovery(exchange& client);
// Where OAuth clients find the token call (RFC 8414), without credentials.
[[nodiscard]] net::asio::awaitable<void> oidc_metadata(exchange& client);
// GET /serving-endpoints/models, in OpenAI's shape.
[[nodiscard]] net::asio::awaitable<void> list_models(exchange& client);
// No such route.
[[nodiscard]] net::asio::awaitable<void> unknown_route(exchange& client);
// Hands a call to the management plane and sends its answer.
[[nodiscard]] net::asio::awaitable<void> manage(exchange& client);

} // namespace sluice::data
