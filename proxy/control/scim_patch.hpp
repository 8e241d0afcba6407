// PATCH of a SCIM resource (RFC 7644 §3.5.2) on its JSON form: what comes out is read as the body of a PUT.
// Pure.
#pragma once

#include "core/base/error.hpp"

#include <boost/json/object.hpp>

#include <cstddef>

namespace sluice::control {

inline constexpr std::size_t max_patch_operations = 1000;

// Applies the operations of `body` to the resource, in order. Names are taken in any case; a path may be an
// attribute, a sub-attribute, or a filtered list such as `members[value eq "1001"]`; an operation without
// path has an object of attributes as its value. Error invalid_parameter_value.
[[nodiscard]] result<boost::json::object> apply_scim_patch(boost::json::object resource,
                                                           const boost::json::object& body);

} // namespace sluice::control
