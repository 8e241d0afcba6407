// The history of an endpoint's configs: what a change of its record adds to it, and how a version is asked
// for again. Pure.
#pragma once

#include "proxy/control/endpoint_record.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

inline constexpr int kept_versions = 100; // of each endpoint

enum class version_outcome : std::uint8_t {
    pending,
    active,
    superseded, // it was active
    failed,
    canceled,
};
[[nodiscard]] std::string_view to_string(version_outcome outcome) noexcept;

struct version_change {
    int version = 0;
    version_outcome outcome = version_outcome::pending;
    std::string message;                    // why it failed
    const endpoint_config* added = nullptr; // a part of the next record; null: the version is there already
};

// What comes of `next` in the place of `last`, which may be null. Versions that stay as they are, are left
// out.
[[nodiscard]] std::vector<version_change> version_changes(const endpoint_record* last,
                                                          const endpoint_record& next);

// The body of PUT config that asks for this config. It holds the keys that came as plaintext.
[[nodiscard]] boost::json::object body_of(const endpoint_config& config);

} // namespace sluice::control
