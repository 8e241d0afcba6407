// Who may do what with a scope, and the calls that change it.
#include "proxy/control/body.hpp"
#include "proxy/control/secrets.hpp"
#include "proxy/control/secrets_names.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::object;
using boost::json::value;

struct acl_address {
    std::string scope;
    std::string principal;
};

result<acl_address> read_acl_address(const object& from) {
    findings found;
    const members in(from, "", found);
    acl_address out{in.required_text("scope"), in.required_text("principal")};
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    return out;
}

tl::unexpected<error> no_such_acl(std::string_view scope) {
    return fail(errc::resource_does_not_exist,
                "The principal has no permission on the secret scope '" + std::string(scope) + "'.");
}

} // namespace

result<secrets::right> secrets::right_of(const model::principal& who, const stored_scope& scope) {
    if (who.is_admin) return right::manage;
    const auto acls = db_.acls(scope.id);
    if (!acls) return fail(acls.error());
    right most = right::none;
    for (const auto& acl : *acls) {
        const bool through_group = std::ranges::any_of(who.groups, [&acl](const model::group_ref& group) {
            return same_text(acl.principal, group.name);
        });
        if (acl.principal != group_users && !through_group && !same_text(acl.principal, who.user_name))
            continue;
        const right given = acl.permission == "MANAGE"  ? right::manage
                            : acl.permission == "WRITE" ? right::write
                                                        : right::read;
        most = std::max(most, given);
    }
    return most;
}

result<bool> secrets::may_read(const model::principal& who, std::string_view scope) {
    const auto found = db_.find_scope(scope);
    if (!found) return fail(found.error());
    const auto& at = *found;
    if (!at) return false;
    const auto has = right_of(who, *at);
    if (!has) return fail(has.error());
    return *has >= right::read;
}

result<value> secrets::put_acl(const object& body, const model::principal& who) {
    auto at = read_acl_address(body);
    if (!at) return fail(std::move(at).error());
    findings found;
    const std::string permission = members(body, "", found).required_text("permission");
    if (found.ok() && permission != "READ" && permission != "WRITE" && permission != "MANAGE") {
        found.refuse("'permission' must be READ, WRITE or MANAGE.");
    }
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    const auto scope = scope_for(at->scope, who, right::manage);
    if (!scope) return fail(scope.error());
    if (at->principal != group_users && at->principal != group_admins) {
        // As stored: names are equal without regard to case.
        const auto users = db_.find_user(at->principal);
        if (!users) return fail(users.error());
        const auto groups = db_.find_group(at->principal);
        if (!groups) return fail(groups.error());
        const std::optional<stored_user>& user = *users;
        const std::optional<stored_group>& group = *groups;
        if (!user && !group) {
            return fail(errc::invalid_parameter_value,
                        "'principal' must be the name of a user or a group, or an application id.");
        }
        at->principal = user ? user->user_name : group->name;
    }
    auto done = db_.put_acl(scope->id, {std::move(at->principal), permission});
    if (!done) return fail(std::move(done).error());
    return object{};
}

result<value> secrets::delete_acl(const object& body, const model::principal& who) {
    const auto at = read_acl_address(body);
    if (!at) return fail(at.error());
    const auto scope = scope_for(at->scope, who, right::manage);
    if (!scope) return fail(scope.error());
    const auto was_there = db_.delete_acl(scope->id, at->principal);
    if (!was_there) return fail(was_there.error());
    if (!*was_there) return no_such_acl(scope->name);
    return object{};
}

result<value> secrets::get_acl(const object& query, const model::principal& who) {
    const auto at = read_acl_address(query);
    if (!at) return fail(at.error());
    const auto scope = scope_for(at->scope, who, right::manage);
    if (!scope) return fail(scope.error());
    const auto acls = db_.acls(scope->id);
    if (!acls) return fail(acls.error());
    for (const auto& acl : *acls) {
        if (!same_text(acl.principal, at->principal)) continue;
        return object{{"principal", acl.principal}, {"permission", acl.permission}};
    }
    return no_such_acl(scope->name);
}

result<value> secrets::list_acls(const object& query, const model::principal& who) {
    findings found;
    const std::string name = members(query, "", found).required_text("scope");
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    const auto scope = scope_for(name, who, right::manage);
    if (!scope) return fail(scope.error());
    const auto acls = db_.acls(scope->id);
    if (!acls) return fail(acls.error());
    boost::json::array out;
    for (const auto& acl : *acls) {
        out.push_back(object{{"principal", acl.principal}, {"permission", acl.permission}});
    }
    return object{{"items", std::move(out)}};
}

} // namespace sluice::control
