// Reading a config block in a provider's check_values() and resolve().
#pragma once

#include "providers/provider.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace sluice::providers {

// "" when it is not given.
[[nodiscard]] std::string_view plain_value(const resolved_config& config, std::string_view name);

[[nodiscard]] bool has_secret(const resolved_config& config, std::string_view name);

// The operator's root of a service beside the provider's own; "" when he gives none.
[[nodiscard]] std::string_view base_of(const resolved_config& config, std::string_view service);

// For resolve(): the secret, if it is one that stands in a head as a bearer token or an API key does. Error
// invalid_parameter_value, which never repeats the value, when it is missing or unusable.
[[nodiscard]] result<secret_string> needed_key(const resolved_config& config, std::string_view name);

[[nodiscard]] inline tl::unexpected<error> bad_value(std::string text) {
    return fail(errc::invalid_parameter_value, std::move(text));
}

} // namespace sluice::providers
