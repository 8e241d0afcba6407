// Served entities and traffic of a config.
#include "proxy/control/endpoint_input.hpp"

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

void check_entities(const members& from, const endpoint_config& config, bool external) {
    for (std::size_t i = 1; i < config.entities.size(); ++i) {
        const entity_spec& entity = config.entities[i];
        for (std::size_t j = 0; j < i; ++j) {
            const entity_spec& earlier = config.entities[j];
            if (earlier.name == entity.name || (!external && earlier.model == entity.model)) {
                from.found().refuse(errc::bad_request,
                                    "Two served entities have the same name '" + entity.name + "'.");
            }
        }
        if (external && entity.task != config.entities.front().task) {
            from.found().refuse("All served entities of an endpoint must have the same task.");
        }
    }
}

std::string read_route_name(const members& route) {
    std::optional<std::string> entity = route.text("served_entity_name");
    std::optional<std::string> model = route.text("served_model_name");
    if (!entity && !model) return route.required_text("served_model_name");
    if (entity && model && *entity != *model) {
        route.found().refuse("'" + route.place() + "': 'served_model_name' and 'served_entity_name' differ.");
    }
    return entity ? std::move(*entity) : std::move(*model);
}

} // namespace

bool endpoint_config::same_as(const endpoint_config& other) const {
    return routes == other.routes && auto_capture == other.auto_capture &&
           std::ranges::equal(entities, other.entities, [](const entity_spec& a, const entity_spec& b) {
               return a.same_as(b);
           });
}

void read_traffic(const members& from, endpoint_config& to) {
    const std::optional<members> traffic = from.child("traffic_config");
    const std::vector<members> routes = traffic ? traffic->items("routes") : std::vector<members>{};
    if (!from.found().ok() || to.entities.empty()) return;
    if (routes.empty()) {
        if (to.entities.size() > 1) {
            from.found().refuse("'traffic_config' is required when there is more than one served entity.");
        }
        to.routes.push_back({to.entities.front().name, 100});
        return;
    }
    std::int64_t total = 0;
    for (const members& route : routes) {
        std::string name = read_route_name(route);
        const std::int64_t percentage = route.required_integer("traffic_percentage");
        if (!from.found().ok()) return;
        if (percentage < 0 || percentage > 100) {
            return route.found().refuse("'" + route.where("traffic_percentage") +
                                        "' must be between 0 and 100.");
        }
        if (std::ranges::find(to.entities, name, &entity_spec::name) == to.entities.end()) {
            return route.found().refuse("'" + route.place() +
                                        "' names a served entity that is not in the config.");
        }
        if (std::ranges::find(to.routes, name, &route_spec::entity) != to.routes.end()) {
            return route.found().refuse("'" + route.place() +
                                        "' names a served entity that has a route already.");
        }
        total += percentage;
        to.routes.push_back({std::move(name), static_cast<int>(percentage)});
    }
    if (total != 100) {
        from.found().refuse("The traffic percentages must total 100, but total " + std::to_string(total) +
                            '.');
    }
}

config_input read_config(const members& from, const input_rules& rules) {
    config_input out;
    const bool old_form = from.has("served_models");
    if (old_form && from.has("served_entities")) {
        from.found().refuse("Give 'served_entities' or 'served_models', not both.");
    }
    const std::vector<members> entities = from.items(old_form ? "served_models" : "served_entities");
    if (entities.empty())
        from.found().refuse("'" + from.where("served_entities") + "' needs at least one entity.");
    if (entities.size() > max_entities) {
        from.found().refuse("An endpoint may have at most 15 served entities.");
        return out;
    }
    std::size_t externals = 0;
    for (const members& entity : entities) {
        bool external = false;
        out.config.entities.push_back(read_entity(entity, external));
        externals += external ? 1U : 0U;
    }
    out.external = externals > 0;
    if (externals > 0 && externals < entities.size()) {
        from.found().refuse("External models and other models cannot be served by one endpoint.");
    }
    if (out.external && rules.single_external_entity && entities.size() > 1) {
        from.found().refuse("An endpoint with an external model may have one served entity only.");
    }
    if (from.found().ok()) check_entities(from, out.config, out.external);
    read_traffic(from, out.config);
    out.config.auto_capture = read_inference_table(from, "auto_capture_config");
    return out;
}

} // namespace sluice::control
