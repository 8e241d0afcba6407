// A serving endpoint as the request path sees it: the active config with resolved targets. Immutable; made by
// control.
#pragma once

#include "core/base/clock.hpp"
#include "providers/target.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::model {

struct served_entity {
    std::string name;
    int traffic_percentage = 0; // 0-100; the sum over an endpoint is 100
    providers::target target;
};

enum class limit_key : std::uint8_t { user, endpoint };

// calls per minute; 0 closes the endpoint for that key (403).
struct rate_limit {
    limit_key key = limit_key::endpoint;
    std::int64_t calls = 0;
    friend bool operator==(const rate_limit&, const rate_limit&) = default;
};

enum class serving : std::uint8_t {
    ready,    // has an active config
    starting, // the first config is on its way: 503
    absent,   // no config, and none is coming: 400
};

struct endpoint {
    std::string id; // 32 lower-case hex digits
    std::string name;
    wall_ms created_ms = 0;
    std::string creator;
    serving state = serving::absent;
    std::optional<providers::task> task;
    int config_version = 0;
    std::vector<std::shared_ptr<const served_entity>>
        entities; // order of the config; shared with running requests
    std::vector<rate_limit> limits;
};

} // namespace sluice::model
