#include "proxy/control/apply_config.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view kind = "endpoint";

result<void> apply_entry(const boost::json::value& entry,
                         const create_input& input,
                         store& db,
                         const vault& keys,
                         const std::function<result<void>(const create_input&)>& apply) {
    // The entry may hold keys in plain text: the fingerprint tells nothing about them.
    const std::string now = keys.fingerprint(boost::json::serialize(entry));
    const result<std::optional<std::string>> last = db.config_entry(kind, input.name);
    if (!last) return fail(last.error());
    if (*last == now) return {};
    result<db::transaction> change = db.begin();
    if (!change) return fail(change.error());
    if (result<void> applied = apply(input); !applied) return applied;
    if (result<void> noted = db.set_config_entry(kind, input.name, now); !noted) return noted;
    return change->commit();
}

// The API takes members that it does not know, for newer clients' sake; in a file they are mistakes.
result<void> check_members(const boost::json::object& entry) {
    constexpr std::array<std::string_view, 11> known{"name",
                                                     "config",
                                                     "ai_gateway",
                                                     "rate_limits",
                                                     "tags",
                                                     "description",
                                                     "budget_policy_id",
                                                     "email_notifications",
                                                     "route_optimized",
                                                     "telemetry_config",
                                                     "access_control_list"};
    for (const auto& member : entry) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::ranges::find(known, name) == known.end())
            return fail(errc::invalid_parameter_value, "There is no setting '" + std::string(name) + "'.");
    }
    return {};
}

result<create_input> parse_entry(const boost::json::object& entry, const input_rules& rules) {
    if (const result<void> good = check_members(entry); !good) return fail(good.error());
    result<create_input> out = parse_create(entry, rules);
    if (!out) return out;
    const boost::json::value* grants = entry.if_contains("access_control_list");
    if (!grants || grants->is_null()) return out;
    result<std::vector<grant_input>> parsed = parse_grants(entry);
    if (!parsed) return fail(parsed.error());
    out->grants = std::move(*parsed);
    return out;
}

error at_entry(const error& e, std::size_t index, const std::string& name) {
    const std::string what =
        name.empty() ? "endpoints[" + std::to_string(index) + "]" : "endpoint '" + name + "'";
    return error{e.code, "Config file, " + what + ": " + e.message, 0};
}

} // namespace

result<void> apply_config(const std::vector<boost::json::value>& entries,
                          const input_rules& rules,
                          store& db,
                          const vault& keys,
                          const std::function<result<void>(const create_input&)>& apply) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!entries[i].is_object()) {
            return fail(at_entry({errc::invalid_parameter_value, "It must be an object."}, i, ""));
        }
        const result<create_input> input = parse_entry(entries[i].get_object(), rules);
        if (!input) return fail(at_entry(input.error(), i, ""));
        if (std::ranges::find(names, input->name) != names.end()) {
            return fail(at_entry({errc::invalid_parameter_value, "It is given twice."}, i, input->name));
        }
        if (const result<void> applied = apply_entry(entries[i], *input, db, keys, apply); !applied) {
            return fail(at_entry(applied.error(), i, input->name));
        }
        names.push_back(input->name);
    }
    return db.keep_config_entries(kind, names);
}

} // namespace sluice::control
