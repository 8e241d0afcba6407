// The serving-endpoints calls of plane_state.
#include "core/base/log.hpp"
#include "proxy/control/data_plane.hpp"
#include "proxy/control/endpoint_document.hpp"
#include "proxy/control/endpoint_input.hpp"
#include "proxy/control/plane_state.hpp"
#include "proxy/control/provider_schema.hpp"

#include <utility>

namespace sluice::control {

result<reply> plane_state::dispatch_endpoints(call what, const call_input& input) {
    switch (what) {
    case call::create_endpoint: return create_endpoint(input);
    case call::list_endpoints: return list_endpoints(input.who);
    case call::list_changes: return list_changes(input);
    case call::get_endpoint: return get_endpoint(input);
    case call::delete_endpoint: return delete_endpoint(input);
    case call::update_config: return update_config(input);
    case call::cancel_update: return cancel_update(input);
    case call::create_provisioned: return create_provisioned(input);
    case call::update_provisioned: return update_provisioned(input);
    case call::list_providers: return reply(provider_schema());
    case call::list_versions: return list_versions(input);
    case call::restore_version: return restore_version(input);
    default: return fail(errc::not_implemented, "This call is not implemented in this version.");
    }
}

result<const endpoint_record*> plane_state::granted(const call_input& input, model::permission least) const {
    const endpoint_record* found = registry_.find(input.name);
    if (!found) {
        return fail(errc::resource_does_not_exist, "The endpoint '" + input.name + "' does not exist.");
    }
    if (model::permission_of(found->acl, input.who) < least) return fail(model::lacking(least, found->name));
    return found;
}

result<const endpoint_record*>
plane_state::granted_by_id(std::string_view id, const model::principal& who, model::permission least) const {
    const endpoint_record* found = registry_.find_by_id(id);
    if (!found) {
        return fail(errc::resource_does_not_exist,
                    "A serving endpoint with the id '" + std::string(id.substr(0, 64)) + "' does not exist.");
    }
    if (model::permission_of(found->acl, who) < least) return fail(model::lacking(least, found->name));
    return found;
}

const broken_entities& plane_state::broken_of(std::string_view name) const {
    static const broken_entities none;
    const auto found = broken_.find(name);
    return found == broken_.end() ? none : found->second;
}

result<void> plane_state::commit(endpoint_record record) {
    if (result<void> bound = targets_.bind(record); !bound) return bound;
    const result<stored_endpoint> row = to_row(record, *vault_);
    if (!row) return fail(row.error());
    const endpoint_record* last = registry_.find(record.name);
    result<db::transaction> work = store_->begin();
    if (!work) return fail(work.error());
    if (result<void> written = store_->put_endpoint(*row); !written) return written;
    if (result<void> kept = keep_versions(last, record); !kept) return kept;
    if (result<void> done = work->commit(); !done) return done;
    publish(record);
    if (last && last->acl != record.acl) changes_.lost(record.name, last->acl);
    tell_usage(last, record);
    registry_.put(std::move(record));
    return {};
}

result<reply> plane_state::show(std::string_view name, const call_input& input) const {
    return show_endpoint(*registry_.find(name), broken_of(name), input.who, base_url_of(input.request));
}

result<reply> plane_state::create_endpoint(const call_input& input) {
    if (!input.who.may_create) {
        return fail(errc::permission_denied, "You may not create serving endpoints.");
    }
    result<create_input> wanted = parse_create(input.body, rules_);
    if (!wanted) return fail(wanted.error());
    if (result<void> known = find_principals(wanted->gateway.limits); !known) return fail(known.error());
    const result<std::string> id = random_hex(16);
    if (!id) return fail(id.error());
    result<endpoint_record> record = registry_.create(*wanted, input.who, *id);
    if (!record) return fail(record.error());
    if (const std::optional<config_input>& config = wanted->config) {
        const result<void> usable = targets_.check(config->config, input.who);
        if (!usable) return fail(usable.error());
    }
    if (const result<void> done = commit_update(std::move(*record)); !done) return fail(done.error());
    return show(wanted->name, input);
}

const std::string& plane_state::summary_of(const endpoint_record& record) const {
    std::string& summary = summaries_[record.name];
    if (summary.empty()) summary = summarize_endpoint(record, broken_of(record.name));
    return summary;
}

std::string plane_state::list_of_endpoints(const model::principal& who) const {
    std::string out = "[";
    for (const auto& record : registry_.all()) {
        if (model::permission_of(record->acl, who) < model::permission::can_view) continue;
        if (out.size() > 1) out += ',';
        out += summary_of(*record);
    }
    out += ']';
    return out;
}

result<reply> plane_state::list_endpoints(const model::principal& who) const {
    return R"({"endpoints":)" + list_of_endpoints(who) + "}";
}

result<reply> plane_state::get_endpoint(const call_input& input) const {
    const result<const endpoint_record*> record = granted(input, model::permission::can_view);
    if (!record) return fail(record.error());
    return show(input.name, input);
}

result<reply> plane_state::delete_endpoint(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    if (const result<void> gone = store_->delete_endpoint((*record)->id); !gone) return fail(gone.error());
    stats_.erase((*record)->id);
    if (usage_) {
        after_commit(
            [usage = usage_, id = (*record)->id, when = time_.wall()] { usage->endpoint_deleted(id, when); });
    }
    changes_.erased(input.name);
    changes_.lost(input.name, (*record)->acl);
    if (history_) after_commit([history = history_, id = (*record)->id] { history->endpoint_deleted(id); });
    registry_.erase(input.name);
    probes_.forget(input.name);
    broken_.erase(input.name);
    summaries_.erase(input.name);
    next_.endpoints = next_.endpoints.without(input.name);
    changed_ = true;
    return reply();
}

result<reply> plane_state::update_config(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    const result<config_input> wanted = parse_config(input.body, rules_);
    if (!wanted) return fail(wanted.error());
    result<endpoint_record> next = registry_.update(**record, *wanted, input.who.user_name);
    if (!next) return fail(next.error());
    const result<void> usable = targets_.check(wanted->config, input.who);
    if (!usable) return fail(usable.error());
    if (const result<void> done = commit_update(std::move(*next)); !done) return fail(done.error());
    return show(input.name, input);
}

result<reply> plane_state::cancel_update(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    result<endpoint_record> next = registry_.canceled(**record);
    if (!next) return fail(next.error());
    if (const result<void> done = commit(std::move(*next)); !done) return fail(done.error());
    update_ended(*registry_.find(input.name), "canceled");
    return show(input.name, input);
}

result<reply> plane_state::create_provisioned(const call_input& input) const {
    if (!input.who.may_create) {
        return fail(errc::permission_denied, "You may not create serving endpoints.");
    }
    return fail(check_provisioned_create(input.body).error());
}

result<reply> plane_state::update_provisioned(const call_input& input) const {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    const result<void> lacking = check_provisioned_config(input.body);
    if (lacking.error().code == errc::not_implemented && (*record)->active) {
        return fail(errc::invalid_parameter_value,
                    "An endpoint with external models cannot be updated to one without.");
    }
    return fail(lacking.error());
}

result<void> plane_state::apply_endpoint(const create_input& input) {
    const endpoint_record* last = registry_.find(input.name);
    const std::shared_ptr<const model::principal> owner = identity_->admin();
    const auto seen = [&] {
        const endpoint_record* now = registry_.find(input.name);
        return now ? audit_text(show_endpoint(*now, broken_of(input.name), *owner, {})) : std::string();
    };
    const auto grants = [&]() -> result<std::string> {
        const endpoint_record* now = registry_.find(input.name);
        if (!now) return std::string();
        const result<reply> shown = show_grants(*now);
        if (!shown) return fail(shown.error());
        return audit_text(shown->body);
    };
    const std::string before = seen();
    const result<std::string> grants_before = grants();
    if (!grants_before) return fail(grants_before.error());
    if (result<void> applied = apply_endpoint_entry(input, last, *owner); !applied) return applied;
    const result<std::string> grants_after = grants();
    if (!grants_after) return fail(grants_after.error());
    if (*grants_before != *grants_after) {
        const std::string target = "permissions/serving-endpoints/" + registry_.find(input.name)->id;
        result<void> noted =
            audit_file("modelServing.changeInferenceEndpointAcl", target, *grants_before, *grants_after);
        if (!noted) return noted;
    }
    return audit_file(last ? "modelServing.updateServingEndpointConfig"
                           : "modelServing.createServingEndpoint",
                      "serving-endpoints/" + input.name,
                      before,
                      seen());
}

result<void> plane_state::apply_endpoint_entry(create_input input,
                                               const endpoint_record* last,
                                               const model::principal& owner) {
    if (result<void> known = find_principals(input.gateway.limits); !known) return known;
    if (input.config) {
        if (result<void> usable = targets_.check(input.config->config, owner); !usable) return usable;
    }
    const result<std::vector<model::grant>> named =
        find_grantees(input.grants.value_or(std::vector<grant_input>()));
    if (!named) return fail(named.error());
    result<std::vector<model::grant>> acl = merge_grants({{owner.id, model::permission::can_manage}}, *named);
    if (!acl) return fail(acl.error());
    if (!last) {
        const result<std::string> id = random_hex(16);
        if (!id) return fail(id.error());
        result<endpoint_record> made = registry_.create(input, owner, *id);
        if (!made) return fail(made.error());
        made->acl = std::move(*acl);
        return commit_update(std::move(*made));
    }
    endpoint_record next = registry_.with_gateway(*last, std::move(input.gateway));
    if (input.grants) next.acl = std::move(*acl);
    next.tags = input.tags;
    next.description = input.description;
    next.budget_policy_id = input.budget_policy_id;
    next.notifications = input.notifications;
    next.route_optimized = input.route_optimized;
    if (!input.config) return commit(std::move(next));
    next.unbind();
    // The file wins over an update that was under way when the gateway stopped.
    if (next.update == update_state::in_progress) next.update = update_state::canceled;
    if (next.active && next.active->same_as(input.config->config)) return commit(std::move(next));
    result<endpoint_record> updated = registry_.update(next, *input.config, owner.user_name);
    return updated ? commit_update(std::move(*updated)) : fail(updated.error());
}

} // namespace sluice::control
