// What SCIM clients send: filters, PATCH bodies and list queries, all by the calls that the plane uses.
#include "core/json/reader.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/identity_scim.hpp"
#include "proxy/control/scim_filter.hpp"
#include "proxy/control/scim_list.hpp"
#include "proxy/control/scim_patch.hpp"
#include "tests/fuzz/must.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace sluice;
using control::scim_filter;

const control::directory& people() {
    static const control::directory all = [] {
        control::directory out;
        control::stored_group group;
        group.id = control::admins_group;
        group.name = "admins";
        group.entitlements = "[]";
        out.put(group);
        for (const std::int64_t id : {1001, 1002, 1003}) {
            control::stored_user user;
            user.id = id;
            user.user_name = "u" + std::to_string(id) + "@example.com";
            user.display_name = "User " + std::to_string(id % 2);
            user.emails = R"([{"value":"a@b.c","primary":true,"type":"work"}])";
            user.entitlements = R"(["workspace-access"])";
            user.name_parts = R"({"givenName":"G"})";
            user.active = id != 1002;
            out.put(user);
            out.join({control::admins_group, id});
        }
        return out;
    }();
    return all;
}

boost::json::object user(std::int64_t id) {
    return control::show_user(*people().user(id), people());
}

void check_filter(std::string_view text) {
    const auto filter = scim_filter::parse(text);
    if (!filter) return;
    const auto inverse = scim_filter::parse("not (" + std::string(text) + ")");
    for (const std::int64_t id : {1001, 1002, 1003}) {
        const boost::json::object resource = user(id);
        const bool matches = filter->matches(resource);
        if (inverse) must(inverse->matches(resource) != matches, "not turns the answer round");
        const auto name = filter->equal_text("userName");
        if (!name) continue;
        const boost::json::object named{{"userName", *name}};
        must(filter->matches(named), "an index finds what the filter matches");
        must(matches == (people().find(*name) == id), "and nothing else");
    }
    (void)filter->matches(control::show_group(*people().group(control::admins_group), people(), true));
}

void check_patch(std::string_view text) {
    const auto tree = json::parse_tree(text);
    if (!tree || !tree->is_object()) return;
    const boost::json::object& body = tree->get_object();
    if (const auto next = control::apply_scim_patch(user(1001), body)) {
        must(next->contains("id") && next->at("id") == "1001", "an id stays");
        (void)control::read_user(*next, model::principal_kind::user, people());
    }
    const auto group = control::show_group(*people().group(control::admins_group), people(), true);
    const auto next = control::apply_scim_patch(group, body);
    if (!next) return;
    const auto read = control::read_group(*next, people());
    if (!read) return;
    for (const std::int64_t member : read->members)
        must(people().user(member) || people().group(member), "a member is somebody");
}

void check_list(std::string_view text) {
    const auto query = control::parse_query(text);
    if (!query) return;
    const auto wanted = control::scim_query::parse(*query);
    if (!wanted) return;
    const boost::json::object page = wanted->answer({1001, 1002, 1003}, user);
    const auto total = page.at("totalResults").as_int64();
    const auto shown = static_cast<std::int64_t>(page.at("Resources").as_array().size());
    must(page.at("itemsPerPage").as_int64() == shown, "a page tells its size");
    must(shown <= total && total <= 3, "a page is a part of what there is");
    for (const auto& one : page.at("Resources").as_array())
        must(one.as_object().contains("id"), "a resource has an id");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string in(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
    case 0: check_filter(in); break;
    case 1: check_patch(in); break;
    default: check_list(in); break;
    }
    return 0;
}
