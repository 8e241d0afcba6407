// Rights on a serving endpoint (api.md §12). A plain function of grants and caller, used by both planes.
#pragma once

#include "core/base/error.hpp"
#include "proxy/model/identity.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sluice::model {

// Each level includes those before it.
enum class permission : std::uint8_t {
    none,
    can_view,   // see it, its metrics and its OpenAPI document
    can_query,  // and query it
    can_manage, // and change, share and delete it
};

// "CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"; `none` has no name in the API and gives an empty text.
[[nodiscard]] std::string_view to_string(permission level) noexcept;

struct grant {
    std::string principal; // id of a user, a group or a service principal
    permission level = permission::none;
    friend bool operator==(const grant&, const grant&) = default;
};

// The highest level that the grants give the caller by name or through a group. Admins manage everything.
[[nodiscard]] permission permission_of(std::span<const grant> acl, const principal& who) noexcept;

// Error permission_denied, the same for every call: which level on which endpoint the caller would need.
[[nodiscard]] error lacking(permission least, std::string_view endpoint);

} // namespace sluice::model
