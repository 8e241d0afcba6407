// Rate limits and the other parts of ai_gateway.
#include "core/json/text.hpp"
#include "proxy/control/endpoint_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::control {

namespace {

namespace bj = boost::json;

void read_key(const members& from, model::rate_limit& to) {
    constexpr std::array<std::string_view, 4> names{"endpoint", "user", "user_group", "service_principal"};
    const auto found = std::ranges::find(names, from.text("key").value_or("endpoint"));
    if (found == names.end()) {
        return from.found().refuse("'" + from.where("key") +
                                   "' must be one of user, endpoint, user_group, service_principal.");
    }
    to.key = static_cast<model::limit_key>(found - names.begin());
    to.principal = read_bounded_text(from, "principal").value_or("");
    if (to.key == model::limit_key::endpoint && from.has("principal")) {
        from.found().refuse("'" + from.where("principal") + "' does not go with the key endpoint.");
    }
    const bool named =
        to.key == model::limit_key::user_group || to.key == model::limit_key::service_principal;
    if (to.principal.empty() && (named || from.has("principal"))) {
        from.found().refuse("'" + from.where("principal") + "' must name whom the limit is for.");
    }
}

model::rate_limit read_limit(const members& from, bool deprecated) {
    model::rate_limit out;
    read_key(from, out);
    if (from.required_text("renewal_period") != "minute") {
        from.found().refuse("'" + from.where("renewal_period") + "' must be minute.");
    }
    const bool needs_calls = deprecated || !from.has("tokens");
    out.calls = needs_calls ? from.required_integer("calls") : from.integer("calls").value_or(0);
    const std::int64_t tokens = from.integer("tokens").value_or(0);
    if (out.calls < 0 || tokens < 0) from.found().refuse("'" + from.place() + "' must not be negative.");
    if (from.has("tokens")) from.found().lacking("Rate limits on tokens are not implemented.");
    return out;
}

bool read_usage_tracking(const members& from) {
    return from.flag("enabled").value_or(false);
}

bool read_fallback(const members& from) {
    const bool enabled = from.flag("enabled").value_or(false);
    if (!from.has("enabled")) from.found().refuse("Missing required field '" + from.where("enabled") + "'.");
    if (enabled) from.found().lacking("'" + from.place() + "' is not implemented.");
    return enabled;
}

bj::array to_array(const std::vector<std::string>& texts) {
    bj::array out;
    for (const std::string& text : texts)
        out.push_back(to_json(text));
    return out;
}

// `on`: set when one of its guards is on.
bj::object read_pii(const members& from, bool& on) {
    bj::object out;
    const std::optional<std::string> behavior = from.text("behavior");
    if (!behavior) return out;
    if (*behavior != "NONE" && *behavior != "BLOCK" && *behavior != "MASK") {
        from.found().refuse("'" + from.where("behavior") + "' must be one of NONE, BLOCK, MASK.");
    }
    on = on || *behavior != "NONE";
    out["behavior"] = to_json(*behavior);
    return out;
}

bj::object read_side(const members& from, bool& on) {
    constexpr std::array<std::string_view, 2> lists{"invalid_keywords", "valid_topics"};
    bj::object out;
    if (const std::optional<bool> safety = from.flag("safety")) {
        out["safety"] = *safety;
        on = on || *safety;
    }
    if (const std::optional<members> pii = from.child("pii")) out["pii"] = read_pii(*pii, on);
    for (const std::string_view key : lists) {
        if (!from.has(key)) continue;
        const std::vector<std::string> texts = from.texts(key);
        on = on || !texts.empty();
        out[bj::string_view(key.data(), key.size())] = to_array(texts);
    }
    return out;
}

bj::object read_guardrails(const members& from) {
    constexpr std::array<std::string_view, 2> sides{"input", "output"};
    bj::object out;
    bool on = false;
    for (const std::string_view side : sides) {
        if (const std::optional<members> rules = from.child(side))
            out[bj::string_view(side.data(), side.size())] = read_side(*rules, on);
    }
    if (on) from.found().lacking("'" + from.place() + "' is not implemented.");
    return out;
}

} // namespace

void refuse_equal_limits(const std::vector<model::rate_limit>& limits,
                         std::string_view key,
                         findings& found) {
    for (std::size_t i = 1; i < limits.size(); ++i) {
        const auto here = limits.begin() + static_cast<std::ptrdiff_t>(i);
        const bool twice = std::any_of(limits.begin(), here, [here](const model::rate_limit& other) {
            // Two names may be one principal, so ids decide where they are known.
            return other.key == here->key &&
                   (here->principal_id.empty() ? other.principal == here->principal
                                               : other.principal_id == here->principal_id);
        });
        if (twice) found.refuse("'" + std::string(key) + "' has two limits for the same key.");
    }
}

std::vector<model::rate_limit> read_limits(const members& from, std::string_view key, bool deprecated) {
    std::vector<model::rate_limit> out;
    const std::vector<members> items = from.items(key);
    if (items.size() > max_rate_limits) {
        from.found().refuse("An endpoint may have at most 20 rate limits.");
        return out;
    }
    for (const members& item : items) {
        model::rate_limit next = read_limit(item, deprecated);
        // A limit on tokens alone is another kind: it may stand beside one on calls.
        if (item.has("calls") || !item.has("tokens")) out.push_back(std::move(next));
    }
    const auto groups = std::ranges::count(out, model::limit_key::user_group, &model::rate_limit::key);
    if (static_cast<std::size_t>(groups) > max_group_limits)
        from.found().refuse("An endpoint may have at most 5 rate limits for groups.");
    refuse_equal_limits(out, from.where(key), from.found());
    return out;
}

std::optional<bj::object> read_inference_table(const members& from, std::string_view key) {
    constexpr std::array<std::string_view, 3> names{"catalog_name", "schema_name", "table_name_prefix"};
    const std::optional<members> given = from.child(key);
    if (!given) return std::nullopt;
    bj::object out;
    for (const std::string_view name : names) {
        if (const std::optional<std::string> text = read_bounded_text(*given, name))
            out[bj::string_view(name.data(), name.size())] = to_json(*text);
    }
    const bool enabled = given->flag("enabled").value_or(given->has("catalog_name"));
    out["enabled"] = enabled;
    if (!enabled) return out;
    if (!given->has("catalog_name") || !given->has("schema_name")) {
        from.found().refuse("'" + given->place() + "' needs 'catalog_name' and 'schema_name'.");
    }
    from.found().lacking("'" + given->place() + "' is not implemented.");
    return out;
}

gateway_input read_ai_gateway(const members& from) {
    gateway_input out;
    if (const std::optional<members> part = from.child("usage_tracking_config"))
        out.parts.usage_tracking = read_usage_tracking(*part);
    out.parts.inference_table = read_inference_table(from, "inference_table_config");
    if (const std::optional<members> part = from.child("guardrails"))
        out.parts.guardrails = read_guardrails(*part);
    if (const std::optional<members> part = from.child("fallback_config"))
        out.parts.fallback = read_fallback(*part);
    out.limits = read_limits(from, "rate_limits", false);
    return out;
}

} // namespace sluice::control
