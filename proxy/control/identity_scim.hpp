// Users, service principals and groups as SCIM 2.0 (RFC 7643 §4) has them, to and from the form that is
// stored. Plain functions.
#pragma once

#include "core/base/error.hpp"
#include "proxy/control/directory.hpp"
#include "proxy/control/store.hpp"
#include "proxy/model/identity.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace sluice::control {

inline constexpr std::size_t max_members = 10'000; // of a group, and groups of a user, directly

struct user_input {
    stored_user user;                             // without id and time
    std::optional<std::set<std::int64_t>> groups; // that the body names; nullopt: says nothing of groups
};
struct group_input {
    stored_group group;             // without id and time
    std::set<std::int64_t> members; // ids as given, all of something that exists
};

// The body of a create or PUT call. Unknown members are ignored. `people` tells which ids and names exist.
[[nodiscard]] result<user_input>
read_user(const boost::json::object& body, model::principal_kind kind, const directory& people);
[[nodiscard]] result<group_input> read_group(const boost::json::object& body, const directory& people);

[[nodiscard]] boost::json::object show_user(const stored_user& user, const directory& people);
// Without members where a list can be long and nobody asked for them.
[[nodiscard]] boost::json::object
show_group(const stored_group& group, const directory& people, bool with_members);

// What the request path needs to know of a user or service principal.
[[nodiscard]] model::principal principal_of(const stored_user& user, const directory& people);

} // namespace sluice::control
