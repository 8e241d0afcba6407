#include "proxy/model/permission.hpp"

#include <algorithm>

namespace sluice::model {

std::string_view to_string(permission level) noexcept {
    switch (level) {
    case permission::none: return "";
    case permission::can_view: return "CAN_VIEW";
    case permission::can_query: return "CAN_QUERY";
    case permission::can_manage: return "CAN_MANAGE";
    }
    return "";
}

permission permission_of(std::span<const grant> acl, const principal& who) noexcept {
    if (who.is_admin) return permission::can_manage;
    permission highest = permission::none;
    for (const grant& each : acl) {
        if (each.level <= highest) continue;
        if (each.principal == who.id || who.is_member(each.principal)) highest = each.level;
    }
    return highest;
}

error lacking(permission least, std::string_view endpoint) {
    return {errc::permission_denied,
            "You need " + std::string(to_string(least)) + " on the endpoint '" + std::string(endpoint) + "'.",
            0};
}

} // namespace sluice::model
