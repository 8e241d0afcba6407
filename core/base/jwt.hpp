// Signed JSON Web Tokens in their compact form (RFC 7515 §3.1), of one kind only: HMAC with SHA-256, under
// one header. A token whose header differs from ours by a byte is refused before any of it is read, so nobody
// can ask for `alg` none, another `alg` or another key.
#pragma once

#include "core/base/hmac.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

inline constexpr std::size_t longest_jwt = std::size_t{8} * 1024;

// Does the text begin as our tokens do, and as no other token does? Says nothing about the rest of it.
[[nodiscard]] bool is_jwt(std::string_view text) noexcept;

// "header.payload.signature".
[[nodiscard]] std::string sign_jwt(std::string_view payload, hmac_sha256& key);

// The payload, if the token's form and signature are good; what it says is for the caller to check. Strict
// base64url, constant-time comparison, at most longest_jwt bytes.
[[nodiscard]] std::optional<std::string> verify_jwt(std::string_view token, hmac_sha256& key);

} // namespace sluice
