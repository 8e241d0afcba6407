// Who calls. Immutable values, shared by snapshots and by the requests that run on them.
#pragma once

#include "core/base/clock.hpp"

#include <memory>
#include <string>

namespace sluice::model {

struct principal {
    std::string id;        // SCIM id, digits
    std::string user_name; // "admin", "alice@example.com": what `creator` shows
    std::string display_name;
    bool is_admin = false;   // member of the group admins
    bool may_create = false; // admin, or the entitlement workspace-access (api.md §14.5)
};

struct token {
    std::string id;
    std::shared_ptr<const principal> who; // shared: several tokens, several snapshots
    wall_ms expires_ms = -1;              // -1: never
};

} // namespace sluice::model
