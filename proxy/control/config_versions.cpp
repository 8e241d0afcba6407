#include "proxy/control/config_versions.hpp"

#include "core/json/text.hpp"
#include "providers/registry.hpp"
#include "providers/unified.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

namespace bj = boost::json;

version_outcome outcome_of(update_state update) noexcept {
    switch (update) {
    case update_state::failed: return version_outcome::failed;
    case update_state::canceled: return version_outcome::canceled;
    case update_state::in_progress:
    case update_state::not_updating: break;
    }
    return version_outcome::pending;
}

// The configs that the record has.
std::vector<version_change> versions_in(const endpoint_record& record) {
    std::vector<version_change> out;
    if (const std::optional<endpoint_config>& active = record.active)
        out.push_back({active->version, version_outcome::active, {}, &*active});
    if (const std::optional<pending_config>& pending = record.pending)
        out.push_back(
            {pending->config.version, outcome_of(record.update), pending->message, &pending->config});
    return out;
}

bool is_in(const std::vector<version_change>& versions, int version) {
    return std::ranges::find(versions, version, &version_change::version) != versions.end();
}

// A member of an object in the block is called "object.member".
bj::object block_of(const entity_spec& entity) {
    bj::object out;
    for (const block_value& value : entity.block) {
        std::string_view name = value.name;
        bj::object* to = &out;
        if (const std::size_t dot = name.find('.'); dot != std::string_view::npos) {
            const bj::string group = to_json(name.substr(0, dot));
            bj::value& inner = out[group];
            if (!inner.is_object()) inner = bj::object();
            to = &inner.get_object();
            name.remove_prefix(dot + 1);
        }
        if (value.kind == value_kind::plaintext) {
            (*to)[to_json(std::string(name) + "_plaintext")] = to_json(value.secret.reveal());
        } else {
            (*to)[to_json(name)] = to_json(value.text);
        }
    }
    return out;
}

} // namespace

std::string_view to_string(version_outcome outcome) noexcept {
    switch (outcome) {
    case version_outcome::pending: return "pending";
    case version_outcome::active: return "active";
    case version_outcome::superseded: return "superseded";
    case version_outcome::failed: return "failed";
    case version_outcome::canceled: return "canceled";
    }
    return "pending";
}

std::vector<version_change> version_changes(const endpoint_record* last, const endpoint_record& next) {
    const std::vector<version_change> before = last ? versions_in(*last) : std::vector<version_change>();
    const std::vector<version_change> after = versions_in(next);
    std::vector<version_change> out;
    for (const version_change& old : before) {
        if (is_in(after, old.version)) continue;
        if (old.outcome == version_outcome::active)
            out.push_back({old.version, version_outcome::superseded, {}, nullptr});
        if (old.outcome == version_outcome::pending) // the config file has overtaken it
            out.push_back({old.version, version_outcome::canceled, {}, nullptr});
    }
    for (const version_change& one : after) {
        const auto old = std::ranges::find(before, one.version, &version_change::version);
        if (old == before.end()) {
            out.push_back(one);
        } else if (old->outcome != one.outcome || old->message != one.message) {
            out.push_back({one.version, one.outcome, one.message, nullptr});
        }
    }
    return out;
}

bj::object body_of(const endpoint_config& config) {
    bj::array entities;
    for (const entity_spec& entity : config.entities) {
        const providers::entry* known = providers::find_provider(entity.provider);
        bj::object model{{"provider", to_json(entity.provider)},
                         {"name", to_json(entity.model)},
                         {"task", to_json(providers::to_string(entity.task))}};
        if (known) model[to_json(known->config_block)] = block_of(entity);
        entities.push_back(bj::object{{"name", to_json(entity.name)}, {"external_model", std::move(model)}});
    }
    bj::array routes;
    for (const route_spec& route : config.routes) {
        routes.push_back(bj::object{{"served_entity_name", to_json(route.entity)},
                                    {"traffic_percentage", route.percentage}});
    }
    bj::object out{{"served_entities", std::move(entities)},
                   {"traffic_config", bj::object{{"routes", std::move(routes)}}}};
    if (config.auto_capture) out["auto_capture_config"] = *config.auto_capture;
    return out;
}

} // namespace sluice::control
