// Users and service principals of identity: the SCIM calls.
#include "proxy/control/identity.hpp"
#include "proxy/control/identity_scim.hpp"
#include "proxy/control/scim_list.hpp"
#include "proxy/control/scim_patch.hpp"
#include "proxy/control/secrets_names.hpp"
#include "proxy/control/vault.hpp"

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::object;

std::string_view noun(model::principal_kind kind) {
    switch (kind) {
    case model::principal_kind::user: return "user";
    case model::principal_kind::group: return "group";
    case model::principal_kind::service_principal: return "service principal";
    }
    return "user";
}

// Version 4, RFC 9562.
result<std::string> new_uuid() {
    auto digits = random_hex(16);
    if (!digits) return fail(std::move(digits).error());
    std::string text = std::move(*digits);
    text[12] = '4';
    text[16] = "89ab"[static_cast<unsigned char>(text[16]) % 4];
    for (const std::size_t dash : {20U, 16U, 12U, 8U})
        text.insert(dash, 1, '-');
    return text;
}

} // namespace

result<void> identity::for_admins(const model::principal& who) {
    if (who.is_admin) return {};
    return fail(errc::permission_denied, "Only admins can change users, groups and service principals.");
}

result<const stored_user*> identity::existing_user(model::principal_kind kind, std::string_view id) const {
    const stored_user* found = people_.user(number_of(id));
    if (found && found->kind == kind) return found;
    return fail(errc::resource_does_not_exist, "There is no " + std::string(noun(kind)) + " with this id.");
}

result<void> identity::name_is_free(std::string_view name) const {
    if (people_.find(name) == 0) return {};
    // An ACL names its principals: a user and a group of one name could not be told apart.
    return fail(errc::resource_already_exists,
                "A user, group or service principal with the name '" + std::string(name) +
                    "' already exists.");
}

result<identity_answer>
identity::create_user(model::principal_kind kind, const object& body, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    result<user_input> wanted = read_user(body, kind, people_);
    if (!wanted) return fail(wanted.error());
    stored_user& user = wanted->user;
    if (user.user_name.empty()) {
        result<std::string> made = new_uuid();
        if (!made) return fail(made.error());
        user.user_name = std::move(*made);
    }
    if (auto free = name_is_free(user.user_name); !free) return fail(free.error());
    if (user.display_name.empty()) user.display_name = user.user_name;
    user.created_ms = time_.wall();
    auto work = db_.begin();
    if (!work) return fail(work.error());
    const auto id = db_.add_user(user);
    if (!id) return fail(id.error());
    user.id = *id;
    std::set<std::int64_t> joined = wanted->groups.value_or(std::set<std::int64_t>());
    joined.erase(users_group);
    if (auto room = has_room(joined); !room) return fail(room.error());
    for (const std::int64_t group : joined) {
        if (auto added = db_.add_membership({group, *id}); !added) return fail(added.error());
    }
    if (auto kept = work->commit(); !kept) return fail(kept.error());
    people_.put(std::move(user));
    for (const std::int64_t group : joined)
        people_.join({group, *id});
    identity_answer out{show_user(*people_.user(*id), people_), {}};
    refresh({*id}, out.changes);
    return out;
}

result<identity_answer> identity::list_users(model::principal_kind kind, const object& query) const {
    const result<scim_query> wanted = scim_query::parse(query);
    if (!wanted) return fail(wanted.error());
    std::vector<std::int64_t> ids;
    const std::string_view name = kind == model::principal_kind::user ? "userName" : "applicationId";
    if (const std::optional<std::string> one = wanted->equal_text(name)) {
        const stored_user* found = people_.user(people_.find(*one));
        if (found && found->kind == kind) ids.push_back(found->id);
    } else {
        ids = people_.users(kind);
    }
    return identity_answer{
        wanted->answer(ids, [this](std::int64_t id) { return show_user(*people_.user(id), people_); }), {}};
}

result<identity_answer>
identity::get_user(model::principal_kind kind, std::string_view id, const object& query) const {
    const result<const stored_user*> found = existing_user(kind, id);
    if (!found) return fail(found.error());
    const result<scim_query> wanted = scim_query::parse(query);
    if (!wanted) return fail(wanted.error());
    return identity_answer{wanted->shown(show_user(**found, people_)), {}};
}

result<identity_answer> identity::put_user(model::principal_kind kind,
                                           std::string_view id,
                                           const object& body,
                                           const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    const result<const stored_user*> found = existing_user(kind, id);
    if (!found) return fail(found.error());
    return replace_user(**found, body);
}

result<identity_answer> identity::patch_user(model::principal_kind kind,
                                             std::string_view id,
                                             const object& body,
                                             const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    const result<const stored_user*> found = existing_user(kind, id);
    if (!found) return fail(found.error());
    result<object> patched = apply_scim_patch(show_user(**found, people_), body);
    if (!patched) return fail(patched.error());
    return replace_user(**found, *patched);
}

result<void> identity::has_room(const std::set<std::int64_t>& groups) const {
    for (const std::int64_t group : groups) {
        if (people_.members_of(group).size() < max_members) continue;
        return fail(errc::invalid_parameter_value,
                    "A group can have at most " + std::to_string(max_members) + " members.");
    }
    return {};
}

// Memberships that come through other groups are not made direct by naming them again.
std::set<std::int64_t> identity::direct_groups(std::int64_t id, const std::set<std::int64_t>& named) const {
    const std::set<std::int64_t>& direct = people_.groups_of(id);
    const std::set<std::int64_t> all = people_.all_groups_of(id);
    std::set<std::int64_t> out;
    for (const std::int64_t group : named) {
        if (group != users_group && (direct.contains(group) || !all.contains(group))) out.insert(group);
    }
    return out;
}

result<identity_answer> identity::replace_user(const stored_user& old, const object& body) {
    result<user_input> wanted = read_user(body, old.kind, people_);
    if (!wanted) return fail(wanted.error());
    stored_user next = std::move(wanted->user);
    if (!next.user_name.empty() && !same_text(next.user_name, old.user_name)) {
        return fail(errc::invalid_parameter_value,
                    "The name of a user or service principal cannot be changed.");
    }
    next.id = old.id;
    next.user_name = old.user_name;
    next.created_ms = old.created_ms;
    // Nobody is let in again by a change that does not say so.
    const boost::json::value* active = body.if_contains("active");
    if (!active || active->is_null()) next.active = old.active;
    if (next.display_name.empty()) next.display_name = next.user_name;
    const std::set<std::int64_t> before = people_.groups_of(old.id);
    const std::optional<std::set<std::int64_t>>& named = wanted->groups;
    const std::set<std::int64_t> after = named ? direct_groups(old.id, *named) : before;
    if (is_built_in_admin(old.id) && (!next.active || !after.contains(admins_group))) {
        return fail(errc::invalid_parameter_value, "The built-in admin stays active and an admin.");
    }
    std::vector<stored_membership> joined;
    std::vector<stored_membership> left;
    std::set<std::int64_t> entered;
    for (const std::int64_t group : after) {
        if (before.contains(group)) continue;
        entered.insert(group);
        joined.push_back({group, old.id});
    }
    if (auto room = has_room(entered); !room) return fail(room.error());
    auto work = db_.begin();
    if (!work) return fail(work.error());
    if (auto done = db_.update_user(next); !done) return fail(done.error());
    for (const std::int64_t group : before) {
        if (!after.contains(group)) left.push_back({group, old.id});
    }
    if (auto done = store_memberships(joined, left); !done) return fail(done.error());
    if (auto kept = work->commit(); !kept) return fail(kept.error());
    const std::int64_t id = next.id;
    people_.put(std::move(next));
    apply_memberships(joined, left);
    identity_answer out{show_user(*people_.user(id), people_), {}};
    refresh({id}, out.changes);
    return out;
}

result<identity_answer>
identity::delete_user(model::principal_kind kind, std::string_view id, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    const result<const stored_user*> found = existing_user(kind, id);
    if (!found) return fail(found.error());
    const stored_user gone = **found;
    if (is_built_in_admin(gone.id)) {
        return fail(errc::invalid_parameter_value, "The built-in admin cannot be deleted.");
    }
    auto work = db_.begin();
    if (!work) return fail(work.error());
    const auto tokens = db_.tokens(gone.id);
    if (!tokens) return fail(tokens.error());
    if (auto done = db_.leave_all_groups(gone.id); !done) return fail(done.error());
    if (auto done = db_.delete_from_acls(gone.user_name); !done) return fail(done.error());
    if (auto done = db_.delete_user(gone.id); !done) return fail(done.error());
    if (auto kept = work->commit(); !kept) return fail(kept.error());
    people_.erase(gone.id);
    principals_.erase(std::to_string(gone.id));
    identity_answer out{object{}, {}};
    for (const stored_token& token : *tokens)
        out.changes.tokens_removed.push_back(token.digest);
    out.changes.principals_removed.push_back(std::to_string(gone.id));
    return out;
}

result<void> identity::store_memberships(const std::vector<stored_membership>& joined,
                                         const std::vector<stored_membership>& left) {
    for (const stored_membership& one : joined) {
        if (auto done = db_.add_membership(one); !done) return done;
    }
    for (const stored_membership& one : left) {
        if (auto done = db_.delete_membership(one); !done) return done;
    }
    return {};
}

void identity::apply_memberships(const std::vector<stored_membership>& joined,
                                 const std::vector<stored_membership>& left) {
    for (const stored_membership& one : joined)
        people_.join(one);
    for (const stored_membership& one : left)
        people_.leave(one);
}

void identity::refresh(const std::set<std::int64_t>& ids, identity_changes& changes) {
    for (const std::int64_t id : ids) {
        const stored_user* user = people_.user(id);
        if (!user) continue;
        auto& shared = principals_[std::to_string(id)];
        shared = std::make_shared<const model::principal>(principal_of(*user, people_));
        if (user->active) {
            changes.principals.push_back(shared);
        } else {
            changes.principals_removed.push_back(shared->id);
        }
    }
}

} // namespace sluice::control
