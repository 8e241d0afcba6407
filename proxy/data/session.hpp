// Sessions of the Serving UI: a cookie, which the browser sends by itself, is believed only beside a header
// that a page of this server alone can send, and never for a page of another one. No I/O, no lock.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/http/message.hpp"
#include "proxy/model/credentials.hpp"
#include "proxy/model/snapshot.hpp"

#include <string_view>

namespace sluice::data {

// What a proxy in front says that the client speaks. Whoever sends the field to the gateway himself changes
// his own answers only.
[[nodiscard]] bool came_by_https(const http::request_head& head);

// The value of the session's cookie, a view into the head; empty: there is none. Error bad_request: there are
// several.
[[nodiscard]] result<std::string_view> session_cookie(const http::field_list& fields);

// Error permission_denied: a browser says that the request comes from a page of another server.
[[nodiscard]] result<void> check_origin(const http::request_head& head);

// Error permission_denied: the X-Csrf-Token of the cookie with this value is missing or wrong.
[[nodiscard]] result<void>
check_csrf(const http::request_head& head, std::string_view cookie, model::credential_checker& checker);

// Who has signed in, by the cookie alone. Error unauthenticated.
[[nodiscard]] result<model::caller> signed_in(std::string_view cookie,
                                              const model::snapshot& config,
                                              model::credential_checker& checker,
                                              wall_ms now);

} // namespace sluice::data
