// One served entity: an external model, or a registered one, which this version checks and refuses.
#include "providers/registry.hpp"
#include "proxy/control/endpoint_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::size_t max_secret_bytes = std::size_t{128} * 1024;
constexpr std::size_t max_entity_name_bytes = 255;
constexpr std::size_t max_environment_variables = 30;
constexpr std::string_view plaintext_suffix = "_plaintext";

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

// `key` in `block` is the field whose whole name is `name`.
std::optional<block_value> read_plain(const members& block, std::string_view key, std::string_view name) {
    std::optional<std::string> text = block.text(key);
    if (!text) return std::nullopt;
    if (text->size() > max_text_bytes || has_control_characters(*text)) {
        block.found().refuse("'" + block.where(key) + "' is too long or has control characters.");
    }
    return block_value{std::string(name), value_kind::plain, std::move(*text), {}};
}

std::optional<block_value> read_secret(const members& block, std::string_view key, std::string_view name) {
    const std::string plaintext_key = std::string(key) + std::string(plaintext_suffix);
    std::optional<std::string> reference = block.text(key);
    std::optional<std::string> plaintext = block.text(plaintext_key);
    if (block.has(key) && block.has(plaintext_key)) {
        block.found().refuse("Give exactly one of '" + block.where(key) + "' and '" + plaintext_key + "'.");
    } else if (reference && !parse_reference(*reference)) {
        block.found().refuse(
            "'" + block.where(key) +
            "' must be a secret reference {{secrets/<scope>/<key>}}; a key itself goes into '" +
            plaintext_key + "'.");
    } else if (plaintext && (plaintext->empty() || plaintext->size() > max_secret_bytes)) {
        block.found().refuse("'" + block.where(plaintext_key) + "' must have 1 byte to 128 KiB.");
    }
    std::optional<block_value> out;
    if (plaintext) {
        out = block_value{std::string(name), value_kind::plaintext, {}, secret_string(*plaintext)};
        wipe(*plaintext);
    } else if (reference) {
        out = block_value{std::string(name), value_kind::reference, std::move(*reference), {}};
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

// Is `prefix` ("api_key_auth.") an object that holds fields?
bool is_group(const providers::provider& provider, std::string_view prefix) {
    return std::ranges::any_of(provider.fields(), [prefix](const providers::config_field& field) {
        return field.name.starts_with(prefix);
    });
}

// The members of a block or, with the `prefix` of their names, of an object in it.
void read_fields(const members& block,
                 const std::string& prefix,
                 const providers::provider& provider,
                 entity_spec& to) {
    for (const auto& member : block.object()) {
        const std::string_view key(member.key().data(), member.key().size());
        const std::string name = prefix + std::string(key);
        if (prefix.empty() && is_group(provider, name + '.')) {
            if (const std::optional<members> inner = block.child(key))
                read_fields(*inner, name + '.', provider, to);
            continue;
        }
        if (key.find('.') != std::string_view::npos) continue; // no way around the object
        const providers::config_field* field = find_field(provider, name);
        if (!field || std::ranges::find(to.block, field->name, &block_value::name) != to.block.end())
            continue;
        const std::string_view own = field->name.substr(prefix.size());
        std::optional<block_value> value =
            field->secret ? read_secret(block, own, field->name) : read_plain(block, own, field->name);
        if (value) to.block.push_back(std::move(*value));
    }
}

void read_block(const members& block, const providers::provider& provider, entity_spec& to) {
    read_fields(block, "", provider, to);
    if (!block.found().ok()) return;
    for (const providers::config_field& field : provider.fields()) {
        // Whether a condition holds is check()'s to see.
        const bool needed = field.required && field.only_if.empty();
        if (!needed || std::ranges::find(to.block, field.name, &block_value::name) != to.block.end())
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

void check_environment(const members& from) {
    const std::optional<members> variables = from.child("environment_vars");
    if (!variables) return;
    if (variables->object().size() > max_environment_variables) {
        from.found().refuse("'" + from.where("environment_vars") + "' may have at most 30 variables.");
    }
    for (const auto& each : variables->object())
        (void)variables->text(std::string_view(each.key().data(), each.key().size()));
}

// A registered model's own members: mistakes in them are told before the lack.
void check_registered(const members& from) {
    constexpr std::array<std::string_view, 5> numbers{"min_provisioned_concurrency",
                                                      "max_provisioned_concurrency",
                                                      "min_provisioned_throughput",
                                                      "max_provisioned_throughput",
                                                      "provisioned_model_units"};
    constexpr std::array<std::string_view, 9> workloads{"CPU",
                                                        "CPU_MEDIUM",
                                                        "CPU_LARGE",
                                                        "GPU_SMALL",
                                                        "GPU_MEDIUM",
                                                        "GPU_LARGE",
                                                        "GPU_XLARGE",
                                                        "GPU_XLARGE_8",
                                                        "MULTIGPU_MEDIUM"};
    for (const std::string_view key : numbers) {
        if (from.integer(key).value_or(0) < 0)
            from.found().refuse("'" + from.where(key) + "' must not be negative.");
    }
    const std::optional<std::string> workload = from.text("workload_type");
    if (workload && std::ranges::find(workloads, *workload) == workloads.end()) {
        from.found().refuse("'" + from.where("workload_type") + "' is not a workload type.");
    }
    const bool concurrency =
        from.has("min_provisioned_concurrency") || from.has("max_provisioned_concurrency");
    if (from.text("workload_size") && concurrency) {
        from.found().refuse("'" + from.where("workload_size") +
                            "' does not go with a provisioned concurrency.");
    }
    (void)from.flag("scale_to_zero_enabled");
    (void)from.flag("burst_scaling_enabled");
    (void)from.text("instance_profile_arn");
    check_environment(from);
}

void read_registered(const members& from, entity_spec& to) {
    const bool old_form = from.has("model_name");
    const std::string name = from.text(old_form ? "model_name" : "entity_name").value_or("");
    if (name.empty())
        return from.found().refuse("'" + from.place() + "' needs 'external_model' or 'entity_name'.");
    const std::string_view version_key =
        old_form || from.has("model_version") ? "model_version" : "entity_version";
    const std::optional<std::int64_t> version =
        old_form ? from.required_integer(version_key) : from.integer(version_key);
    if (old_form && !from.has("scale_to_zero_enabled")) {
        from.found().refuse("Missing required field '" + from.where("scale_to_zero_enabled") + "'.");
    }
    check_registered(from);
    to.model = name + '-' + (version ? std::to_string(*version) : std::string());
    from.found().lacking("Serving a registered model ('entity_name') is not implemented.");
}

void refuse_registered_members(const members& from) {
    constexpr std::array<std::string_view, 6> excluded{
        "entity_name", "entity_version", "model_name", "model_version", "workload_size", "workload_type"};
    for (const std::string_view key : excluded) {
        if (from.has(key))
            from.found().refuse("'" + from.where(key) + "' does not go with 'external_model'.");
    }
    const auto refuse = [&from](std::string_view key) {
        from.found().refuse("'" + from.where(key) + "' does not go with 'external_model'.");
    };
    // What clients send for "not set" is let through.
    for (const std::string_view key : {"scale_to_zero_enabled", "burst_scaling_enabled"}) {
        if (from.flag(key).value_or(false)) refuse(key);
    }
    for (const std::string_view key : {"min_provisioned_concurrency",
                                       "max_provisioned_concurrency",
                                       "min_provisioned_throughput",
                                       "max_provisioned_throughput",
                                       "provisioned_model_units"}) {
        if (from.integer(key).value_or(0) != 0) refuse(key);
    }
    if (!from.text("instance_profile_arn").value_or("").empty()) refuse("instance_profile_arn");
    const std::optional<members> variables = from.child("environment_vars");
    if (variables && !variables->object().empty()) refuse("environment_vars");
}

} // namespace

bool is_name_character(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

bool has_control_characters(std::string_view text) noexcept {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

entity_spec read_entity(const members& from, bool& external) {
    entity_spec out;
    const std::optional<members> model = from.child("external_model");
    external = from.has("external_model");
    if (external) refuse_registered_members(from);
    if (model) read_external_model(*model, out);
    if (!external) read_registered(from, out);
    out.name = from.text("name").value_or("");
    if (out.name.empty()) out.name = default_name(out.model);
    if (out.name.size() > max_entity_name_bytes || !std::ranges::all_of(out.name, is_name_character)) {
        from.found().refuse("'" + from.where("name") + "' must consist of A-Z, a-z, 0-9, '_' and '-'.");
    }
    return out;
}

} // namespace sluice::control
