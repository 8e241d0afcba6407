// The head of an upstream request, put together once for each target.
#pragma once

#include "core/base/secret_string.hpp"
#include "providers/target.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::providers {

struct head_field {
    std::string_view name;
    std::string_view value;
};

// Request line (POST), Host, `own` in their order, and what every request has but Content-Length.
// nullopt: one of `own` has characters that would break the head.
[[nodiscard]] std::optional<secret_string>
make_post_head(const origin& to, std::string_view path, std::span<const head_field> own);

// Visible ASCII without blanks: what a bearer token or an API key consists of.
[[nodiscard]] bool is_visible(std::string_view text) noexcept;

// One path or query segment: unreserved characters stay (RFC 3986 §2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace sluice::providers
