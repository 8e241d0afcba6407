// The provider's answer back to the client: whole, or event by event with back-pressure (bytes are read from
// the provider only when those before have been taken by the client). No retry from here on once the first
// byte has gone out.
#pragma once

#include "core/base/error.hpp"
#include "core/net/guard.hpp"
#include "core/net/pool.hpp"
#include "proxy/data/exchange.hpp"
#include "proxy/observe/account.hpp"

#include <string>
#include <string_view>

namespace sluice::data {

// Sends the answer whose head `from` has read. An error means that nothing has been sent yet and the caller
// answers with it, or (connection_closed) that the client is gone; what else happens after the first byte is
// told in the stream and to the entry. `extra`: field lines for the client's head.
[[nodiscard]] net::asio::awaitable<result<void>> relay(exchange& client,
                                                       net::exchange_guard& guard,
                                                       net::lease from,
                                                       const providers::target& to,
                                                       std::string_view extra,
                                                       observe::account& entry);

// A failure without an upstream answer, nested as every upstream error is (api.md §10.6); errors that already
// are stay, but for a short-lived credential that the provider repeats.
[[nodiscard]] error in_provider_form(const exchange& client, const providers::target& to, error e);

// What went wrong with a provider without anything that it said, before in_provider_form(); empty when all is
// in its answer.
[[nodiscard]] std::string own_words(const error& e);

} // namespace sluice::data
