#include "proxy/control/scim_patch.hpp"

#include "proxy/control/body.hpp"
#include "proxy/control/identity_scim.hpp"
#include "proxy/control/scim_filter.hpp"
#include "proxy/control/secrets_names.hpp"

#include <absl/container/flat_hash_set.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

struct attribute {
    std::string_view name;
    bool is_list;
};
constexpr std::array attributes{attribute{"userName", false},
                                attribute{"applicationId", false},
                                attribute{"displayName", false},
                                attribute{"active", false},
                                attribute{"externalId", false},
                                attribute{"name", false},
                                attribute{"emails", true},
                                attribute{"entitlements", true},
                                attribute{"groups", true},
                                attribute{"members", true},
                                attribute{"roles", true}};

enum class verb : std::uint8_t { add, replace, remove };

struct operation {
    verb what = verb::add;
    const attribute* of = nullptr;
    std::string sub;                  // "name.familyName", "members[…].display"; empty: none
    std::optional<scim_filter> which; // of a list's elements
    const value* given = nullptr;     // null: absent
};

boost::json::string_view key_of(std::string_view text) {
    return {text.data(), text.size()};
}

const attribute* find_known(std::string_view name) {
    const auto* found = std::ranges::find_if(
        attributes, [name](const attribute& each) { return same_text(each.name, name); });
    return found == attributes.end() ? nullptr : found;
}

result<void> read_path(std::string_view path, operation& to) {
    const auto wrong = [] {
        return fail(errc::invalid_parameter_value,
                    "'Operations': a 'path' names no attribute that can be changed.");
    };
    constexpr std::string_view urn = "urn:";
    if (same_text(path.substr(0, urn.size()), urn)) {
        path.remove_prefix(path.substr(0, path.find('[')).rfind(':') + 1);
    }
    const std::size_t end = std::min(path.find_first_of("[."), path.size());
    to.of = find_known(path.substr(0, end));
    if (!to.of) return wrong();
    path.remove_prefix(end);
    if (path.starts_with('[')) {
        const std::size_t close = path.rfind(']');
        if (close == std::string_view::npos || !to.of->is_list) return wrong();
        result<scim_filter> which = scim_filter::parse(path.substr(1, close - 1));
        if (!which) return fail(which.error());
        to.which = std::move(*which);
        path.remove_prefix(close + 1);
    }
    if (path.starts_with('.')) {
        to.sub = std::string(path.substr(1));
        path = {};
        if (to.sub.empty() || to.sub.find('.') != std::string::npos) return wrong();
    }
    return path.empty() ? result<void>() : result<void>(wrong());
}

// Two elements of a list are one when their values are: the same text for both, and for no others.
std::string identity_of(const value& element) {
    const value* named = element.is_object() ? find_attribute(element.get_object(), "value") : nullptr;
    const value& said = named ? *named : element;
    if (!said.is_string()) return boost::json::serialize(said);
    return '"' +
           std::string(said.get_string().data(), said.get_string().size()); // quicker, and no JSON of others
}

array as_list(const value* given) {
    if (!given || given->is_null()) return {};
    if (given->is_array()) return given->get_array();
    return array{*given};
}

void merge(object& to, const value& given) {
    if (!given.is_object()) return;
    for (const auto& member : given.get_object())
        to[member.key()] = member.value();
}

void change_elements(array& list, const operation& by) {
    const auto chosen = [&by](const value& each) {
        return each.is_object() && by.which->matches(each.get_object());
    };
    if (by.what == verb::remove && by.sub.empty()) {
        boost::json::array kept;
        for (value& each : list) {
            if (!chosen(each)) kept.push_back(std::move(each));
        }
        list = std::move(kept);
        return;
    }
    for (value& each : list) {
        if (!chosen(each)) continue;
        if (by.what == verb::remove) {
            each.get_object().erase(key_of(by.sub));
        } else if (!by.sub.empty()) {
            each.get_object()[key_of(by.sub)] = by.given ? *by.given : value();
        } else if (by.given) {
            merge(each.get_object(), *by.given);
        }
    }
}

void change_list(value& at, const operation& by) {
    if (!at.is_array()) at = array{};
    array& list = at.get_array();
    if (by.which) return change_elements(list, by);
    const array given = as_list(by.given);
    absl::flat_hash_set<std::string> seen;
    if (by.what == verb::replace) {
        list = given;
    } else if (by.what == verb::remove) {
        for (const value& each : given)
            seen.insert(identity_of(each));
        array kept;
        for (value& each : list) {
            // Without a value all go.
            if (by.given && !seen.contains(identity_of(each))) kept.push_back(std::move(each));
        }
        list = std::move(kept);
    } else {
        for (const value& each : list)
            seen.insert(identity_of(each));
        for (const value& each : given) {
            if (seen.insert(identity_of(each)).second) list.push_back(each);
        }
    }
}

void apply_one(object& resource, const operation& by) {
    const boost::json::string_view key = key_of(by.of->name);
    if (by.of->is_list) return change_list(resource[key], by);
    if (!by.sub.empty()) {
        value& at = resource[key];
        if (!at.is_object()) at = object{};
        if (by.what == verb::remove) {
            at.get_object().erase(key_of(by.sub));
        } else {
            at.get_object()[key_of(by.sub)] = by.given ? *by.given : value();
        }
        return;
    }
    if (by.what == verb::remove) {
        resource.erase(key);
    } else if (by.given) {
        resource[key] = *by.given;
    } else if (by.of->name == "active") {
        // The Python SDK leaves out a value that is false.
        resource[key] = false;
    }
}

result<void> apply(object& resource, const members& from) {
    operation next;
    const std::string what = lower_case(from.required_text("op"));
    if (what != "add" && what != "replace" && what != "remove") {
        from.found().refuse("'" + from.where("op") + "' must be add, replace or remove.");
    }
    if (auto ok = from.found().verdict(); !ok) return ok;
    next.what = what == "add" ? verb::add : what == "replace" ? verb::replace : verb::remove;
    next.given = from.find("value");
    const std::string path = from.text("path").value_or("");
    if (auto ok = from.found().verdict(); !ok) return ok;
    if (!path.empty()) {
        if (auto read = read_path(path, next); !read) return read;
        apply_one(resource, next);
        return {};
    }
    if (next.what == verb::remove || !next.given || !next.given->is_object()) {
        return fail(errc::invalid_parameter_value,
                    "'" + from.place() + "' needs a 'path', or a 'value' that is an object of attributes.");
    }
    const object& all = next.given->get_object();
    for (const auto& member : all) {
        const std::string_view name(member.key().data(), member.key().size());
        if (same_text(name, "schemas") || same_text(name, "id") || same_text(name, "meta")) continue;
        next.given = &member.value();
        if (auto read = read_path(name, next); !read) return read;
        apply_one(resource, next);
        next.sub.clear();
        next.which.reset();
    }
    return {};
}

} // namespace

result<object> apply_scim_patch(object resource, const object& body) {
    findings found;
    const members in(body, "", found);
    const std::vector<members> operations = in.items(in.has("operations") ? "operations" : "Operations");
    if (operations.empty()) found.refuse("'Operations' needs at least one operation.");
    if (operations.size() > max_patch_operations) found.refuse("'Operations' can have at most 1000 entries.");
    if (auto ok = found.verdict(); !ok) return fail(ok.error());
    for (const members& each : operations) {
        if (auto done = apply(resource, each); !done) return fail(done.error());
        for (const attribute& list : attributes) {
            const value* now = list.is_list ? resource.if_contains(key_of(list.name)) : nullptr;
            if (now && now->is_array() && now->get_array().size() > max_members) {
                return fail(errc::invalid_parameter_value,
                            "'" + std::string(list.name) + "' can have at most " +
                                std::to_string(max_members) + " entries.");
            }
        }
    }
    return resource;
}

} // namespace sluice::control
