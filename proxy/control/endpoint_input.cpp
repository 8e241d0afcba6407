#include "proxy/control/endpoint_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view reserved_prefix = "databricks-";
constexpr std::size_t max_reference_part = 128;

bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_reference_part(std::string_view part, std::string_view also) noexcept {
    return !part.empty() && part.size() <= max_reference_part && std::ranges::all_of(part, [also](char c) {
        return is_alphanumeric(c) || also.find(c) != std::string_view::npos;
    });
}

std::string_view without_blanks(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool is_address(std::string_view text) noexcept {
    constexpr std::size_t most = 254; // RFC 5321
    const std::size_t sign = text.find('@');
    return text.size() <= most && sign != std::string_view::npos && sign > 0 && sign + 1 < text.size() &&
           text.find(' ') == std::string_view::npos && !has_control_characters(text);
}

std::vector<std::string> read_addresses(const members& from, std::string_view key) {
    constexpr std::size_t most = 100;
    std::vector<std::string> out = from.texts(key);
    if (out.size() > most) from.found().refuse("'" + from.where(key) + "' may name at most 100 addresses.");
    if (!std::ranges::all_of(out, is_address))
        from.found().refuse("'" + from.where(key) + "' must be a list of e-mail addresses.");
    return out;
}

// rate_limits, tags and route_optimized inside `config`, where older clients put them.
void take_misplaced(const members& body, create_input& to) {
    const std::optional<members> config = body.child("config");
    if (!config) return;
    if (!body.has("tags")) to.tags = read_tags(*config, "tags");
    if (!body.has("rate_limits") && !body.has("ai_gateway")) {
        to.gateway.limits = read_limits(*config, "rate_limits", true);
    }
    if (!body.has("route_optimized")) to.route_optimized = config->flag("route_optimized").value_or(false);
}

gateway_input read_gateway_input(const members& body) {
    const std::optional<members> given = body.child("ai_gateway");
    gateway_input out;
    if (given) out = read_ai_gateway(*given);
    if (!body.has("rate_limits")) return out;
    if (given && given->has("rate_limits")) {
        body.found().refuse("Give 'rate_limits' or 'ai_gateway.rate_limits', not both.");
    }
    out.limits = read_limits(body, "rate_limits", true);
    return out;
}

void refuse_telemetry(const members& from, const create_input& to) {
    if (!read_telemetry(from) || (to.config && !to.config->external)) return;
    from.found().refuse("'telemetry_config' is not for endpoints with external models or without a config.");
}

} // namespace

std::optional<secret_reference> parse_reference(std::string_view text) {
    constexpr std::string_view open = "{{";
    constexpr std::string_view close = "}}";
    constexpr std::string_view word = "secrets/";
    if (!text.starts_with(open) || !text.ends_with(close) || text.size() < open.size() + close.size()) {
        return std::nullopt;
    }
    std::string_view inner =
        without_blanks(text.substr(open.size(), text.size() - open.size() - close.size()));
    if (!inner.starts_with(word)) return std::nullopt;
    inner.remove_prefix(word.size());
    const std::size_t slash = inner.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view scope = inner.substr(0, slash);
    const std::string_view key = inner.substr(slash + 1);
    if (!is_reference_part(scope, "._@-") || !is_reference_part(key, "._-")) return std::nullopt;
    return secret_reference{std::string(scope), std::string(key)};
}

bool is_endpoint_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= max_name_characters &&
           std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

std::vector<tag> read_tags(const members& from, std::string_view key) {
    std::vector<tag> out;
    for (const members& item : from.items(key)) {
        tag next{item.required_text("key"), item.text("value")};
        if (item.has("key") && next.key.empty())
            item.found().refuse("'" + item.where("key") + "' must not be empty.");
        if (next.key.size() > max_text_bytes || next.value.value_or("").size() > max_text_bytes) {
            item.found().refuse("'" + item.place() + "' is too long.");
        }
        const auto same = std::ranges::find(out, next.key, &tag::key);
        if (same == out.end()) {
            out.push_back(std::move(next));
        } else {
            *same = std::move(next);
        }
        if (out.size() > max_tags) {
            from.found().refuse("An endpoint may have at most 100 tags.");
            break;
        }
    }
    return out;
}

std::string read_name(const members& from) {
    std::string name = from.required_text("name");
    if (!from.found().ok()) return name;
    if (!is_endpoint_name(name)) {
        from.found().refuse("'name' must have 1 to 63 characters of A-Z, a-z, 0-9, '_' and '-'.");
    } else if (name.starts_with(reserved_prefix)) {
        from.found().refuse("Endpoint names that start with 'databricks-' are reserved.");
    }
    return name;
}

std::optional<std::string> read_bounded_text(const members& from, std::string_view key) {
    std::optional<std::string> text = from.text(key);
    if (text && (text->size() > max_text_bytes || has_control_characters(*text))) {
        from.found().refuse("'" + from.where(key) + "' is too long or has control characters.");
    }
    return text;
}

std::optional<email_notifications> read_notifications(const members& from) {
    const std::optional<members> given = from.child("email_notifications");
    if (!given) return std::nullopt;
    email_notifications out;
    out.on_update_success = read_addresses(*given, "on_update_success");
    out.on_update_failure = read_addresses(*given, "on_update_failure");
    return out;
}

bool read_telemetry(const members& from) {
    constexpr std::array<std::string_view, 4> known{"TELEMETRY_FEATURE_LOGS",
                                                    "TELEMETRY_FEATURE_METRICS",
                                                    "TELEMETRY_FEATURE_TRACES",
                                                    "TELEMETRY_FEATURE_INFERENCE_TABLE"};
    const std::optional<members> given = from.child("telemetry_config");
    if (!given || given->object().empty()) return false;
    for (const std::string& feature : given->texts("enabled_telemetry_features")) {
        if (std::ranges::find(known, feature) == known.end()) {
            from.found().refuse("'" + given->where("enabled_telemetry_features") +
                                "' has an unknown feature.");
        }
    }
    if (given->has("table_names") && given->has("telemetry_profile_id")) {
        from.found().refuse("Give 'table_names' or 'telemetry_profile_id', not both.");
    }
    (void)given->child("table_names");
    (void)given->child("inference_table_config");
    (void)given->text("telemetry_profile_id");
    return true;
}

result<create_input> parse_create(const boost::json::object& body, const input_rules& rules) {
    findings found;
    const members from(body, "", found);
    create_input out;
    out.name = read_name(from);
    if (const std::optional<members> config = from.child("config")) out.config = read_config(*config, rules);
    out.gateway = read_gateway_input(from);
    out.tags = read_tags(from, "tags");
    out.description = from.text("description").value_or("");
    if (count_characters(out.description) > max_description_characters) {
        found.refuse("'description' may have at most 1000 characters.");
    }
    out.budget_policy_id = read_bounded_text(from, "budget_policy_id");
    out.notifications = read_notifications(from);
    out.route_optimized = from.flag("route_optimized").value_or(false);
    refuse_telemetry(from, out);
    take_misplaced(from, out);
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

result<config_input> parse_config(const boost::json::object& body, const input_rules& rules) {
    findings found;
    config_input out = read_config(members(body, "", found), rules);
    out.verdict = found.verdict();
    if (!found.ok()) return fail(out.verdict.error());
    return out;
}

result<std::vector<model::rate_limit>> parse_rate_limits(const boost::json::object& body) {
    findings found;
    std::vector<model::rate_limit> limits = read_limits(members(body, "", found), "rate_limits", true);
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return limits;
}

result<tags_input> parse_tags(const boost::json::object& body) {
    findings found;
    const members from(body, "", found);
    tags_input out{from.texts("delete_tags"), read_tags(from, "add_tags")};
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

result<gateway_input> parse_ai_gateway(const boost::json::object& body) {
    findings found;
    gateway_input out = read_ai_gateway(members(body, "", found));
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

result<std::optional<email_notifications>> parse_notifications(const boost::json::object& body) {
    findings found;
    std::optional<email_notifications> out = read_notifications(members(body, "", found));
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

result<bool> parse_telemetry(const boost::json::object& body) {
    findings found;
    const bool given = read_telemetry(members(body, "", found));
    if (result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return given;
}

} // namespace sluice::control
