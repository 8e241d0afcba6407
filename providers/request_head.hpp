// The head of an upstream request, put together once for each target.
#pragma once

#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "providers/target.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sluice::providers {

struct head_field {
    std::string_view name;
    std::string_view value;
};

// The field that the provider knows its caller by: "Authorization: Bearer key", "x-api-key: key".
struct credential_field {
    std::string_view name;
    std::string_view scheme; // "Bearer ", or ""
    const secret_string& key;
};

// Writes the target's head: request line (POST), Host, the credential, `own` in their order and without those
// that have no value, and what every request has but Content-Length. The key is put among those that no text
// may show. Error invalid_parameter_value, which repeats no value, when one of them cannot stand in a head.
[[nodiscard]] result<void> put_head(target& to,
                                    std::string_view path,
                                    const credential_field& credential,
                                    std::span<const head_field> own = {});

// The same for a request whose credential provider::authorize() writes.
[[nodiscard]] result<void> put_head(target& to, std::string_view path, std::span<const head_field> own = {});

// A head by itself, for targets whose streams have another one and for APIs that look at Accept: Host, `own`
// in their order, and what every request has but Content-Type, Accept and Content-Length. Error as above.
[[nodiscard]] result<secret_string>
make_head(const origin& to, std::string_view path, std::span<const head_field> own);

// The value of the Host field: with brackets where they belong, and the port unless it is the scheme's own.
[[nodiscard]] std::string host_field(const origin& to);

// Visible ASCII without blanks: what a bearer token or an API key consists of.
[[nodiscard]] bool is_visible(std::string_view text) noexcept;

// One path or query segment: unreserved characters stay (RFC 3986 §2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace sluice::providers
