// Access tokens of Google Cloud for a service account (providers.md §13): a signed assertion is exchanged for
// a bearer token.
#pragma once

#include "core/base/secret_string.hpp"
#include "providers/credential.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers {

inline constexpr std::string_view cloud_platform_scope = "https://www.googleapis.com/auth/cloud-platform";

// What an assertion says; views into the account.
struct google_claims {
    std::string_view key_id; // empty: none
    std::string_view email;  // of the service account
    std::string_view scope;
    std::string_view audience; // the token service's URL
};

// The part of an assertion that is signed: two parts in base64url. `now` in seconds since 1970.
[[nodiscard]] std::string google_assertion(const google_claims& claims, std::int64_t now);

// `account` is the whole JSON text that Google gives for a key. Error invalid_parameter_value, which repeats
// nothing of it.
[[nodiscard]] result<std::shared_ptr<const credential_source>>
make_google_source(const secret_string& account, std::string_view scope = cloud_platform_scope);

} // namespace sluice::providers
