// Who calls. Immutable values, shared by snapshots and by the requests that run on them.
#pragma once

#include "core/base/clock.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::model {

// Users, groups and service principals share one range of SCIM ids; an id is never used again.
enum class principal_kind : std::uint8_t { user, group, service_principal };

// The groups that are always there. Everybody is a member of `users`.
inline constexpr std::string_view admins_group_id = "1";
inline constexpr std::string_view users_group_id = "2";

struct group_ref {
    std::string id;   // SCIM id, digits
    std::string name; // SCIM displayName
    friend bool operator==(const group_ref&, const group_ref&) = default;
};

// A user or a service principal that may call. One that is inactive or deleted is in no snapshot.
struct principal {
    std::string id; // SCIM id, digits
    std::string
        user_name; // "alice@example.com", or a service principal's application id: what `creator` shows
    std::string display_name;
    bool is_admin = false;   // member of the group admins, by whatever way
    bool may_create = false; // admin, or the entitlement workspace-access, own or of a group (api.md §14.5)
    principal_kind kind = principal_kind::user;
    std::vector<group_ref> groups; // direct and inherited, with `users`; sorted by id as text

    [[nodiscard]] bool is_member(std::string_view group_id) const {
        return std::ranges::binary_search(groups, group_id, {}, &group_ref::id);
    }
};

struct token {
    std::string id;
    std::string owner;       // the principal's id: look it up in the snapshot
    wall_ms expires_ms = -1; // -1: never
};

// What a sign-in to the Serving UI gives for a token. It ends with that token.
struct session {
    std::string token; // the token's key in the snapshot; empty: an access token, which only expires
    std::string owner; // the principal's id: look it up in the snapshot
    wall_ms expires_ms = 0;
};

// What holds a session's value in the browser.
inline constexpr std::string_view session_cookie_name = "sluice_session";

} // namespace sluice::model
