#include "proxy/control/identity_scim.hpp"

#include "proxy/control/body.hpp"
#include "proxy/control/secrets_names.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t max_text_bytes = 255;
constexpr std::size_t max_list_items = 100;
constexpr std::string_view create_entitlement = "workspace-access";

struct known_group {
    std::string_view name;
    std::string_view id;
};
constexpr known_group known_groups[] = {{group_admins, "1"}, {group_users, "2"}};

bool is_plain(std::string_view text) {
    return text.size() <= max_text_bytes && std::all_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
           });
}

// What the store holds is always an array that this file has written.
array parse_array(const std::string& stored) {
    boost::system::error_code problem;
    boost::json::value parsed = boost::json::parse(stored, problem);
    if (problem || !parsed.is_array()) return {};
    return std::move(parsed.get_array());
}

std::string_view view(const boost::json::string& text) {
    return {text.data(), text.size()};
}

std::string read_name(const members& in) {
    std::string name = in.required_text("userName");
    if (!in.found().ok()) return name;
    if (name.empty() || !is_plain(name) || name.front() == ' ' || name.back() == ' ') {
        in.found().refuse(
            "'userName' must be 1 to 255 bytes without control characters or blanks at its ends.");
    }
    if (same_text(name, group_users) || same_text(name, group_admins)) {
        // An ACL could not tell the user from the group.
        in.found().refuse("'userName' cannot be the name of a group.");
    }
    return name;
}

std::vector<members> read_list(const members& in, std::string_view key) {
    std::vector<members> items = in.items(key);
    if (items.size() <= max_list_items) return items;
    in.found().refuse("'" + std::string(key) + "' can have at most 100 entries.");
    return {};
}

array read_emails(const members& in, const std::string& user_name) {
    array out;
    for (const members& item : read_list(in, "emails")) {
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

array read_entitlements(const members& in) {
    array out;
    for (const members& item : read_list(in, "entitlements")) {
        const std::string name = item.required_text("value");
        if (!is_plain(name)) item.found().refuse("'" + item.where("value") + "' is not a known entitlement.");
        out.emplace_back(name);
    }
    return out;
}

// Groups are named by `display`, or in `value` by their id or name.
array read_groups(const members& in) {
    array out;
    for (const members& item : read_list(in, "groups")) {
        const auto display = item.text("display");
        const auto id = item.text("value");
        const known_group* found = nullptr;
        for (const auto& group : known_groups) {
            const bool named = id ? *id == group.id || *id == group.name : display == group.name;
            if (named && (!display || *display == group.name)) found = &group;
        }
        if (!found) {
            item.found().refuse("'" + item.place() + "' names no group: there are 'users' and 'admins'.");
        } else {
            out.emplace_back(boost::json::string_view(found->name.data(), found->name.size()));
        }
    }
    return out;
}

} // namespace

result<stored_user> user_of(const object& body) {
    findings found;
    const members in(body, "", found);
    stored_user out;
    out.user_name = read_name(in);
    out.display_name = in.text("displayName").value_or(out.user_name);
    if (!is_plain(out.display_name)) {
        found.refuse("'displayName' must have at most 255 bytes and no control characters.");
    }
    out.active = in.flag("active").value_or(true);
    out.emails = boost::json::serialize(read_emails(in, out.user_name));
    out.entitlements = boost::json::serialize(read_entitlements(in));
    out.groups = boost::json::serialize(read_groups(in));
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    return out;
}

object scim_of(const stored_user& user) {
    array entitlements;
    for (const auto& name : parse_array(user.entitlements)) {
        entitlements.push_back(object{{"value", name}});
    }
    array groups;
    for (const auto& group : known_groups) {
        if (!holds(user.groups, group.name)) continue;
        groups.push_back(object{{"display", std::string(group.name)}, {"value", std::string(group.id)}});
    }
    return object{{"schemas", array{"urn:ietf:params:scim:schemas:core:2.0:User"}},
                  {"id", std::to_string(user.id)},
                  {"userName", user.user_name},
                  {"displayName", user.display_name},
                  {"active", user.active},
                  {"emails", parse_array(user.emails)},
                  {"entitlements", std::move(entitlements)},
                  {"groups", std::move(groups)}};
}

model::principal principal_of(const stored_user& user) {
    model::principal out;
    out.id = std::to_string(user.id);
    out.user_name = user.user_name;
    out.display_name = user.display_name;
    out.is_admin = holds(user.groups, group_admins);
    out.may_create = out.is_admin || holds(user.entitlements, create_entitlement);
    return out;
}

bool holds(const std::string& stored_array, std::string_view text) {
    const array all = parse_array(stored_array);
    return std::any_of(all.begin(), all.end(), [text](const boost::json::value& item) {
        return item.is_string() && view(item.get_string()) == text;
    });
}

} // namespace sluice::control
