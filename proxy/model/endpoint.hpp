// A serving endpoint as the request path sees it: the active config with resolved targets. Immutable; made by
// control.
#pragma once

#include "core/base/clock.hpp"
#include "providers/target.hpp"
#include "proxy/model/entity_stats.hpp"
#include "proxy/model/permission.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::model {

struct served_entity {
    std::string id; // 32 lower-case hex digits; the same as long as nothing of the entity changes
    std::string name;
    int traffic_percentage = 0; // 0-100; the sum over an endpoint is 100
    providers::target target;
    std::shared_ptr<entity_stats> stats; // shared with control and with older configs; may be null
};

// Whose calls a limit counts (api.md §9.1).
enum class limit_key : std::uint8_t {
    endpoint,          // everybody's together
    user,              // without a principal: each caller's own budget; with one: that user's
    user_group,        // shared by the members of the group
    service_principal, // that service principal's
};

// calls per minute; 0 closes the endpoint for that key (403).
struct rate_limit {
    limit_key key = limit_key::endpoint;
    std::int64_t calls = 0;
    std::string principal_id; // SCIM id; empty for the endpoint's limit and for the default of all users
    std::string principal;    // as the client named it: e-mail, group name or application id
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
        entities;                            // order of the config; shared with running requests
    std::vector<std::string> out_of_service; // entities of the config that cannot serve
    std::vector<rate_limit> limits;
    std::vector<grant> acl;                // direct grants; admins need none
    std::shared_ptr<entity_stats> refused; // queries that got no entity; shared with control; may be null
    bool usage_tracking = false;           // one usage row for each finished request
};

} // namespace sluice::model
