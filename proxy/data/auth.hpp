// Credentials to caller, from the snapshot alone: no I/O, no lock.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/http/message.hpp"
#include "proxy/model/credentials.hpp"
#include "proxy/model/snapshot.hpp"

#include <string_view>

namespace sluice::data {

// "Authorization: Bearer TOKEN", or Basic with the user `token` and the token as its password (api.md §3.1).
// The token is a personal one or an OAuth access token. `own_field`: the field that SDKs of the route's
// dialect put it in, alone (x-api-key, x-goog-api-key); empty: none. Without any of them a session counts
// (session.hpp). Errors unauthenticated, bad_request, and of a session permission_denied.
[[nodiscard]] result<model::caller> authenticate(const http::request_head& head,
                                                 const model::snapshot& config,
                                                 model::credential_checker& checker,
                                                 wall_ms now,
                                                 std::string_view own_field = {});

// Error permission_denied: the credential is for another endpoint, or the caller lacks CAN_QUERY.
[[nodiscard]] result<void> check_may_query(const model::caller& by, const model::endpoint& endpoint);
// The same of a call whose path, as sent, is this: one that is not a query.
[[nodiscard]] result<void> check_may_call(const model::caller& by, std::string_view path);

} // namespace sluice::data
