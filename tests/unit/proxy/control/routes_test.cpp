#include "proxy/control/routes.hpp"
#include "tests/support/text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace sluice::control::routes_test {
namespace {

std::string api(std::string_view rest) {
    return "/api/2.0/serving-endpoints" + std::string(rest);
}

void expect_route(std::string_view method,
                  const std::string& path,
                  call what,
                  const std::vector<std::string>& parameters) {
    const auto found = find_route(method, path);
    ASSERT_TRUE(found) << method << ' ' << path;
    EXPECT_EQ(found->what, what) << method << ' ' << path;
    EXPECT_EQ(found->parameters, parameters) << method << ' ' << path;
}

void expect_unknown(std::string_view method, const std::string& path) {
    const auto found = find_route(method, path);
    ASSERT_FALSE(found) << method << ' ' << path;
    EXPECT_EQ(found.error().code, errc::endpoint_not_found) << method << ' ' << path;
}

TEST(routes, create_and_list_work_with_and_without_a_trailing_slash) {
    expect_route("POST", api(""), call::create_endpoint, {});
    expect_route("POST", api("/"), call::create_endpoint, {});
    expect_route("GET", api(""), call::list_endpoints, {});
    expect_route("GET", api("/"), call::list_endpoints, {});
}

TEST(routes, a_trailing_slash_is_refused_everywhere_else) {
    expect_unknown("GET", api("/chat/"));
    expect_unknown("PUT", api("/chat/config/"));
    expect_unknown("GET", "/api/2.0/secrets/scopes/list/");
    expect_unknown("POST", api("//"));
}

TEST(routes, endpoints_may_have_the_names_of_routes) {
    for (const std::string name : {"pt", "chat", "models", "config", "tags", "completions", "openai"}) {
        expect_route("GET", api("/" + name), call::get_endpoint, {name});
        expect_route("DELETE", api("/" + name), call::delete_endpoint, {name});
        expect_route("PUT", api("/" + name + "/config"), call::update_config, {name});
        expect_route("PUT", api("/" + name + "/rate-limits"), call::put_rate_limits, {name});
        expect_route("PATCH", api("/" + name + "/tags"), call::patch_tags, {name});
    }
}

TEST(routes, provisioned_throughput_calls_are_told_from_an_endpoint_called_pt) {
    expect_route("POST", api("/pt"), call::create_provisioned, {});
    expect_route("PUT", api("/pt/config"), call::update_config, {"pt"});
    expect_route("PUT", api("/pt/x/config"), call::update_provisioned, {"x"});
}

TEST(routes, parameters_are_percent_decoded_and_may_hold_an_encoded_slash) {
    expect_route("GET", api("/a%2Db"), call::get_endpoint, {"a-b"});
    expect_route("GET", api("/a%2Fconfig"), call::get_endpoint, {"a/config"});
    expect_route("POST", api("/a/config%3Acancel"), call::cancel_update, {"a"});
}

TEST(routes, a_broken_escape_is_a_bad_request) {
    for (const std::string path : {"/%", "/%4", "/%zz", "/a%00"}) {
        const auto found = find_route("GET", api(path));
        ASSERT_FALSE(found) << path;
        EXPECT_EQ(found.error().code, errc::bad_request) << path;
    }
}

TEST(routes, an_unknown_path_and_a_wrong_method_are_the_same_404) {
    const auto wrong_method = find_route("PUT", api(""));
    ASSERT_FALSE(wrong_method);
    EXPECT_EQ(wrong_method.error().message, "No API found for 'PUT /api/2.0/serving-endpoints'");
    expect_unknown("GET", "/");
    expect_unknown("GET", "");
    expect_unknown("GET", "/api/2.0/serving-endpointsx");
    expect_unknown("GET", "/api/2.1/serving-endpoints");
    expect_unknown("get", api(""));
    expect_unknown("GET", api("/a/b/c/d/e/f"));
}

TEST(routes, a_call_that_no_version_has_yet_is_known) {
    expect_route("POST", "/api/2.0/external-function", call::not_built, {});
    expect_route("PATCH", "/api/2.0/token/t1", call::not_built, {"t1"});
    expect_route("PATCH", "/api/2.0/token-management/tokens/t1", call::not_built, {"t1"});
    for (const std::string kind : {"passwords", "tokens"}) {
        const std::string path = "/api/2.0/permissions/authorization/" + kind;
        for (const std::string_view method : {"GET", "PUT", "PATCH"})
            expect_route(method, path, call::not_built, {});
        expect_route("GET", path + "/permissionLevels", call::not_built, {});
    }
}

TEST(routes, every_row_of_the_table_is_reached) {
    ASSERT_GT(all_routes().size(), 50U);
    for (const route_row& row : all_routes()) {
        const auto found = find_route(row.method, support::replaced(row.pattern, "{}", "x7"));
        ASSERT_TRUE(found) << row.method << ' ' << row.pattern;
        EXPECT_EQ(found->what, row.what) << row.method << ' ' << row.pattern;
    }
}

} // namespace
} // namespace sluice::control::routes_test
