// What every provider that writes its own upstream requests needs: the head of a target and the end of a
// body.
#pragma once

#include "providers/provider.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::providers {

// Closes a request whose whole body, one JSON object, stands in out.storage: merges the client's extra_params
// into it, which replace members of the same name (api.md §10.1), and fills `body` and `head_tail`.
void finish_request(const unified::call& call, upstream_request& out);

// Request line and every field of a POST but Content-Length. `path` begins with a slash. Fields with an empty
// value are left out. Error invalid_parameter_value, which never repeats a value, when one cannot stand in a
// head.
[[nodiscard]] result<secret_string>
make_post_head(const origin& to,
               std::string_view path,
               std::span<const std::pair<std::string_view, std::string_view>> fields);

// A key that can stand in a head: visible ASCII characters, at least one.
[[nodiscard]] bool is_usable_key(std::string_view key) noexcept;

// The secret `name` of a config, for resolve(). Error invalid_parameter_value when it is missing or unusable.
[[nodiscard]] result<secret_string> needed_key(const resolved_config& config, std::string_view name);

// A plain value of a config; empty when it is not given.
[[nodiscard]] std::string_view plain_value(const resolved_config& config, std::string_view name);

} // namespace sluice::providers
