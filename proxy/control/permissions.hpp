// Bodies and answers of the permissions API of serving endpoints (api.md §12). Pure: the plane looks the
// principals up.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/identity.hpp"
#include "proxy/model/permission.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

inline constexpr std::size_t max_grants = 1000; // of one endpoint

// One element of access_control_list, its principal by name.
struct grant_input {
    model::principal_kind kind = model::principal_kind::user;
    std::string name; // user name, group name or application id
    model::permission level = model::permission::none;
};

// The body of PUT and PATCH. Error invalid_parameter_value.
[[nodiscard]] result<std::vector<grant_input>> parse_grants(const boost::json::object& body);
// The access_control_list of an object. Reports to from.found().
[[nodiscard]] std::vector<grant_input> read_grants(const members& from);

// The grants with `added` merged in: a principal that has a grant already gets the new level. Of two for the
// same principal the last one counts. Error invalid_parameter_value: more than max_grants.
[[nodiscard]] result<std::vector<model::grant>> merge_grants(std::vector<model::grant> to,
                                                             const std::vector<model::grant>& added);

struct shown_grant {
    named_principal who;
    model::permission level = model::permission::none;
};

// ObjectPermissions: the direct grants, and what the group admins inherits.
[[nodiscard]] std::string show_permissions(std::string_view endpoint_id,
                                           const std::vector<shown_grant>& grants);
// {"permission_levels":[…]}
[[nodiscard]] std::string show_permission_levels();

} // namespace sluice::control
