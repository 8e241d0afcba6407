// OAuth access tokens: JSON Web Tokens that the gateway signs and checks itself, opaque to everybody else.
// All that a check needs is in the snapshot, so a request is let in without a look into the database. What a
// token says about its principal's rights is nothing: these are the snapshot's.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/hmac.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::model {

// What a credential is good for, beside the rights of its principal.
enum class token_scope : std::uint8_t {
    all_apis,
    model_serving, // the serving endpoints: queries, management and permissions
};

// "all-apis", "model-serving".
[[nodiscard]] std::string_view to_string(token_scope scope) noexcept;

struct access_claims {
    std::string subject;   // SCIM id of the principal
    std::string audience;  // workspace id
    std::string client_id; // the application that asked for it; empty: had for an assertion
    std::string token_id;  // jti, for logs
    std::string
        endpoint_id; // the only endpoint that may be queried with it, and nothing else; empty: no such limit
    token_scope scope = token_scope::all_apis;
    std::int64_t issued = 0;  // seconds since 1970
    std::int64_t expires = 0; // the first second when it is no longer good
    friend bool operator==(const access_claims&, const access_claims&) = default;
};

// Texts of claims are printable ASCII without '"' and '\'; another one is nullopt, and cannot be read either.
[[nodiscard]] std::optional<std::string> issue_access_token(const access_claims& claims, hmac_sha256& key);

// The claims of a token that is signed with the key, made for this audience and good at this time. The caller
// looks the subject up: one that is deleted or inactive is in no snapshot.
[[nodiscard]] std::optional<access_claims>
check_access_token(std::string_view token, hmac_sha256& key, std::string_view audience, wall_ms now);

// The claims of a payload, of whatever time and audience. For check_access_token and its tests.
[[nodiscard]] std::optional<access_claims> read_claims(std::string_view payload);

} // namespace sluice::model
