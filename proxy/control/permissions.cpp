#include "proxy/control/permissions.hpp"

#include "core/json/writer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

using json::object_writer;

struct level_text {
    model::permission level;
    std::string_view description;
};

constexpr std::array levels{
    level_text{model::permission::can_view,
               "See the endpoint, its metrics, its logs and its OpenAPI document"},
    level_text{model::permission::can_query, "See and query the endpoint"},
    level_text{model::permission::can_manage, "See, query, change, share and delete the endpoint"},
};

struct name_member {
    std::string_view key;
    model::principal_kind kind;
};

constexpr std::array member_names{
    name_member{"user_name", model::principal_kind::user},
    name_member{"group_name", model::principal_kind::group},
    name_member{"service_principal_name", model::principal_kind::service_principal},
};

std::string_view key_of(model::principal_kind kind) noexcept {
    return std::ranges::find(member_names, kind, &name_member::kind)->key;
}

grant_input read_grant(const members& from) {
    grant_input out;
    int given = 0;
    for (const name_member& each : member_names) {
        std::optional<std::string> name = from.text(each.key);
        if (!name) continue;
        ++given;
        out.kind = each.kind;
        out.name = std::move(*name);
    }
    if (given != 1 || out.name.empty()) {
        from.found().refuse("'" + from.place() +
                            "' must have one of 'user_name', 'group_name' and 'service_principal_name'.");
    }
    const std::string level = from.required_text("permission_level");
    for (const level_text& each : levels) {
        if (model::to_string(each.level) == level) out.level = each.level;
    }
    if (out.level == model::permission::none) {
        from.found().refuse("'" + from.where("permission_level") +
                            "' must be CAN_VIEW, CAN_QUERY or CAN_MANAGE.");
    }
    return out;
}

void write_level(std::string& out, model::permission level, bool inherited) {
    object_writer to(out);
    to.text("permission_level", model::to_string(level));
    to.boolean("inherited", inherited);
    if (inherited) to.raw("inherited_from_object", R"(["/serving-endpoints/"])");
    to.close();
}

} // namespace

std::vector<grant_input> read_grants(const members& from) {
    std::vector<grant_input> out;
    const std::vector<members> items = from.items("access_control_list");
    if (items.size() > max_grants) {
        from.found().refuse("'" + from.where("access_control_list") + "' may have at most 1000 entries.");
        return out;
    }
    for (const members& item : items)
        out.push_back(read_grant(item));
    return out;
}

result<std::vector<grant_input>> parse_grants(const boost::json::object& body) {
    findings found;
    std::vector<grant_input> out = read_grants(members(body, "", found));
    if (const result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

result<std::vector<model::grant>> merge_grants(std::vector<model::grant> to,
                                               const std::vector<model::grant>& added) {
    for (const model::grant& each : added) {
        const auto same = std::ranges::find(to, each.principal, &model::grant::principal);
        if (same != to.end()) {
            same->level = each.level;
            continue;
        }
        if (to.size() == max_grants) {
            return fail(errc::invalid_parameter_value, "An endpoint may have at most 1000 grants.");
        }
        to.push_back(each);
    }
    return to;
}

std::string show_permissions(std::string_view endpoint_id, const std::vector<shown_grant>& grants) {
    std::string out;
    object_writer to(out);
    to.text("object_id", "/serving-endpoints/" + std::string(endpoint_id));
    to.text("object_type", "serving-endpoint");
    to.key("access_control_list");
    out += '[';
    std::string admins; // levels
    for (const shown_grant& each : grants) {
        if (each.who.id == model::admins_group_id) {
            write_level(admins, each.level, false);
            admins += ',';
            continue;
        }
        object_writer entry(out);
        entry.text(key_of(each.who.kind), each.who.name);
        if (!each.who.display_name.empty()) entry.text("display_name", each.who.display_name);
        std::string direct;
        write_level(direct, each.level, false);
        entry.raw("all_permissions", "[" + direct + "]");
        entry.close();
        out += ',';
    }
    write_level(admins, model::permission::can_manage, true);
    object_writer inherited(out);
    inherited.text("group_name", "admins");
    inherited.raw("all_permissions", "[" + admins + "]");
    inherited.close();
    out += ']';
    to.close();
    return out;
}

std::string show_permission_levels() {
    std::string out;
    object_writer to(out);
    to.key("permission_levels");
    out += '[';
    for (const level_text& each : levels) {
        if (out.back() != '[') out += ',';
        object_writer entry(out);
        entry.text("permission_level", model::to_string(each.level));
        entry.text("description", each.description);
        entry.close();
    }
    out += ']';
    to.close();
    return out;
}

} // namespace sluice::control
