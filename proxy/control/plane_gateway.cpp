// What an endpoint has beside its config: limits, tags, AI Gateway, notifications, telemetry. None of these
// makes a config version, and none waits for an update.
#include "proxy/control/endpoint_input.hpp"
#include "proxy/control/plane_state.hpp"

#include <utility>

namespace sluice::control {

result<reply> plane_state::dispatch_gateway(call what, const call_input& input) {
    switch (what) {
    case call::put_rate_limits: return put_rate_limits(input);
    case call::patch_tags: return patch_tags(input);
    case call::put_ai_gateway: return put_ai_gateway(input);
    case call::get_ai_gateway: return get_ai_gateway(input);
    case call::patch_notifications: return patch_notifications(input);
    case call::patch_telemetry: return patch_telemetry(input);
    default: return fail(errc::not_implemented, "This call is not implemented in this version.");
    }
}

result<reply> plane_state::put_rate_limits(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    result<std::vector<model::rate_limit>> limits = parse_rate_limits(input.body);
    if (!limits) return fail(limits.error());
    if (const result<void> known = find_principals(*limits); !known) return fail(known.error());
    if (const result<void> done = commit(registry_.with_limits(**record, *limits)); !done)
        return fail(done.error());
    return show_limits(*limits);
}

result<reply> plane_state::patch_tags(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    const result<tags_input> wanted = parse_tags(input.body);
    if (!wanted) return fail(wanted.error());
    endpoint_record next = registry_.with_tags(**record, *wanted);
    if (next.tags.size() > max_tags) {
        return fail(errc::invalid_parameter_value, "An endpoint may have at most 100 tags.");
    }
    if (const result<void> done = commit(std::move(next)); !done) return fail(done.error());
    return show_tags(registry_.find(input.name)->tags);
}

result<reply> plane_state::put_ai_gateway(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    result<gateway_input> wanted = parse_ai_gateway(input.body);
    if (!wanted) return fail(wanted.error());
    if (const result<void> known = find_principals(wanted->limits); !known) return fail(known.error());
    if (const result<void> done = commit(registry_.with_gateway(**record, std::move(*wanted))); !done)
        return fail(done.error());
    return show_ai_gateway(*registry_.find(input.name));
}

result<reply> plane_state::get_ai_gateway(const call_input& input) const {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    return show_ai_gateway(**record);
}

result<reply> plane_state::patch_notifications(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    result<std::optional<email_notifications>> wanted = parse_notifications(input.body);
    if (!wanted) return fail(wanted.error());
    std::optional<email_notifications>& given = *wanted;
    if (!given) return show_notifications(**record);
    endpoint_record next = registry_.with_notifications(**record, std::move(*given));
    if (const result<void> done = commit(std::move(next)); !done) return fail(done.error());
    return show_notifications(*registry_.find(input.name));
}

result<reply> plane_state::patch_telemetry(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_manage);
    if (!record) return fail(record.error());
    const result<bool> given = parse_telemetry(input.body);
    if (!given) return fail(given.error());
    if (*given) {
        return fail(errc::invalid_parameter_value,
                    "'telemetry_config' is not for endpoints with external models or without a config.");
    }
    if ((*record)->update == update_state::in_progress) {
        return fail(errc::resource_conflict,
                    "The endpoint '" + input.name + "' has a config update in progress.");
    }
    return show(input.name, input); // there was none to remove
}

result<void> plane_state::find_principals(std::vector<model::rate_limit>& limits) const {
    for (model::rate_limit& limit : limits) {
        if (limit.principal.empty()) continue;
        model::principal_kind kind = model::principal_kind::user;
        if (limit.key == model::limit_key::user_group) kind = model::principal_kind::group;
        if (limit.key == model::limit_key::service_principal) kind = model::principal_kind::service_principal;
        const result<std::optional<named_principal>> named = identity_->find(kind, limit.principal);
        if (!named) return fail(named.error());
        const std::optional<named_principal>& who = *named;
        if (!who) {
            return fail(errc::invalid_parameter_value,
                        "A rate limit names the principal '" + limit.principal + "', which does not exist.");
        }
        limit.principal_id = who->id;
    }
    findings found;
    refuse_equal_limits(limits, "rate_limits", found);
    return found.verdict();
}

} // namespace sluice::control
