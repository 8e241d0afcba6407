// Reading a config block in a provider's check() and resolve().
#pragma once

#include "providers/provider.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace sluice::providers {

// "" when it is not given.
[[nodiscard]] inline std::string_view plain_value(const resolved_config& config, std::string_view name) {
    const auto found = config.plain.find(name);
    return found == config.plain.end() ? std::string_view() : std::string_view(found->second);
}

[[nodiscard]] inline bool has_secret(const resolved_config& config, std::string_view name) {
    return config.secrets.find(name) != config.secrets.end();
}

// "" when it is not given.
[[nodiscard]] inline std::string_view secret_value(const resolved_config& config, std::string_view name) {
    const auto found = config.secrets.find(name);
    return found == config.secrets.end() ? std::string_view() : found->second.reveal();
}

[[nodiscard]] inline tl::unexpected<error> bad_value(std::string text) {
    return fail(errc::invalid_parameter_value, std::move(text));
}

} // namespace sluice::providers
