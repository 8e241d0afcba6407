// A provider's answer that is read whole: an error, a JSON answer, or one that becomes a stream for the
// client.
#pragma once

#include "core/base/error.hpp"
#include "core/net/guard.hpp"
#include "core/net/pool.hpp"
#include "proxy/data/exchange.hpp"
#include "proxy/observe/account.hpp"

#include <string>
#include <string_view>

namespace sluice::data {

// What the provider's code takes from here, without the fields of the answer's head.
[[nodiscard]] providers::answer_context context_of(const exchange& client);

[[nodiscard]] bool is_success(int status) noexcept;

// Error bad_upstream: the body is compressed, which nobody asked for.
[[nodiscard]] result<void> check_coding(const http::field_list& fields);

// As relay(), for an answer that is no stream and whose coding has been checked.
[[nodiscard]] net::asio::awaitable<result<void>> relay_whole(exchange& client,
                                                             net::exchange_guard& guard,
                                                             net::lease& from,
                                                             const providers::target& to,
                                                             std::string_view extra,
                                                             observe::account& entry);

// Reads the whole answer whose head `from` has read, good or not; `text` gets what the client is to see of
// it.
[[nodiscard]] net::asio::awaitable<result<providers::answer>> read_whole(exchange& client,
                                                                         net::exchange_guard& guard,
                                                                         net::lease& from,
                                                                         const providers::target& to,
                                                                         observe::account& entry,
                                                                         std::string& text);

} // namespace sluice::data
