// Who there is and who belongs to whom, in memory: users, service principals, groups and memberships, as
// stored. Answers by id and by name without the database. Changes nothing by itself: identity writes to the
// store first. Control thread only.
#pragma once

#include "core/base/string_map.hpp"
#include "proxy/control/store.hpp"
#include "proxy/model/identity.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

namespace sluice::control {

inline constexpr std::int64_t admins_group = 1;
inline constexpr std::int64_t users_group = 2;

// The number of an id as SCIM shows it: digits without leading zeros. 0 for what is no id.
[[nodiscard]] std::int64_t number_of(std::string_view id) noexcept;

class directory {
public:
    void put(stored_user user);
    void put(stored_group group); // a new name takes the old one's place
    void erase(std::int64_t id);  // with its memberships, on both sides
    void join(const stored_membership& one);
    void leave(const stored_membership& one);

    // Null when there is none. Good until the next change.
    [[nodiscard]] const stored_user* user(std::int64_t id) const;
    [[nodiscard]] const stored_group* group(std::int64_t id) const;
    // By name, without regard to (ASCII) case: userName, displayName of a group, or application id. 0:
    // nobody.
    [[nodiscard]] std::int64_t find(std::string_view name) const;

    [[nodiscard]] std::vector<std::int64_t> users(model::principal_kind kind) const; // by id
    [[nodiscard]] std::vector<std::int64_t> groups() const;                          // by id

    // Direct memberships. Everybody's in `users` is not among them.
    [[nodiscard]] const std::set<std::int64_t>& groups_of(std::int64_t member) const;
    [[nodiscard]] const std::set<std::int64_t>& members_of(std::int64_t group) const;
    // Direct and indirect, without `users`.
    [[nodiscard]] std::set<std::int64_t> all_groups_of(std::int64_t member) const;
    // The users and service principals that are in a group, directly or not; all, for `users`.
    [[nodiscard]] std::set<std::int64_t> principals_in(std::int64_t group) const;

private:
    using links = std::map<std::int64_t, std::set<std::int64_t>>;
    [[nodiscard]] static std::set<std::int64_t> closure(const links& along, std::int64_t from);

    std::map<std::int64_t, stored_user> users_;
    std::map<std::int64_t, stored_group> groups_;
    string_map<std::int64_t> names_; // lower case
    links groups_of_;
    links members_of_;
};

} // namespace sluice::control
