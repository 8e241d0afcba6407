// A list of prompts or inputs that is longer than one upstream request takes: several requests in order, one
// answer (providers.md §1.4, §1.10).
#pragma once

#include "core/base/error.hpp"
#include "core/net/guard.hpp"
#include "proxy/data/exchange.hpp"
#include "proxy/govern/limits.hpp"
#include "proxy/observe/account.hpp"

#include <string_view>

namespace sluice::data {

// Does the parsed call have more of them than the target takes at once?
[[nodiscard]] bool is_batch(const exchange& client, const providers::target& to) noexcept;

// Makes the requests and sends the answer. An error means that nothing has been sent; what the parts before
// have used is in the entry all the same.
[[nodiscard]] net::asio::awaitable<result<void>> batch(exchange& client,
                                                       net::exchange_guard& guard,
                                                       const providers::target& to,
                                                       std::string_view extra,
                                                       observe::account& entry,
                                                       govern::permit& permit);

} // namespace sluice::data
