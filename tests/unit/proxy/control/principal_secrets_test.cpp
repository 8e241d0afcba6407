#include "proxy/control/time_text.hpp"
#include "tests/unit/proxy/control/oauth_fixture.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace sluice::control::principal_secrets_test {
namespace {

using principal_secrets_calls = oauth_test;

TEST_F(principal_secrets_calls, a_new_one_shows_its_text_once) {
    const auto made = call("POST", secrets_path(), R"({"lifetime":"3600s"})");
    EXPECT_EQ(made.status, 200);
    const std::string text = at(made.body, "/secret");
    EXPECT_TRUE(text.starts_with("dose")) << text;
    EXPECT_EQ(text.size(), 68U);
    EXPECT_EQ(at(made.body, "/secret_hash").size(), 64U);
    EXPECT_EQ(at(made.body, "/status"), "ACTIVE");
    EXPECT_EQ(at(made.body, "/create_time"), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(at(made.body, "/update_time"), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(at(made.body, "/expire_time"), "2023-11-14T23:13:20.000Z");
    EXPECT_EQ(at(made.body, "/scopes"), "(none)");
    const auto listed = call("GET", secrets_path());
    EXPECT_EQ(at(listed.body, "/secrets/0/id"), at(made.body, "/id"));
    EXPECT_EQ(at(listed.body, "/secrets/0/secret"), "(none)");
    EXPECT_EQ(at(listed.body, "/secrets/0/secret_hash"), at(made.body, "/secret_hash"));
    EXPECT_EQ(listed.body.find(text), std::string::npos);
    EXPECT_NE(new_secret(), text);
}

TEST_F(principal_secrets_calls, without_a_lifetime_it_is_two_years) {
    EXPECT_EQ(at(call("POST", secrets_path()).body, "/expire_time"), "2025-11-13T22:13:20.000Z");
}

TEST_F(principal_secrets_calls, bad_lifetimes_and_scopes_are_refused) {
    for (const std::string_view bad : {R"({"lifetime":"0s"})",
                                       R"({"lifetime":"3600"})",
                                       R"({"lifetime":"s"})",
                                       R"({"lifetime":""})",
                                       R"({"lifetime":"-1s"})",
                                       R"({"lifetime":"1.5s"})",
                                       R"({"lifetime":"1h"})",
                                       R"({"lifetime":"63072001s"})",
                                       R"({"lifetime":"99999999999999999999s"})",
                                       R"({"lifetime":3600})",
                                       R"({"scopes":["sql"]})",
                                       R"({"scopes":"all-apis"})",
                                       R"({"scopes":[1]})"}) {
        const auto refused = call("POST", secrets_path(), std::string(bad));
        EXPECT_EQ(refused.status, 400) << bad;
        EXPECT_EQ(at(refused.body, "/error_code"), "INVALID_PARAMETER_VALUE") << bad;
    }
    EXPECT_EQ(at(call("GET", secrets_path()).body, "/secrets"), "[]");
}

TEST_F(principal_secrets_calls, a_scope_is_kept_and_shown) {
    const auto made = call("POST", secrets_path(), R"({"scopes":["model-serving"]})");
    EXPECT_EQ(at(made.body, "/scopes/0"), "model-serving");
    restart();
    EXPECT_EQ(at(call("GET", secrets_path()).body, "/secrets/0/scopes/0"), "model-serving");
    EXPECT_EQ(at(call("POST", secrets_path(), R"({"scopes":["model-serving","all-apis"]})").body, "/scopes"),
              "(none)");
}

TEST_F(principal_secrets_calls, there_are_at_most_five) {
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(call("POST", secrets_path(), R"({"lifetime":"60s"})").status, 200);
    const auto refused = call("POST", secrets_path());
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(at(refused.body, "/error_code"), "RESOURCE_LIMIT_EXCEEDED");
    clock_.passed = milliseconds(60'000); // those that have expired do not count, nor are they shown
    EXPECT_EQ(at(call("GET", secrets_path()).body, "/secrets"), "[]");
    EXPECT_EQ(call("POST", secrets_path()).status, 200);
}

TEST_F(principal_secrets_calls, the_list_comes_in_pages) {
    std::set<std::string> made;
    for (int i = 0; i < 5; ++i)
        made.insert(at(call("POST", secrets_path()).body, "/id"));
    std::set<std::string> seen;
    std::string next;
    int pages = 0;
    do {
        const auto page = call("GET", secrets_path("?page_size=2" + next));
        for (const char* at_index : {"/secrets/0/id", "/secrets/1/id"}) {
            if (const std::string id = at(page.body, at_index); id != "(none)") seen.insert(id);
        }
        EXPECT_EQ(at(page.body, "/secrets/2"), "(none)");
        const std::string token = at(page.body, "/next_page_token");
        next = token == "(none)" ? "" : "&page_token=" + token;
        ++pages;
    } while (!next.empty() && pages < 10);
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen, made);
    EXPECT_EQ(at(call("GET", secrets_path("?page_token=99")).body, "/secrets"), "[]");
    for (const std::string_view bad : {"?page_size=-1", "?page_size=x", "?page_token=-1", "?page_token=abc"})
        EXPECT_EQ(call("GET", secrets_path(bad)).status, 400) << bad;
}

TEST_F(principal_secrets_calls, one_can_be_deleted_once) {
    const std::string id = at(call("POST", secrets_path()).body, "/id");
    const auto gone = call("DELETE", secrets_path("/" + id));
    EXPECT_EQ(gone.status, 200);
    EXPECT_EQ(gone.body, "{}");
    EXPECT_EQ(call("DELETE", secrets_path("/" + id)).status, 404);
    EXPECT_EQ(at(call("GET", secrets_path()).body, "/secrets"), "[]");
}

TEST_F(principal_secrets_calls, only_service_principals_have_them) {
    const std::vector<std::string_view> ids = {
        "1001", "9999", "1", "x", "-1", "99999999999999999999", app_id};
    for (const std::string_view id : ids) {
        const std::string path =
            "/api/2.0/accounts/servicePrincipals/" + std::string(id) + "/credentials/secrets";
        for (const std::string_view method : {"POST", "GET"}) {
            const auto absent = call(std::string(method), path);
            EXPECT_EQ(absent.status, 404) << id;
            EXPECT_EQ(at(absent.body, "/error_code"), "RESOURCE_DOES_NOT_EXIST");
        }
    }
}

TEST_F(principal_secrets_calls, they_are_for_admins) {
    const std::string id = at(call("POST", secrets_path()).body, "/id");
    auto robot = std::make_shared<model::principal>(caller(robot_, std::string(app_id), false, true));
    for (const auto& who : {alice(), bob(), std::shared_ptr<const model::principal>(robot)}) {
        EXPECT_EQ(call("POST", secrets_path(), "", who).status, 403);
        EXPECT_EQ(call("GET", secrets_path(), "", who).status, 403);
        EXPECT_EQ(call("DELETE", secrets_path("/" + id), "", who).status, 403);
    }
    EXPECT_EQ(at(call("GET", secrets_path()).body, "/secrets/0/id"), id);
}

TEST_F(principal_secrets_calls, the_audit_log_knows_of_them_but_not_their_text) {
    const auto made = call("POST", secrets_path());
    (void)call("DELETE", secrets_path("/" + at(made.body, "/id")));
    const std::string log = call("GET", "/api/2.0/sluice/audit").body;
    EXPECT_NE(log.find("accounts.createServicePrincipalSecret"), std::string::npos);
    EXPECT_NE(log.find("accounts.deleteServicePrincipalSecret"), std::string::npos);
    EXPECT_NE(log.find(at(made.body, "/id")), std::string::npos);
    EXPECT_EQ(log.find(at(made.body, "/secret")), std::string::npos);
    EXPECT_EQ(log.find(at(made.body, "/secret_hash")), std::string::npos);
}

TEST(time_text, times_are_written_as_rfc_3339_in_utc) {
    EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(rfc3339(951'782'399'999), "2000-02-28T23:59:59.999Z");
    EXPECT_EQ(rfc3339(951'782'400'000), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(rfc3339(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
}

} // namespace
} // namespace sluice::control::principal_secrets_test
