#include "proxy/control/identity_scim.hpp"

#include "proxy/control/body.hpp"
#include "proxy/control/directory.hpp"
#include "proxy/control/secrets_names.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t max_name_bytes = 255;
constexpr std::size_t max_list_items = 100;
constexpr std::string_view create_entitlement = "workspace-access";

bool is_plain(std::string_view text) {
    return text.size() <= max_name_bytes && std::all_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
           });
}

bool is_unreserved(char c) { // RFC 3986 §2.3
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// What the store holds is always JSON that this file has written.
boost::json::value parse_stored(const std::string& stored) {
    boost::system::error_code problem;
    boost::json::value parsed = boost::json::parse(stored, problem);
    return problem ? boost::json::value() : parsed;
}

array parse_array(const std::string& stored) {
    boost::json::value parsed = parse_stored(stored);
    return parsed.is_array() ? std::move(parsed.get_array()) : array();
}

bool holds(const std::string& stored_array, std::string_view text) {
    const array all = parse_array(stored_array);
    return std::ranges::any_of(all, [text](const boost::json::value& item) {
        return item.is_string() &&
               std::string_view(item.get_string().data(), item.get_string().size()) == text;
    });
}

// A userName, applicationId or displayName of a group.
std::string read_name(const members& in, std::string_view key) {
    std::string name = in.required_text(key);
    if (!in.found().ok()) return name;
    if (name.empty() || !is_plain(name) || name.front() == ' ' || name.back() == ' ') {
        in.found().refuse("'" + std::string(key) +
                          "' must be 1 to 255 bytes without control characters or blanks at its ends.");
    }
    return name;
}

std::string read_plain(const members& in, std::string_view key) {
    std::string text = in.text(key).value_or("");
    if (!is_plain(text)) {
        in.found().refuse("'" + in.where(key) + "' must have at most 255 bytes and no control characters.");
    }
    return text;
}

std::vector<members> read_list(const members& in, std::string_view key, std::size_t most) {
    std::vector<members> items = in.items(key);
    if (items.size() <= most) return items;
    in.found().refuse("'" + std::string(key) + "' can have at most " + std::to_string(most) + " entries.");
    return {};
}

array read_emails(const members& in, const std::string& user_name) {
    array out;
    for (const members& item : read_list(in, "emails", max_list_items)) {
        const std::string address = item.required_text("value");
        if (!is_plain(address))
            item.found().refuse("'" + item.where("value") + "' must be an e-mail address.");
        const auto type = item.text("type");
        if (type && !is_plain(*type))
            item.found().refuse("'" + item.where("type") + "' is not a known type.");
        out.push_back(object{{"value", address},
                             {"primary", item.flag("primary").value_or(out.empty())},
                             {"type", type.value_or("work")}});
    }
    if (out.empty() && user_name.find('@') != std::string::npos) {
        out.push_back(object{{"value", user_name}, {"primary", true}, {"type", "work"}});
    }
    return out;
}

std::string read_entitlements(const members& in) {
    array out;
    for (const members& item : read_list(in, "entitlements", max_list_items)) {
        const std::string name = item.required_text("value");
        if (!is_plain(name)) item.found().refuse("'" + item.where("value") + "' is not a known entitlement.");
        boost::json::value next(name);
        if (std::ranges::find(out, next) == out.end()) out.push_back(std::move(next));
    }
    return boost::json::serialize(out);
}

std::string read_name_parts(const members& in) {
    object out;
    if (const std::optional<members> given = in.child("name")) {
        for (const std::string_view key : {"givenName", "familyName"}) {
            if (given->has(key))
                out[boost::json::string_view(key.data(), key.size())] = read_plain(*given, key);
        }
    }
    return boost::json::serialize(out);
}

// Groups are named by `display`, or in `value` by their id or name.
std::optional<std::set<std::int64_t>> read_groups(const members& in, const directory& people) {
    if (!in.has("groups")) return std::nullopt;
    std::set<std::int64_t> out;
    for (const members& item : read_list(in, "groups", max_members)) {
        const auto display = item.text("display");
        const auto id = item.text("value");
        std::int64_t found = id ? number_of(*id) : people.find(display.value_or(""));
        if (id && !people.group(found)) found = people.find(*id);
        const stored_group* group = people.group(found);
        if (!group || (id && display && !same_text(group->name, *display))) {
            item.found().refuse("'" + item.place() + "' names no group.");
        } else {
            out.insert(found);
        }
    }
    return out;
}

array show_texts(const std::string& stored_array) {
    array out;
    for (const auto& name : parse_array(stored_array))
        out.push_back(object{{"value", name}});
    return out;
}

array show_groups(std::int64_t member, const directory& people) {
    array out;
    const std::set<std::int64_t>& direct = people.groups_of(member);
    for (const std::int64_t id : people.all_groups_of(member)) {
        const stored_group* group = people.group(id);
        if (!group) continue;
        out.push_back(object{{"display", group->name},
                             {"value", std::to_string(id)},
                             {"type", direct.contains(id) ? "direct" : "indirect"},
                             {"$ref", "Groups/" + std::to_string(id)}});
    }
    return out;
}

array show_members(std::int64_t group, const directory& people) {
    array out;
    for (const std::int64_t id : people.members_of(group)) {
        const stored_user* user = people.user(id);
        const stored_group* inner = people.group(id);
        if (!user && !inner) continue;
        const bool service = user && user->kind == model::principal_kind::service_principal;
        const std::string_view folder = inner ? "Groups/" : service ? "ServicePrincipals/" : "Users/";
        out.push_back(object{{"display", inner ? inner->name : user->display_name},
                             {"value", std::to_string(id)},
                             {"$ref", std::string(folder) + std::to_string(id)}});
    }
    return out;
}

} // namespace

result<user_input> read_user(const object& body, model::principal_kind kind, const directory& people) {
    findings found;
    const members in(body, "", found);
    const bool service = kind == model::principal_kind::service_principal;
    user_input out;
    out.user.kind = kind;
    if (!service || in.has("applicationId"))
        out.user.user_name = read_name(in, service ? "applicationId" : "userName");
    // It is sent as the user of Basic authentication, whose clients disagree on how other characters are
    // written.
    if (service && !std::ranges::all_of(out.user.user_name, is_unreserved))
        found.refuse("'applicationId' must consist of letters, digits, '-', '.', '_' and '~'.");
    out.user.name_parts = service ? "{}" : read_name_parts(in);
    out.user.display_name = read_plain(in, "displayName");
    out.user.external_id = read_plain(in, "externalId");
    out.user.active = in.flag("active").value_or(true);
    if (!service) out.user.emails = boost::json::serialize(read_emails(in, out.user.user_name));
    out.user.entitlements = read_entitlements(in);
    out.groups = read_groups(in, people);
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    return out;
}

result<group_input> read_group(const object& body, const directory& people) {
    findings found;
    const members in(body, "", found);
    group_input out;
    out.group.name = read_name(in, "displayName");
    out.group.external_id = read_plain(in, "externalId");
    out.group.entitlements = read_entitlements(in);
    for (const members& item : read_list(in, "members", max_members)) {
        const std::int64_t id = number_of(item.required_text("value"));
        if (!people.user(id) && !people.group(id)) {
            item.found().refuse("'" + item.where("value") +
                                "' is the id of no user, group or service principal.");
        }
        out.members.insert(id);
    }
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    return out;
}

object show_user(const stored_user& user, const directory& people) {
    const bool service = user.kind == model::principal_kind::service_principal;
    object out{{"schemas",
                array{service ? "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"
                              : "urn:ietf:params:scim:schemas:core:2.0:User"}},
               {"id", std::to_string(user.id)},
               {service ? "applicationId" : "userName", user.user_name},
               {"displayName", user.display_name},
               {"active", user.active}};
    if (!service) {
        out["emails"] = parse_array(user.emails);
        boost::json::value parts = parse_stored(user.name_parts);
        if (parts.is_object() && !parts.get_object().empty()) out["name"] = std::move(parts);
    }
    if (!user.external_id.empty()) out["externalId"] = user.external_id;
    out["entitlements"] = show_texts(user.entitlements);
    out["groups"] = show_groups(user.id, people);
    return out;
}

object show_group(const stored_group& group, const directory& people, bool with_members) {
    object out{{"schemas", array{"urn:ietf:params:scim:schemas:core:2.0:Group"}},
               {"id", std::to_string(group.id)},
               {"displayName", group.name}};
    if (!group.external_id.empty()) out["externalId"] = group.external_id;
    if (with_members) out["members"] = show_members(group.id, people);
    out["groups"] = show_groups(group.id, people);
    out["entitlements"] = show_texts(group.entitlements);
    out["meta"] = object{{"resourceType", "WorkspaceGroup"}};
    return out;
}

model::principal principal_of(const stored_user& user, const directory& people) {
    model::principal out;
    out.id = std::to_string(user.id);
    out.user_name = user.user_name;
    out.display_name = user.display_name;
    out.kind = user.kind;
    out.may_create = holds(user.entitlements, create_entitlement);
    std::set<std::int64_t> all = people.all_groups_of(user.id);
    out.is_admin = all.contains(admins_group);
    all.insert(users_group);
    for (const std::int64_t id : all) {
        const stored_group* group = people.group(id);
        if (!group) continue;
        out.groups.push_back({std::to_string(id), group->name});
        out.may_create = out.may_create || holds(group->entitlements, create_entitlement);
    }
    out.may_create = out.may_create || out.is_admin;
    std::ranges::sort(out.groups, {}, &model::group_ref::id);
    return out;
}

} // namespace sluice::control
