// OAuth 2.0 token calls (RFC 6749 §4.4, RFC 7523), which give an access token for a form.
#pragma once

#include "providers/credential.hpp"

#include <span>
#include <string_view>

namespace sluice::providers {

struct form_field {
    std::string_view name;
    std::string_view value; // percent-encoded here
};

// A POST of a form to an absolute path. Error invalid_parameter_value: a value cannot stand in a head.
[[nodiscard]] result<credential_request>
form_request(const origin& to, std::string_view path, std::span<const form_field> fields);

// {"access_token":…,"expires_in":…}; the lifetime may be a number or its text. json::padding bytes behind
// `body` must be readable. Error bad_upstream with a plain sentence.
[[nodiscard]] result<credential> read_access_token(std::string_view body, wall_ms now);

} // namespace sluice::providers
