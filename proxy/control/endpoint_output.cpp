#include "proxy/control/endpoint_output.hpp"

#include "core/json/writer.hpp"
#include "providers/registry.hpp"
#include "proxy/control/data_plane.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <string_view>

namespace sluice::control {

namespace {

using json::object_writer;

struct deployment {
    std::string_view state;
    std::string_view message;
};

std::string_view update_text(update_state state) {
    switch (state) {
    case update_state::not_updating: return "NOT_UPDATING";
    case update_state::in_progress: return "IN_PROGRESS";
    case update_state::failed: return "UPDATE_FAILED";
    case update_state::canceled: return "UPDATE_CANCELED";
    }
    return "NOT_UPDATING";
}

// What the entities of a pending config show: it is kept after a failure or a cancel.
deployment pending_state(const endpoint_record& record, const pending_config& pending) {
    if (record.update == update_state::failed) return {"DEPLOYMENT_FAILED", pending.message};
    if (record.update == update_state::canceled) return {"DEPLOYMENT_ABORTED", ""};
    return {"DEPLOYMENT_CREATING", ""};
}

deployment active_state(const entity_spec& entity, const broken_entities& broken) {
    const auto found = broken.find(entity.name);
    if (found != broken.end()) return {"DEPLOYMENT_FAILED", found->second};
    return {"DEPLOYMENT_READY", ""};
}

// Calls write(element) for each, with brackets and commas.
template <class List, class Write>
void write_list(std::string& out, const List& list, Write&& write) {
    out += '[';
    bool first = true;
    for (const auto& each : list) {
        if (!first) out += ',';
        first = false;
        write(each);
    }
    out += ']';
}

void write_texts(std::string& out, const std::vector<std::string>& texts) {
    write_list(out, texts, [&out](const std::string& text) { json::append_string(out, text); });
}

// Plaintext values leave no trace. Values of one object ("api_key_auth.key") may stand apart in the block.
void write_block(std::string& out, const std::vector<block_value>& block, std::string_view prefix) {
    object_writer to(out);
    std::vector<std::string_view> groups;
    for (const block_value& value : block) {
        const std::string_view name = value.name;
        if (value.kind == value_kind::plaintext || !name.starts_with(prefix)) continue;
        const std::string_view own = name.substr(prefix.size());
        const std::size_t dot = own.find('.');
        if (dot == std::string_view::npos) {
            to.text(own, value.text);
            continue;
        }
        const std::string_view group = name.substr(0, prefix.size() + dot + 1);
        if (std::ranges::find(groups, group) != groups.end()) continue;
        groups.push_back(group);
        to.key(own.substr(0, dot));
        write_block(out, block, group);
    }
    to.close();
}

void write_external_model(std::string& out, const entity_spec& entity) {
    object_writer model(out);
    model.text("provider", entity.provider);
    model.text("name", entity.model);
    model.text("task", providers::to_string(entity.task));
    const providers::entry* known = providers::find_provider(entity.provider);
    model.key(known ? known->config_block : std::string_view("config"));
    write_block(out, entity.block, "");
    model.close();
}

void write_entity(std::string& out, const entity_spec& entity, const deployment& deployed) {
    object_writer to(out);
    to.text("name", entity.name);
    to.key("external_model");
    write_external_model(out, entity);
    to.key("state");
    object_writer state(out);
    state.text("deployment", deployed.state);
    state.text("deployment_state_message", deployed.message);
    state.close();
    to.text("creator", entity.creator);
    to.number("creation_timestamp", entity.created_ms);
    to.close();
}

void write_traffic(std::string& out, const endpoint_config& config) {
    object_writer traffic(out);
    traffic.key("routes");
    write_list(out, config.routes, [&out](const route_spec& route) {
        object_writer to(out);
        to.text("served_model_name", route.entity);
        to.text("served_entity_name", route.entity);
        to.number("traffic_percentage", route.percentage);
        to.close();
    });
    traffic.close();
}

// An object as it was given, its members written by us already.
void write_given(object_writer& to, std::string_view key, const std::optional<boost::json::object>& given) {
    if (given) to.raw(key, boost::json::serialize(*given));
}

// The members that the active and the pending config have in common. `state_of` gives an entity's deployment.
template <class StateOf>
void write_config(std::string& out, object_writer& to, const endpoint_config& config, StateOf&& state_of) {
    to.key("served_entities");
    write_list(out, config.entities, [&](const entity_spec& entity) {
        write_entity(out, entity, state_of(entity));
    });
    to.key("traffic_config");
    write_traffic(out, config);
    write_given(to, "auto_capture_config", config.auto_capture);
    to.number("config_version", config.version);
}

// Of the history: nothing is deployed of it.
void write_old_entity(std::string& out, const entity_spec& entity) {
    object_writer to(out);
    to.text("name", entity.name);
    to.key("external_model");
    write_external_model(out, entity);
    to.text("creator", entity.creator);
    to.number("creation_timestamp", entity.created_ms);
    to.close();
}

void write_active(std::string& out, const endpoint_config& config, const broken_entities& broken) {
    object_writer to(out);
    write_config(
        out, to, config, [&broken](const entity_spec& entity) { return active_state(entity, broken); });
    to.close();
}

void write_pending(std::string& out, const endpoint_record& record, const pending_config& pending) {
    const deployment state = pending_state(record, pending);
    object_writer to(out);
    write_config(out, to, pending.config, [&state](const entity_spec&) { return state; });
    to.number("start_time", pending.start_ms);
    to.close();
}

void write_specs(std::string& out, const endpoint_config& config) {
    object_writer to(out);
    to.key("served_entities");
    write_list(out, config.entities, [&out](const entity_spec& entity) {
        object_writer spec(out);
        spec.text("name", entity.name);
        spec.key("external_model");
        write_external_model(out, entity);
        spec.text("type", "EXTERNAL_MODEL");
        spec.close();
    });
    to.close();
}

void write_tags(std::string& out, const std::vector<tag>& tags) {
    write_list(out, tags, [&out](const tag& each) {
        object_writer to(out);
        to.text("key", each.key);
        if (each.value) to.text("value", *each.value);
        to.close();
    });
}

void write_limits(std::string& out, const std::vector<model::rate_limit>& limits) {
    write_list(out, limits, [&out](const model::rate_limit& limit) {
        object_writer to(out);
        constexpr std::array<std::string_view, 4> keys{"endpoint", "user", "user_group", "service_principal"};
        to.number("calls", limit.calls);
        to.text("key", keys.at(static_cast<std::size_t>(limit.key)));
        if (!limit.principal.empty()) to.text("principal", limit.principal);
        to.text("renewal_period", "minute");
        to.close();
    });
}

void write_head(std::string& out,
                object_writer& to,
                const endpoint_record& record,
                const broken_entities& broken) {
    to.text("name", record.name);
    to.text("creator", record.creator);
    to.number("creation_timestamp", record.created_ms);
    to.number("last_updated_timestamp", record.updated_ms);
    to.key("state");
    object_writer state(out);
    state.text("ready", record.active && broken.empty() ? "READY" : "NOT_READY");
    state.text("config_update", update_text(record.update));
    state.close();
}

bool has_ai_gateway(const endpoint_record& record) {
    return !record.limits.empty() || record.gateway != ai_gateway_config{};
}

void write_switch(std::string& out, object_writer& to, std::string_view key, std::optional<bool> enabled) {
    if (!enabled) return;
    to.key(key);
    object_writer part(out);
    part.boolean("enabled", *enabled);
    part.close();
}

void write_ai_gateway(std::string& out, const endpoint_record& record) {
    object_writer to(out);
    write_switch(out, to, "usage_tracking_config", record.gateway.usage_tracking);
    write_given(to, "inference_table_config", record.gateway.inference_table);
    if (!record.limits.empty()) {
        to.key("rate_limits");
        write_limits(out, record.limits);
    }
    write_given(to, "guardrails", record.gateway.guardrails);
    write_switch(out, to, "fallback_config", record.gateway.fallback);
    to.close();
}

void write_creator(object_writer& to, const endpoint_record& record) {
    if (!record.creator_display_name.empty()) to.text("creator_display_name", record.creator_display_name);
    if (!record.creator_kind) return;
    const bool service = *record.creator_kind == model::principal_kind::service_principal;
    to.text("creator_kind", service ? "ServicePrincipal" : "User");
}

void write_tail(std::string& out, object_writer& to, const endpoint_record& record) {
    if (const endpoint_config* shown = record.shown_config(); shown && !shown->entities.empty()) {
        to.text("task", providers::to_string(shown->entities.front().task));
        to.text("endpoint_type", "EXTERNAL_MODEL");
    }
    write_creator(to, record);
    to.text("description", record.description);
    if (has_ai_gateway(record)) {
        to.key("ai_gateway");
        write_ai_gateway(out, record);
    }
    if (record.budget_policy_id) {
        to.text("budget_policy_id", *record.budget_policy_id);
        to.text("effective_budget_policy_id", *record.budget_policy_id);
    }
}

// What the data plane clients of the SDKs look for (api.md §14.3).
void write_data_plane(std::string& out,
                      object_writer& to,
                      const endpoint_record& record,
                      std::string_view base_url) {
    std::string url(base_url);
    url.append("/serving-endpoints/").append(record.name).append("/invocations");
    to.text("endpoint_url", url);
    to.key("data_plane_info");
    object_writer info(out);
    info.key("query_info");
    object_writer query(out);
    query.text("endpoint_url", url);
    query.text("authorization_details", authorization_details_for(record.id));
    query.close();
    info.close();
}

void write_notifications(std::string& out, object_writer& to, const email_notifications& notifications) {
    to.key("email_notifications");
    object_writer inner(out);
    inner.key("on_update_success");
    write_texts(out, notifications.on_update_success);
    inner.key("on_update_failure");
    write_texts(out, notifications.on_update_failure);
    inner.close();
}

} // namespace

std::string show_endpoint(const endpoint_record& record,
                          const broken_entities& broken,
                          const model::principal& who,
                          std::string_view base_url) {
    std::string out;
    object_writer to(out);
    write_head(out, to, record, broken);
    if (record.active) {
        to.key("config");
        write_active(out, *record.active, broken);
    }
    if (record.pending) {
        to.key("pending_config");
        write_pending(out, record, *record.pending);
    }
    to.key("tags");
    write_tags(out, record.tags);
    to.text("id", record.id);
    to.text("permission_level", to_string(model::permission_of(record.acl, who)));
    to.boolean("route_optimized", record.route_optimized);
    if (record.route_optimized) write_data_plane(out, to, record, base_url);
    write_tail(out, to, record);
    if (record.notifications) write_notifications(out, to, *record.notifications);
    to.close();
    return out;
}

std::string summarize_endpoint(const endpoint_record& record, const broken_entities& broken) {
    std::string out;
    object_writer to(out);
    write_head(out, to, record, broken);
    if (record.active) {
        to.key("config");
        write_specs(out, *record.active);
    }
    to.key("tags");
    write_tags(out, record.tags);
    to.text("id", record.id);
    write_tail(out, to, record);
    if (record.budget_policy_id) to.text("usage_policy_id", *record.budget_policy_id);
    to.close();
    return out;
}

std::string show_config(const endpoint_config& config) {
    std::string out;
    object_writer to(out);
    to.key("served_entities");
    write_list(out, config.entities, [&out](const entity_spec& entity) { write_old_entity(out, entity); });
    to.key("traffic_config");
    write_traffic(out, config);
    write_given(to, "auto_capture_config", config.auto_capture);
    to.close();
    return out;
}

std::string show_ai_gateway(const endpoint_record& record) {
    std::string out;
    write_ai_gateway(out, record);
    return out;
}

std::string show_notifications(const endpoint_record& record) {
    std::string out;
    object_writer to(out);
    to.text("name", record.name);
    if (record.notifications) write_notifications(out, to, *record.notifications);
    to.close();
    return out;
}

std::string show_limits(const std::vector<model::rate_limit>& limits) {
    std::string out;
    object_writer to(out);
    to.key("rate_limits");
    write_limits(out, limits);
    to.close();
    return out;
}

std::string show_tags(const std::vector<tag>& tags) {
    std::string out;
    object_writer to(out);
    to.key("tags");
    write_tags(out, tags);
    to.close();
    return out;
}

} // namespace sluice::control
