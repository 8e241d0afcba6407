// A user as SCIM 2.0 (RFC 7643 §4.1) has it, to and from the form that is stored. Plain functions.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/store.hpp"
#include "proxy/model/identity.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace sluice::control {

// A new user from the body of a create call, without id and time. Unknown members are ignored.
[[nodiscard]] result<stored_user> user_of(const boost::json::object& body);

[[nodiscard]] boost::json::object scim_of(const stored_user& user);

// What the request path needs to know of a user.
[[nodiscard]] model::principal principal_of(const stored_user& user);

// Is `text` one of the texts in a stored JSON array?
[[nodiscard]] bool holds(const std::string& stored_array, std::string_view text);

} // namespace sluice::control
