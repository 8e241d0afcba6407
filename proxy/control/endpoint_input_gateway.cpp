// Rate limits and the other parts of ai_gateway.
#include "proxy/control/endpoint_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view lacking_limits =
    "Rate limits on tokens, groups and single principals are not implemented.";

void read_key(const members& from, model::rate_limit& to) {
    const std::string key = from.text("key").value_or("endpoint");
    if (key == "user") {
        to.key = model::limit_key::user;
    } else if (key == "endpoint") {
        to.key = model::limit_key::endpoint;
    } else if (key == "user_group" || key == "service_principal") {
        from.found().lacking(std::string(lacking_limits));
    } else {
        from.found().refuse("'" + from.where("key") +
                            "' must be one of user, endpoint, user_group, service_principal.");
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
    if (from.has("tokens") || from.has("principal")) from.found().lacking(std::string(lacking_limits));
    return out;
}

void lacking_when_enabled(const members& from, std::string_view key, std::string_view needs) {
    const std::optional<members> part = from.child(key);
    if (!part) return;
    const bool enabled = part->flag("enabled").value_or(!needs.empty() && part->has(needs));
    if (enabled) from.found().lacking("'" + from.where(key) + "' is not implemented.");
}

void check_guardrails(const members& from) {
    const std::optional<members> guardrails = from.child("guardrails");
    if (!guardrails) return;
    constexpr std::array<std::string_view, 2> sides{"input", "output"};
    for (const std::string_view side : sides) {
        const std::optional<members> rules = guardrails->child(side);
        if (!rules) continue;
        bool on = rules->flag("safety").value_or(false);
        if (const std::optional<members> pii = rules->child("pii")) {
            const std::string behavior = pii->text("behavior").value_or("NONE");
            if (behavior != "NONE" && behavior != "BLOCK" && behavior != "MASK") {
                pii->found().refuse("'" + pii->where("behavior") + "' must be one of NONE, BLOCK, MASK.");
            }
            on = on || behavior != "NONE";
        }
        on = !rules->texts("invalid_keywords").empty() || on;
        on = !rules->texts("valid_topics").empty() || on;
        if (on) from.found().lacking("'" + from.where("guardrails") + "' is not implemented.");
    }
}

} // namespace

std::vector<model::rate_limit> read_limits(const members& from, std::string_view key, bool deprecated) {
    std::vector<model::rate_limit> out;
    const std::vector<members> items = from.items(key);
    if (items.size() > max_rate_limits) {
        from.found().refuse("An endpoint may have at most 20 rate limits.");
        return out;
    }
    for (const members& item : items) {
        model::rate_limit next = read_limit(item, deprecated);
        // What this version lacks has no place in the list, so it cannot be compared there.
        const bool stored = !item.has("tokens") && !item.has("principal") &&
                            item.text("key").value_or("") != "user_group" &&
                            item.text("key").value_or("") != "service_principal";
        if (!stored) continue;
        if (std::ranges::find(out, next.key, &model::rate_limit::key) != out.end()) {
            from.found().refuse("'" + from.where(key) + "' has two limits for the same key.");
        }
        out.push_back(next);
    }
    return out;
}

std::vector<model::rate_limit> read_ai_gateway(const members& from) {
    lacking_when_enabled(from, "usage_tracking_config", "");
    lacking_when_enabled(from, "inference_table_config", "catalog_name");
    lacking_when_enabled(from, "fallback_config", "");
    check_guardrails(from);
    return read_limits(from, "rate_limits", false);
}

} // namespace sluice::control
