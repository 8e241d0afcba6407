#include "proxy/control/directory.hpp"

#include "proxy/control/secrets_names.hpp"

#include <charconv>
#include <utility>

namespace sluice::control {

namespace {

const std::set<std::int64_t>& found_in(const std::map<std::int64_t, std::set<std::int64_t>>& links,
                                       std::int64_t id) {
    static const std::set<std::int64_t> none;
    const auto found = links.find(id);
    return found == links.end() ? none : found->second;
}

void unlink(std::map<std::int64_t, std::set<std::int64_t>>& links, std::int64_t from, std::int64_t to) {
    const auto found = links.find(from);
    if (found == links.end()) return;
    found->second.erase(to);
    if (found->second.empty()) links.erase(found);
}

} // namespace

std::int64_t number_of(std::string_view id) noexcept {
    if (id.empty() || id.front() < '1' || id.front() > '9') return 0;
    std::int64_t out = 0;
    const auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), out);
    return problem == std::errc{} && end == id.data() + id.size() ? out : 0;
}

void directory::put(stored_user user) {
    names_[lower_case(user.user_name)] = user.id;
    users_.insert_or_assign(user.id, std::move(user));
}

void directory::put(stored_group group) {
    if (const stored_group* old = this->group(group.id)) names_.erase(lower_case(old->name));
    names_[lower_case(group.name)] = group.id;
    groups_.insert_or_assign(group.id, std::move(group));
}

void directory::erase(std::int64_t id) {
    if (const stored_user* old = user(id)) names_.erase(lower_case(old->user_name));
    if (const stored_group* old = group(id)) names_.erase(lower_case(old->name));
    users_.erase(id);
    groups_.erase(id);
    const std::set<std::int64_t> above = groups_of(id);
    for (const std::int64_t group : above)
        leave({group, id});
    const std::set<std::int64_t> below = members_of(id);
    for (const std::int64_t member : below)
        leave({id, member});
}

void directory::join(const stored_membership& one) {
    groups_of_[one.member_id].insert(one.group_id);
    members_of_[one.group_id].insert(one.member_id);
}

void directory::leave(const stored_membership& one) {
    unlink(groups_of_, one.member_id, one.group_id);
    unlink(members_of_, one.group_id, one.member_id);
}

const stored_user* directory::user(std::int64_t id) const {
    const auto found = users_.find(id);
    return found == users_.end() ? nullptr : &found->second;
}

const stored_group* directory::group(std::int64_t id) const {
    const auto found = groups_.find(id);
    return found == groups_.end() ? nullptr : &found->second;
}

std::int64_t directory::find(std::string_view name) const {
    const auto found = names_.find(lower_case(name));
    return found == names_.end() ? 0 : found->second;
}

std::vector<std::int64_t> directory::users(model::principal_kind kind) const {
    std::vector<std::int64_t> out;
    out.reserve(users_.size());
    for (const auto& [id, each] : users_) {
        if (each.kind == kind) out.push_back(id);
    }
    return out;
}

std::vector<std::int64_t> directory::groups() const {
    std::vector<std::int64_t> out;
    out.reserve(groups_.size());
    for (const auto& [id, each] : groups_)
        out.push_back(id);
    return out;
}

const std::set<std::int64_t>& directory::groups_of(std::int64_t member) const {
    return found_in(groups_of_, member);
}

const std::set<std::int64_t>& directory::members_of(std::int64_t group) const {
    return found_in(members_of_, group);
}

std::set<std::int64_t> directory::closure(const links& along, std::int64_t from) {
    std::set<std::int64_t> out;
    std::vector<std::int64_t> next{from};
    while (!next.empty()) {
        const std::int64_t at = next.back();
        next.pop_back();
        for (const std::int64_t each : found_in(along, at)) {
            if (out.insert(each).second) next.push_back(each);
        }
    }
    return out;
}

std::set<std::int64_t> directory::all_groups_of(std::int64_t member) const {
    return closure(groups_of_, member);
}

std::set<std::int64_t> directory::principals_in(std::int64_t group) const {
    std::set<std::int64_t> out;
    if (group == users_group) {
        for (const auto& [id, each] : users_)
            out.insert(id);
        return out;
    }
    for (const std::int64_t id : closure(members_of_, group)) {
        if (users_.contains(id)) out.insert(id);
    }
    return out;
}

} // namespace sluice::control
