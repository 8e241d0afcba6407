// Served entities, traffic and external models of a config.
#include "providers/registry.hpp"
#include "proxy/control/endpoint_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::size_t max_secret_bytes = std::size_t{128} * 1024;
constexpr std::size_t max_entity_name_bytes = 255;
constexpr std::string_view plaintext_suffix = "_plaintext";

bool is_name_character(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

std::string default_name(std::string_view model) {
    std::string name(model.substr(0, max_entity_name_bytes));
    std::ranges::replace_if(name, [](char c) { return !is_name_character(c); }, '-');
    return name;
}

std::string known_providers() {
    std::string out;
    for (const providers::entry& each : providers::all_providers()) {
        if (!out.empty()) out += ", ";
        out += each.name;
    }
    return out;
}

bool has_control_characters(std::string_view text) noexcept {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void read_task(const members& from, const providers::entry& provider, entity_spec& to) {
    const std::optional<std::string> text = from.text("task");
    if (!text) {
        // The real service fills in chat for custom providers.
        if (!from.has("task") && provider.name != "custom") (void)from.required_text("task");
        return;
    }
    const std::optional<providers::task> task = providers::parse_task(*text);
    if (!task) {
        from.found().refuse("'" + from.where("task") +
                            "' must be one of llm/v1/chat, llm/v1/completions, llm/v1/embeddings.");
        return;
    }
    to.task = *task;
    if (provider.built && !provider.built->does(*task)) {
        from.found().refuse("Provider '" + to.provider + "' does not support the task " + *text + '.');
    }
}

std::optional<block_value> read_plain(const members& block, const providers::config_field& field) {
    std::optional<std::string> text = block.text(field.name);
    if (!text) return std::nullopt;
    if (text->size() > max_text_bytes || has_control_characters(*text)) {
        block.found().refuse("'" + block.where(field.name) + "' is too long or has control characters.");
    }
    return block_value{std::string(field.name), value_kind::plain, std::move(*text), {}};
}

std::optional<block_value> read_secret(const members& block, const providers::config_field& field) {
    const std::string name(field.name);
    const std::string plaintext_name = name + std::string(plaintext_suffix);
    std::optional<std::string> reference = block.text(name);
    std::optional<std::string> plaintext = block.text(plaintext_name);
    if (block.has(name) && block.has(plaintext_name)) {
        block.found().refuse("Give exactly one of '" + block.where(name) + "' and '" + plaintext_name + "'.");
    } else if (reference && !parse_reference(*reference)) {
        block.found().refuse(
            "'" + block.where(name) +
            "' must be a secret reference {{secrets/<scope>/<key>}}; a key itself goes into '" +
            plaintext_name + "'.");
    } else if (plaintext && (plaintext->empty() || plaintext->size() > max_secret_bytes)) {
        block.found().refuse("'" + block.where(plaintext_name) + "' must have 1 byte to 128 KiB.");
    }
    std::optional<block_value> out;
    if (plaintext) {
        out = block_value{name, value_kind::plaintext, {}, secret_string(*plaintext)};
        wipe(*plaintext);
    } else if (reference) {
        out = block_value{name, value_kind::reference, std::move(*reference), {}};
    }
    return out;
}

const providers::config_field* find_field(const providers::provider& provider, std::string_view name) {
    const auto fields = provider.fields();
    const auto found = std::ranges::find_if(fields, [name](const providers::config_field& field) {
        return name == field.name ||
               (field.secret && name.size() == field.name.size() + plaintext_suffix.size() &&
                name.starts_with(field.name) && name.ends_with(plaintext_suffix));
    });
    return found == fields.end() ? nullptr : &*found;
}

void read_block(const members& block, const providers::provider& provider, entity_spec& to) {
    for (const auto& member : block.object()) {
        const std::string_view name(member.key().data(), member.key().size());
        const providers::config_field* field = find_field(provider, name);
        if (!field || std::ranges::find(to.block, field->name, &block_value::name) != to.block.end())
            continue;
        std::optional<block_value> value =
            field->secret ? read_secret(block, *field) : read_plain(block, *field);
        if (value) to.block.push_back(std::move(*value));
    }
    if (!block.found().ok()) return;
    for (const providers::config_field& field : provider.fields()) {
        if (!field.required || std::ranges::find(to.block, field.name, &block_value::name) != to.block.end())
            continue;
        const std::string twin = field.secret ? " (or its '_plaintext' form)" : "";
        block.found().refuse("Missing required field '" + block.where(field.name) + "'" + twin + '.');
        return;
    }
    providers::resolved_config given;
    for (const block_value& value : to.block) {
        if (value.kind == value_kind::plain) {
            given.plain.emplace(value.name, value.text);
        } else {
            given.secrets.emplace(value.name, secret_string());
        }
    }
    const result<void> checked = provider.check(given);
    if (checked) return;
    if (checked.error().code == errc::not_implemented) {
        block.found().lacking(checked.error().message);
    } else {
        block.found().refuse(checked.error().code, checked.error().message);
    }
}

entity_spec read_entity(const members& from, bool& external) {
    entity_spec out;
    const std::optional<members> model = from.child("external_model");
    external = from.has("external_model");
    const std::string name_key = from.has("model_name") ? "model_name" : "entity_name";
    const std::string registry_name = from.text(name_key).value_or("");
    if (external) {
        constexpr std::array<std::string_view, 6> excluded{
            "entity_name", "entity_version", "model_name", "model_version", "workload_size", "workload_type"};
        for (const std::string_view key : excluded) {
            if (from.has(key))
                from.found().refuse("'" + from.where(key) + "' does not go with 'external_model'.");
        }
        // false is what clients send for "not set".
        if (from.flag("scale_to_zero_enabled").value_or(false)) {
            from.found().refuse("'" + from.where("scale_to_zero_enabled") +
                                "' does not go with 'external_model'.");
        }
        if (model) read_external_model(*model, out);
    } else if (registry_name.empty()) {
        from.found().refuse("'" + from.place() + "' needs 'external_model' or 'entity_name'.");
    } else {
        const std::string version_key = from.has("model_version") ? "model_version" : "entity_version";
        const std::optional<std::int64_t> version = from.integer(version_key);
        out.model = registry_name + '-' + (version ? std::to_string(*version) : std::string());
        from.found().lacking("Serving a registered model ('entity_name') is not implemented.");
    }
    out.name = from.text("name").value_or("");
    if (out.name.empty()) out.name = default_name(out.model);
    if (out.name.size() > max_entity_name_bytes || !std::ranges::all_of(out.name, is_name_character)) {
        from.found().refuse("'" + from.where("name") + "' must consist of A-Z, a-z, 0-9, '_' and '-'.");
    }
    return out;
}

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

void refuse_auto_capture(const members& from) {
    const std::optional<members> capture = from.child("auto_capture_config");
    if (!capture) return;
    const bool enabled = capture->flag("enabled").value_or(capture->has("catalog_name"));
    if (enabled) from.found().lacking("'auto_capture_config' is not implemented.");
}

} // namespace

bool endpoint_config::same_as(const endpoint_config& other) const {
    return routes == other.routes && auto_capture == other.auto_capture &&
           std::ranges::equal(entities, other.entities, [](const entity_spec& a, const entity_spec& b) {
               return a.same_as(b);
           });
}

void read_external_model(const members& from, entity_spec& to) {
    to.provider = from.required_text("provider");
    to.model = from.required_text("name");
    if (!from.found().ok()) return;
    if (to.model.empty() || to.model.size() > max_text_bytes || has_control_characters(to.model)) {
        return from.found().refuse("'" + from.where("name") +
                                   "' is empty, too long or has control characters.");
    }
    const providers::entry* provider = providers::find_provider(to.provider);
    if (!provider) {
        return from.found().refuse("'" + from.where("provider") + "' must be one of " + known_providers() +
                                   '.');
    }
    read_task(from, *provider, to);
    for (const providers::entry& other : providers::all_providers()) {
        if (other.config_block != provider->config_block && from.has(other.config_block)) {
            from.found().refuse("'" + from.where(other.config_block) + "' does not go with the provider '" +
                                to.provider + "'.");
        }
    }
    const std::optional<members> block = from.child(provider->config_block);
    if (!block) {
        from.found().refuse("Missing required field '" + from.where(provider->config_block) + "'.");
        return;
    }
    if (provider->built) {
        read_block(*block, *provider->built, to);
    } else {
        from.found().lacking("The provider '" + to.provider + "' is not implemented.");
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
    refuse_auto_capture(from);
    return out;
}

} // namespace sluice::control
