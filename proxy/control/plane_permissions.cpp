// The permissions API of serving endpoints (api.md §12).
#include "proxy/control/permissions.hpp"
#include "proxy/control/plane_state.hpp"

#include <utility>

namespace sluice::control {

result<reply> plane_state::dispatch_permissions(call what, const call_input& input) {
    const bool reads = what == call::get_permissions || what == call::get_permission_levels;
    const model::permission least = reads ? model::permission::can_view : model::permission::can_manage;
    const result<const endpoint_record*> record = granted_by_id(input.name, input.who, least);
    if (!record) return fail(record.error());
    if (what == call::get_permission_levels) return show_permission_levels();
    if (what == call::get_permissions) return show_grants(**record);
    const result<std::vector<grant_input>> given = parse_grants(input.body);
    if (!given) return fail(given.error());
    const result<std::vector<model::grant>> named = find_grantees(*given);
    if (!named) return fail(named.error());
    std::vector<model::grant> last;
    if (what == call::patch_permissions) {
        for (const model::grant& each : (*record)->acl) {
            const result<std::optional<named_principal>> who = identity_->find(each.principal);
            if (!who) return fail(who.error());
            if (*who) last.push_back(each); // the grants of those who are deleted go
        }
    }
    result<std::vector<model::grant>> merged = merge_grants(std::move(last), *named);
    if (!merged) return fail(merged.error());
    endpoint_record next = **record;
    next.acl = std::move(*merged);
    if (const result<void> done = commit(std::move(next)); !done) return fail(done.error());
    return show_grants(*registry_.find_by_id(input.name));
}

result<std::vector<model::grant>> plane_state::find_grantees(const std::vector<grant_input>& given) const {
    std::vector<model::grant> out;
    for (const grant_input& each : given) {
        const result<std::optional<named_principal>> found = identity_->find(each.kind, each.name);
        if (!found) return fail(found.error());
        const std::optional<named_principal>& who = *found;
        if (!who) {
            return fail(errc::invalid_parameter_value,
                        "A permission names the principal '" + each.name.substr(0, 256) +
                            "', which does not exist.");
        }
        out.push_back({who->id, each.level});
    }
    return out;
}

result<reply> plane_state::show_grants(const endpoint_record& record) const {
    std::vector<shown_grant> shown;
    for (const model::grant& each : record.acl) {
        result<std::optional<named_principal>> found = identity_->find(each.principal);
        if (!found) return fail(found.error());
        // Who is deleted is shown no more; ids are never used again.
        std::optional<named_principal>& who = *found;
        if (who) shown.push_back({*std::move(who), each.level});
    }
    return show_permissions(record.id, shown);
}

} // namespace sluice::control
