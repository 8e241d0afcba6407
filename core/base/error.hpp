// Errors as values. `errc` names the *reaction* an error asks for; the text says what happened. One table
// maps every code to the HTTP status and the `error_code` of the Databricks REST API (error table: README,
// "Errors").
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

enum class errc : std::uint8_t {
    invalid_parameter_value, // 400: a field has a value that is not allowed
    bad_request,             // 400: malformed request or query
    payload_too_large,       // 400 BAD_REQUEST, on OpenAI-shaped paths 413
    unauthenticated,         // 401
    permission_denied,       // 403
    resource_does_not_exist, // 404: unknown endpoint, scope, secret, token
    endpoint_not_found,      // 404: unknown route, unknown model on OpenAI paths, upstream 404
    resource_conflict,       // 409: a config update is in progress
    resource_already_exists, // 409
    secret_already_exists,   // 400 RESOURCE_ALREADY_EXISTS: secret scopes answer 400
    secret_limit_exceeded,   // 400 RESOURCE_LIMIT_EXCEEDED
    request_limit_exceeded,  // 429
    cancelled,               // 499: the client is gone; nobody reads the answer
    internal_error,          // 500: a bug, or an upstream 500
    bad_upstream,            // 502 INTERNAL_ERROR: connect, TLS, name or protocol failure upstream
    not_implemented,         // 501
    temporarily_unavailable, // 503: starting, draining, overload
    deadline_exceeded,       // 504: the upstream did not answer in time
    stale_connection,  // never answered: a reused upstream connection died before its first byte; retry once
    connection_closed, // never answered: the peer closed where that ends the conversation
};

struct error {
    errc code = errc::internal_error;
    std::string message;         // for people; never holds a secret
    int retry_after_seconds = 0; // > 0: send Retry-After
};

template <class T>
using result = tl::expected<T, error>;

// What `errno` of this thread says.
[[nodiscard]] std::string errno_text();

[[nodiscard]] inline tl::unexpected<error> fail(errc code, std::string message, int retry_after_seconds = 0) {
    return tl::unexpected<error>(error{code, std::move(message), retry_after_seconds});
}
[[nodiscard]] inline tl::unexpected<error> fail(error e) {
    return tl::unexpected<error>(std::move(e));
}

// HTTP status and API code of an error that may be answered.
struct api_status {
    int http_status;
    std::string_view error_code;
};
[[nodiscard]] api_status status_of(errc code) noexcept;

// The error body of the API: {"error_code":"…","message":"…"} (api.md §4.1). The message passes
// break_retry_phrases.
[[nodiscard]] std::string error_body(const error& e);

// The same for a body whose error_code is not that of `code` (an upstream failure keeps its own status).
[[nodiscard]] std::string error_body(std::string_view error_code, std::string_view message);

// The error body of the mlflow gateway server, {"detail":"…"}, with ours beside it (api.md §15).
[[nodiscard]] std::string detail_error_body(const error& e);

// Databricks SDKs silently resend a request when an error text contains one of a few phrases, whatever the
// status. Puts an invisible U+2060 WORD JOINER inside every such phrase (matched without regard to case), so
// that none is left.
[[nodiscard]] std::string break_retry_phrases(std::string_view text);

} // namespace sluice
