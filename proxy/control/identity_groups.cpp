// Groups of identity: the SCIM calls.
#include "proxy/control/identity.hpp"
#include "proxy/control/identity_scim.hpp"
#include "proxy/control/scim_list.hpp"
#include "proxy/control/scim_patch.hpp"
#include "proxy/control/secrets_names.hpp"

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::object;

bool is_built_in(std::int64_t group) {
    return group == admins_group || group == users_group;
}

} // namespace

result<const stored_group*> identity::existing_group(std::string_view id) const {
    const stored_group* found = people_.group(number_of(id));
    if (found) return found;
    return fail(errc::resource_does_not_exist, "There is no group with this id.");
}

// A group cannot be inside itself.
result<void> identity::no_cycle(std::int64_t group, const std::set<std::int64_t>& members) const {
    const std::set<std::int64_t> above = people_.all_groups_of(group);
    for (const std::int64_t member : members) {
        if (member != group && !above.contains(member)) continue;
        return fail(errc::invalid_parameter_value,
                    "A group cannot be a member of itself, directly or through others.");
    }
    if (members.contains(users_group)) {
        return fail(errc::invalid_parameter_value,
                    "The group 'users', in which everybody is, cannot be a member.");
    }
    return {};
}

result<identity_answer> identity::create_group(const object& body, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    result<group_input> wanted = read_group(body, people_);
    if (!wanted) return fail(wanted.error());
    if (auto free = name_is_free(wanted->group.name); !free) return fail(free.error());
    if (auto fits = no_cycle(0, wanted->members); !fits) return fail(fits.error());
    auto work = db_.begin();
    if (!work) return fail(work.error());
    const auto id = db_.next_principal_id();
    if (!id) return fail(id.error());
    wanted->group.id = *id;
    wanted->group.created_ms = time_.wall();
    if (auto done = db_.put_group(wanted->group); !done) return fail(done.error());
    std::vector<stored_membership> joined;
    for (const std::int64_t member : wanted->members)
        joined.push_back({*id, member});
    if (auto done = store_memberships(joined, {}); !done) return fail(done.error());
    if (auto kept = work->commit(); !kept) return fail(kept.error());
    people_.put(std::move(wanted->group));
    apply_memberships(joined, {});
    identity_answer out{show_group(*people_.group(*id), people_, true), {}};
    refresh(people_.principals_in(*id), out.changes);
    return out;
}

result<identity_answer> identity::list_groups(const object& query) const {
    const result<scim_query> wanted = scim_query::parse(query);
    if (!wanted) return fail(wanted.error());
    std::vector<std::int64_t> ids;
    if (const std::optional<std::string> one = wanted->equal_text("displayName")) {
        if (const stored_group* found = people_.group(people_.find(*one))) ids.push_back(found->id);
    } else {
        ids = people_.groups();
    }
    const bool with_members = wanted->wants("members");
    return identity_answer{
        wanted->answer(
            ids, [&](std::int64_t id) { return show_group(*people_.group(id), people_, with_members); }),
        {}};
}

result<identity_answer> identity::get_group(std::string_view id, const object& query) const {
    const result<const stored_group*> found = existing_group(id);
    if (!found) return fail(found.error());
    const result<scim_query> wanted = scim_query::parse(query);
    if (!wanted) return fail(wanted.error());
    return identity_answer{wanted->shown(show_group(**found, people_, wanted->wants("members"))), {}};
}

result<identity_answer>
identity::put_group(std::string_view id, const object& body, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    const result<const stored_group*> found = existing_group(id);
    if (!found) return fail(found.error());
    return replace_group(**found, body);
}

result<identity_answer>
identity::patch_group(std::string_view id, const object& body, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    const result<const stored_group*> found = existing_group(id);
    if (!found) return fail(found.error());
    result<object> patched = apply_scim_patch(show_group(**found, people_, true), body);
    if (!patched) return fail(patched.error());
    return replace_group(**found, *patched);
}

result<void> identity::may_become(const stored_group& old, const group_input& next) const {
    if (!same_text(old.name, next.group.name)) {
        if (is_built_in(old.id)) {
            return fail(errc::invalid_parameter_value, "The groups 'admins' and 'users' keep their names.");
        }
        if (auto free = name_is_free(next.group.name); !free) return free;
    }
    if (old.id == users_group && !next.members.empty()) {
        return fail(errc::invalid_parameter_value, "Everybody is in 'users': its members cannot be changed.");
    }
    if (old.id == admins_group && !next.members.contains(number_of(admin_->id))) {
        return fail(errc::invalid_parameter_value, "The built-in admin stays in 'admins'.");
    }
    return no_cycle(old.id, next.members);
}

result<identity_answer> identity::replace_group(const stored_group& old, const object& body) {
    result<group_input> wanted = read_group(body, people_);
    if (!wanted) return fail(wanted.error());
    if (auto may = may_become(old, *wanted); !may) return fail(may.error());
    stored_group next = std::move(wanted->group);
    next.id = old.id;
    next.created_ms = old.created_ms;
    if (is_built_in(old.id)) next.name = old.name;
    const std::set<std::int64_t> before = people_.members_of(old.id);
    std::vector<stored_membership> joined;
    std::vector<stored_membership> left;
    for (const std::int64_t member : wanted->members) {
        if (!before.contains(member)) joined.push_back({old.id, member});
    }
    for (const std::int64_t member : before) {
        if (!wanted->members.contains(member)) left.push_back({old.id, member});
    }
    auto work = db_.begin();
    if (!work) return fail(work.error());
    if (auto done = db_.put_group(next); !done) return fail(done.error());
    if (next.name != old.name) {
        if (auto done = db_.rename_in_acls(old.name, next.name); !done) return fail(done.error());
    }
    if (auto done = store_memberships(joined, left); !done) return fail(done.error());
    if (auto kept = work->commit(); !kept) return fail(kept.error());
    const std::int64_t id = next.id;
    // Those who were in it, and those who are.
    std::set<std::int64_t> affected = people_.principals_in(id);
    people_.put(std::move(next));
    apply_memberships(joined, left);
    affected.merge(people_.principals_in(id));
    identity_answer out{show_group(*people_.group(id), people_, true), {}};
    refresh(affected, out.changes);
    return out;
}

result<identity_answer> identity::delete_group(std::string_view id, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    const result<const stored_group*> found = existing_group(id);
    if (!found) return fail(found.error());
    const stored_group gone = **found;
    if (is_built_in(gone.id)) {
        return fail(errc::invalid_parameter_value, "The groups 'admins' and 'users' cannot be deleted.");
    }
    const std::set<std::int64_t> affected = people_.principals_in(gone.id);
    auto work = db_.begin();
    if (!work) return fail(work.error());
    if (auto done = db_.leave_all_groups(gone.id); !done) return fail(done.error());
    if (auto done = db_.delete_from_acls(gone.name); !done) return fail(done.error());
    if (auto done = db_.delete_group(gone.id); !done) return fail(done.error());
    if (auto kept = work->commit(); !kept) return fail(kept.error());
    people_.erase(gone.id);
    identity_answer out{object{}, {}};
    refresh(affected, out.changes);
    return out;
}

} // namespace sluice::control
