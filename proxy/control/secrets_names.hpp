// Names and rights of the secrets API as plain functions. No state.
#pragma once

#include <string>
#include <string_view>

namespace sluice::control {

// 1-128 of A-Za-z0-9-_@.
[[nodiscard]] bool is_scope_name(std::string_view name) noexcept;
// 1-128 of A-Za-z0-9-_.
[[nodiscard]] bool is_secret_key(std::string_view key) noexcept;
[[nodiscard]] std::string lower_case(std::string_view text); // ASCII
// Without regard to (ASCII) case.
[[nodiscard]] bool same_text(std::string_view a, std::string_view b) noexcept;

// Where a secret is sealed: the scope as stored.
[[nodiscard]] std::string seal_context(std::string_view scope, std::string_view key);

// The groups that an ACL can name beside users. Everybody is a member of the first.
inline constexpr std::string_view group_users = "users";
inline constexpr std::string_view group_admins = "admins";

} // namespace sluice::control
