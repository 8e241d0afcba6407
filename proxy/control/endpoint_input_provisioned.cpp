// Bodies of the provisioned throughput calls (api.md §5.11). This version has no catalogue of models, so they
// are checked, told what is wrong, and otherwise refused as not implemented.
#include "proxy/control/endpoint_input.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sluice::control {

namespace {

// The entities by name, for the traffic split.
entity_spec read_provisioned_entity(const members& from) {
    entity_spec out;
    const std::string model = from.required_text("entity_name");
    if (from.required_integer("provisioned_model_units") < 0) {
        from.found().refuse("'" + from.where("provisioned_model_units") + "' must not be negative.");
    }
    const std::optional<std::int64_t> version = from.integer("entity_version");
    (void)from.flag("burst_scaling_enabled");
    if (from.has("entity_name") && model.empty())
        from.found().refuse("'" + from.where("entity_name") + "' must not be empty.");
    const std::optional<std::string> given = from.text("name");
    if (given && !std::ranges::all_of(*given, is_name_character)) {
        from.found().refuse("'" + from.where("name") + "' must consist of A-Z, a-z, 0-9, '_' and '-'.");
    }
    out.name = given.value_or(model + '-' + (version ? std::to_string(*version) : std::string()));
    return out;
}

void check_config(const members& body) {
    const std::optional<members> config = body.child("config");
    if (!body.has("config")) body.found().refuse("Missing required field 'config'.");
    if (!config) return;
    endpoint_config out;
    const std::vector<members> entities = config->items("served_entities");
    if (entities.empty())
        body.found().refuse("'" + config->where("served_entities") + "' needs at least one entity.");
    if (entities.size() > max_entities)
        return body.found().refuse("An endpoint may have at most 15 served entities.");
    for (const members& entity : entities) {
        entity_spec next = read_provisioned_entity(entity);
        if (std::ranges::find(out.entities, next.name, &entity_spec::name) != out.entities.end()) {
            body.found().refuse(errc::bad_request, "Two served entities have the same name.");
        }
        out.entities.push_back(std::move(next));
    }
    read_traffic(*config, out);
}

void say_what_is_missing(findings& found) {
    found.lacking("Provisioned throughput is not implemented.");
}

} // namespace

result<void> check_provisioned_create(const boost::json::object& body) {
    findings found;
    const members from(body, "", found);
    (void)read_name(from);
    check_config(from);
    if (const std::optional<members> gateway = from.child("ai_gateway")) (void)read_ai_gateway(*gateway);
    (void)read_bounded_text(from, "budget_policy_id");
    (void)read_notifications(from);
    (void)read_tags(from, "tags");
    say_what_is_missing(found);
    return found.verdict();
}

result<void> check_provisioned_config(const boost::json::object& body) {
    findings found;
    check_config(members(body, "", found));
    say_what_is_missing(found);
    return found.verdict();
}

} // namespace sluice::control
