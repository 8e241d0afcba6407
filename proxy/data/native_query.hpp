// Queries in a client's own dialect (api.md §10.7): to a provider that speaks it as they are, to others as a
// chat.
#pragma once

#include "core/base/error.hpp"
#include "providers/target.hpp"
#include "proxy/data/exchange.hpp"

#include <string>
#include <string_view>

namespace sluice::data {

// The field in which SDKs of the dialect put their key; empty: none of its own.
[[nodiscard]] std::string_view key_field(providers::dialect speaks) noexcept;

// Reads the body; the endpoint's name is in client.call.model afterwards. Error bad_request.
[[nodiscard]] result<void> parse_native(exchange& client);

// Where the call goes. For a provider of another dialect the call becomes a chat, and client.translator is
// set. Null: tokens are to be counted, which this provider does not do. Error bad_request.
[[nodiscard]] result<const providers::target*> choose_target(exchange& client, const providers::target& of);

// The answer of the gateway itself to a call that counts tokens.
[[nodiscard]] std::string counted_tokens(const exchange& client);

} // namespace sluice::data
