#include "proxy/control/registry.hpp"

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

// Entities that an update leaves as they are keep their id, creator and time stamp.
void sign_entities(endpoint_config& config,
                   const endpoint_record& from,
                   std::string_view caller,
                   wall_ms now) {
    const endpoint_config* last = from.active ? &*from.active : nullptr;
    for (entity_spec& entity : config.entities) {
        entity.id = make_entity_id(from.id, config.version, entity.name, now);
        entity.creator = caller;
        entity.created_ms = now;
        if (!last) continue;
        const auto same = std::ranges::find_if(
            last->entities, [&entity](const entity_spec& other) { return other.same_as(entity); });
        if (same == last->entities.end()) continue;
        entity.id = same->id;
        entity.creator = same->creator;
        entity.created_ms = same->created_ms;
    }
}

} // namespace

const endpoint_record* registry::find(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.record.get();
}

const endpoint_record* registry::find_by_id(std::string_view id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? nullptr : find(found->second);
}

std::vector<std::shared_ptr<const endpoint_record>> registry::all() const {
    std::vector<std::shared_ptr<const endpoint_record>> out;
    out.reserve(entries_.size());
    for (const auto& [name, each] : entries_)
        out.push_back(each.record);
    return out;
}

result<endpoint_record>
registry::create(const create_input& input, const model::principal& creator, std::string_view id) const {
    if (find(input.name)) {
        return fail(errc::resource_already_exists,
                    "An endpoint with the name '" + input.name + "' exists already.");
    }
    endpoint_record out;
    out.id = id;
    out.name = input.name;
    out.creator = creator.user_name;
    out.creator_display_name = creator.display_name;
    out.creator_kind = creator.kind;
    out.acl.push_back({creator.id, model::permission::can_manage});
    out.created_ms = time_.wall();
    out.updated_ms = out.created_ms;
    out.description = input.description;
    out.budget_policy_id = input.budget_policy_id;
    out.notifications = input.notifications;
    out.tags = input.tags;
    out.limits = input.gateway.limits;
    out.gateway = input.gateway.parts;
    out.route_optimized = input.route_optimized;
    if (!input.config) return out;
    return update(out, *input.config, creator.user_name);
}

result<endpoint_record>
registry::update(const endpoint_record& from, const config_input& input, std::string_view caller) const {
    if (from.update == update_state::in_progress) {
        return fail(errc::resource_conflict,
                    "A config update of the endpoint '" + from.name +
                        "' is in progress: wait for it, or cancel it.");
    }
    if (from.active && !input.external) {
        return fail(errc::invalid_parameter_value,
                    "An endpoint with external models cannot be updated to one without.");
    }
    if (!input.verdict) return fail(input.verdict.error());
    endpoint_record out = from;
    out.updated_ms = time_.wall();
    out.update = update_state::in_progress;
    out.pending = pending_config{input.config, out.updated_ms, {}};
    // An update that failed or was cancelled keeps its number: the history has it.
    const int before = from.active ? from.active->version : 0;
    const int failed = from.pending ? from.pending->config.version : 0;
    out.pending->config.version = std::max(before, failed) + 1;
    out.pending->config.author = caller;
    out.pending->config.created_ms = out.updated_ms;
    sign_entities(out.pending->config, from, caller, out.updated_ms);
    return out;
}

endpoint_record registry::finished(endpoint_record from, const result<void>& outcome) {
    if (!from.pending) {
        from.update = update_state::not_updating;
    } else if (outcome) {
        from.active = std::move(from.pending->config);
        from.pending.reset();
        from.update = update_state::not_updating;
    } else {
        from.pending->message = outcome.error().message;
        from.update = update_state::failed;
    }
    return from;
}

result<endpoint_record> registry::canceled(endpoint_record from) const {
    if (from.update != update_state::in_progress) {
        return fail(errc::resource_conflict,
                    "The endpoint '" + from.name +
                        "' has no config update in progress that could be cancelled.");
    }
    from.update = update_state::canceled;
    from.updated_ms = time_.wall();
    return from;
}

endpoint_record registry::with_limits(endpoint_record from, std::vector<model::rate_limit> limits) const {
    from.limits = std::move(limits);
    from.updated_ms = time_.wall();
    return from;
}

endpoint_record registry::with_gateway(endpoint_record from, gateway_input input) const {
    from.gateway = std::move(input.parts);
    return with_limits(std::move(from), std::move(input.limits));
}

endpoint_record registry::with_notifications(endpoint_record from, email_notifications input) const {
    from.notifications = std::move(input);
    from.updated_ms = time_.wall();
    return from;
}

endpoint_record registry::with_tags(endpoint_record from, const tags_input& input) const {
    std::erase_if(from.tags, [&input](const tag& each) {
        return std::ranges::find(input.remove, each.key) != input.remove.end();
    });
    for (const tag& added : input.add) {
        const auto same = std::ranges::find(from.tags, added.key, &tag::key);
        if (same == from.tags.end()) {
            from.tags.push_back(added);
        } else {
            *same = added;
        }
    }
    from.updated_ms = time_.wall();
    return from;
}

void registry::put(endpoint_record record) {
    entry& at = entries_[record.name];
    const bool in_progress = record.update == update_state::in_progress;
    const auto start_of = [](const endpoint_record& one) {
        const std::optional<pending_config>& pending = one.pending;
        return pending ? std::optional(pending->start_ms) : std::nullopt;
    };
    const bool same_update = at.record && at.record->update == update_state::in_progress &&
                             start_of(*at.record) && start_of(*at.record) == start_of(record) &&
                             at.record->id == record.id;
    if (!in_progress) {
        set_due(at, record.name, std::nullopt);
    } else if (!same_update || (!at.due && !at.suspended)) {
        set_due(at, record.name, time_.now() + update_delay_);
    }
    names_.insert_or_assign(record.id, record.name);
    at.record = std::make_shared<const endpoint_record>(std::move(record));
}

void registry::erase(std::string_view name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return;
    set_due(found->second, name, std::nullopt);
    names_.erase(found->second.record->id);
    entries_.erase(found);
}

void registry::set_due(entry& at, std::string_view name, std::optional<steady_time> due) {
    if (at.due) due_.erase({*at.due, std::string(name)});
    if (due) due_.emplace(*due, name);
    at.due = due;
    at.suspended = false;
}

std::vector<std::string> registry::due() const {
    std::vector<std::string> out;
    const steady_time now = time_.now();
    for (const auto& [when, name] : due_) {
        if (when > now) break;
        out.push_back(name);
    }
    return out;
}

void registry::suspend(std::string_view name) {
    const auto found = entries_.find(name);
    if (found == entries_.end() || !found->second.due) return;
    set_due(found->second, name, std::nullopt);
    found->second.suspended = true;
}

void registry::resume(std::string_view name) {
    const auto found = entries_.find(name);
    if (found != entries_.end() && found->second.suspended) set_due(found->second, name, time_.now());
}

void registry::postpone(std::string_view name) {
    const auto found = entries_.find(name);
    if (found != entries_.end() && found->second.due) {
        set_due(found->second, name, time_.now() + seconds(1));
    }
}

std::optional<steady_time> registry::next_due() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
}

} // namespace sluice::control
