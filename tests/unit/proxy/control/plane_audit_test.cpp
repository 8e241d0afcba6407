#include "tests/unit/proxy/control/plane_fixture.hpp"

namespace sluice::control::plane_audit_test {
namespace {

class audit_log : public plane_test {
protected:
    audit_log() { open_with_secret(); }

    std::string events(const std::string& query = "") {
        const auto listed = call("GET", "/api/2.0/sluice/audit" + query);
        EXPECT_EQ(listed.status, 200) << listed.body;
        return listed.body;
    }
};

TEST_F(audit_log, a_change_says_who_when_and_from_where) {
    auto request =
        make_request("POST", "/api/2.0/serving-endpoints", endpoint_body("chat", entity("one")), alice());
    request.remote = "192.0.2.7";
    request.user_agent = "curl/8";
    ASSERT_EQ(call("POST",
                   "/api/2.0/secrets/acls/put",
                   R"({"scope":"my_scope","principal":"users","permission":"READ"})")
                  .status,
              200);
    clock_.passed = milliseconds(5000);
    ASSERT_EQ(state_->answer(request).response.status, 200);
    const std::string seen = events("?target=serving-endpoints/chat");
    EXPECT_EQ(at(seen, "/audit_events/0/event_time"), "1700000005000");
    EXPECT_EQ(at(seen, "/audit_events/0/principal_id"), "1001");
    EXPECT_EQ(at(seen, "/audit_events/0/principal_name"), "alice@example.com");
    EXPECT_EQ(at(seen, "/audit_events/0/source_ip_address"), "192.0.2.7");
    EXPECT_EQ(at(seen, "/audit_events/0/user_agent"), "curl/8");
    EXPECT_EQ(at(seen, "/audit_events/0/request_id"), "r1");
    EXPECT_EQ(at(seen, "/audit_events/0/action_name"), "modelServing.createServingEndpoint");
    EXPECT_EQ(at(seen, "/audit_events/0/before"), "(none)");
    EXPECT_EQ(at(seen, "/audit_events/0/after/name"), "chat");
}

TEST_F(audit_log, the_body_of_a_change_does_not_hide_what_it_changes) {
    const std::string groups = "/api/2.0/preview/scim/v2/Groups";
    const std::string user =
        at(call("POST", "/api/2.0/preview/scim/v2/Users", R"({"userName":"eve"})").body, "/id");
    const std::string group = at(call("POST", groups, R"({"displayName":"team"})").body, "/id");
    for (const std::string hiding :
         {R"("excludedAttributes":"members")", R"("filter":"(")", R"("count":"x","attributes":"id")"}) {
        const std::string add = R"({"Operations":[{"op":"add","path":"members","value":[{"value":")" + user +
                                R"("}]}],)" + hiding + "}";
        ASSERT_EQ(call("PATCH", groups + "/" + group, add).status, 200);
        const std::string seen = events();
        EXPECT_EQ(at(seen, "/audit_events/0/after/members/0/value"), user) << hiding;
        EXPECT_EQ(at(seen, "/audit_events/0/before/displayName"), "team") << hiding;
    }
}

TEST_F(audit_log, what_is_deleted_is_told_before_it_goes) {
    ASSERT_EQ(call("POST", "/api/2.0/secrets/scopes/delete", R"({"scope":"MY_scope"})").status, 200);
    std::string seen = events();
    EXPECT_EQ(at(seen, "/audit_events/0/action_name"), "secrets.deleteScope");
    EXPECT_EQ(at(seen, "/audit_events/0/before/secrets/0/key"), "my_openai_api_key");
    EXPECT_EQ(at(seen, "/audit_events/0/before/acls/0/permission"), "MANAGE");
    EXPECT_EQ(at(seen, "/audit_events/0/after"), "(none)");

    const auto user = make_user("eve");
    const std::string token =
        at(call("POST", "/api/2.0/token/create", R"({"comment":"mine"})", user).body, "/token_info/token_id");
    ASSERT_EQ(call("POST", "/api/2.0/token/delete", R"({"token_id":")" + token + R"("})", user).status, 200);
    seen = events();
    EXPECT_EQ(at(seen, "/audit_events/0/before/token_info/comment"), "mine");
    EXPECT_EQ(at(seen, "/audit_events/0/after"), "(none)");

    const std::string service = at(
        call("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", R"({"displayName":"bot"})").body, "/id");
    const std::string secrets = "/api/2.0/accounts/servicePrincipals/" + service + "/credentials/secrets";
    const auto made = call("POST", secrets, "{}");
    ASSERT_EQ(call("DELETE", secrets + "/" + at(made.body, "/id")).status, 200);
    seen = events();
    EXPECT_EQ(at(seen, "/audit_events/0/before/id"), at(made.body, "/id"));
    EXPECT_EQ(seen.find(at(made.body, "/secret")), std::string::npos);
}

TEST_F(audit_log, what_the_config_file_changes_is_told) {
    settings_.secrets.push_back({"filed", "k", secret_string("sk-filed")});
    const auto entry = [](std::string_view level) {
        return boost::json::parse(
            R"({"name":"filed","access_control_list":[{"group_name":"users","permission_level":")" +
            std::string(level) + R"("}]})");
    };
    settings_.endpoints = {entry("CAN_VIEW")};
    restart();
    EXPECT_EQ(at(events("?target=secrets/filed"), "/audit_events/0/action_name"), "secrets.createScope");
    const std::string put = events("?target=secrets/filed/k");
    EXPECT_EQ(at(put, "/audit_events/0/source_ip_address"), "config-file");
    EXPECT_EQ(put.find("sk-filed"), std::string::npos);
    settings_.endpoints = {entry("CAN_QUERY")};
    restart();
    const std::string acl = events("?action_name=modelServing.changeInferenceEndpointAcl&max_results=1");
    EXPECT_NE(acl.find("CAN_VIEW"), std::string::npos);
    EXPECT_NE(acl.find("CAN_QUERY"), std::string::npos);
    restart();
    EXPECT_EQ(events("?action_name=modelServing.changeInferenceEndpointAcl&max_results=1"), acl);
}

TEST_F(audit_log, an_update_has_the_endpoint_before_and_after_it) {
    create(endpoint_body("chat", entity("one")));
    ASSERT_EQ(put_config("chat", config_of(entity("two"))).status, 200);
    const std::string seen = events("?action_name=modelServing.updateServingEndpointConfig");
    EXPECT_EQ(at(seen, "/audit_events/0/before/config/served_entities/0/name"), "one");
    EXPECT_EQ(at(seen, "/audit_events/0/after/config/served_entities/0/name"), "two");
}

TEST_F(audit_log, a_deleted_endpoint_is_nothing_afterwards) {
    create(endpoint_body("chat", entity("one")));
    call("DELETE", "/api/2.0/serving-endpoints/chat");
    const std::string seen = events("?action_name=modelServing.deleteServingEndpoint");
    EXPECT_EQ(at(seen, "/audit_events/0/before/name"), "chat");
    EXPECT_EQ(at(seen, "/audit_events/0/after"), "(none)");
}

TEST_F(audit_log, secrets_and_tokens_are_named_and_never_shown) {
    put_secret("my_scope", "my_openai_api_key", "sk-second-key");
    create(endpoint_body("plain", entity("one", R"({"openai_api_key_plaintext":"sk-plain"})")));
    const auto token = call("POST",
                            "/api/2.0/token/create",
                            R"({"comment":"c"})",
                            std::make_shared<const model::principal>(caller("1001", "admin", true)));
    ASSERT_EQ(token.status, 200) << token.body;
    const std::string seen = events();
    for (const std::string& secret : {std::string("sk-first-key"),
                                      std::string("sk-second-key"),
                                      std::string("c2stc2Vjb25kLWtleQ"),
                                      std::string("sk-plain"),
                                      at(token.body, "/token_value")}) {
        EXPECT_EQ(seen.find(secret), std::string::npos) << secret;
    }
    const std::string put = events("?target=secrets/my_scope/my_openai_api_key");
    EXPECT_EQ(at(put, "/audit_events/0/action_name"), "secrets.putSecret");
    EXPECT_EQ(at(put, "/audit_events/0/before/key"), "my_openai_api_key");
    EXPECT_EQ(at(put, "/audit_events/1/before"), "(none)");
    const std::string made = events("?target=tokens/" + at(token.body, "/token_info/token_id"));
    EXPECT_EQ(at(made, "/audit_events/0/after/token_info/comment"), "c");
}

TEST_F(audit_log, what_changes_nothing_leaves_no_row) {
    const std::string before = events();
    create(endpoint_body("bad name", entity("one")));
    create(endpoint_body("denied", entity("one")), bob());
    get("nothing");
    call("DELETE", "/api/2.0/serving-endpoints/nothing");
    EXPECT_EQ(events(), before);
}

TEST_F(audit_log, pages_are_the_newest_first_and_join_without_gap) {
    for (int i = 0; i < 5; ++i)
        create(endpoint_body("e" + std::to_string(i), entity("one")));
    std::string all;
    std::string token;
    int pages = 0;
    do {
        const std::string page = events("?action_name=modelServing.createServingEndpoint&max_results=2" +
                                        (token.empty() ? "" : "&page_token=" + token));
        for (const std::string place : {"0", "1"}) {
            const std::string target = at(page, "/audit_events/" + place + "/target");
            if (target != "(none)") all += target.back();
        }
        token = at(page, "/next_page_token");
        ++pages;
    } while (token != "(none)" && pages < 10);
    EXPECT_EQ(all, "43210");
    EXPECT_EQ(pages, 3);
}

TEST_F(audit_log, events_are_found_by_time_and_principal) {
    clock_.passed = milliseconds(1000);
    create(endpoint_body("early", entity("one")));
    clock_.passed = milliseconds(2000);
    create(endpoint_body("late", entity("one")));
    const std::string early = events("?start_time=1700000001000&end_time=1700000002000");
    EXPECT_EQ(at(early, "/audit_events/0/target"), "serving-endpoints/early");
    EXPECT_EQ(at(early, "/audit_events/1"), "(none)");
    EXPECT_EQ(at(events("?principal_name=nobody"), "/audit_events"), "[]");
}

TEST_F(audit_log, it_is_for_admins_and_its_parameters_are_checked) {
    EXPECT_EQ(call("GET", "/api/2.0/sluice/audit", "", alice()).status, 403);
    for (const std::string bad :
         {"max_results=0", "max_results=1001", "page_token=x", "page_token=0", "start_time=2&end_time=1"}) {
        const auto refused = call("GET", "/api/2.0/sluice/audit?" + bad);
        EXPECT_EQ(refused.status, 400) << bad;
        EXPECT_EQ(at(refused.body, "/error_code"), "INVALID_PARAMETER_VALUE") << bad;
    }
}

TEST_F(audit_log, only_the_newest_rows_are_kept) {
    settings_.audit_keep_rows = 3;
    restart();
    for (int i = 0; i < 5; ++i)
        create(endpoint_body("e" + std::to_string(i), entity("one")));
    const std::string seen = events();
    EXPECT_EQ(at(seen, "/audit_events/2/target"), "serving-endpoints/e2");
    EXPECT_EQ(at(seen, "/audit_events/3"), "(none)");
}

TEST_F(audit_log, it_survives_a_restart_and_knows_what_the_config_file_did) {
    create(endpoint_body("chat", entity("one")));
    settings_.endpoints.push_back(boost::json::parse(endpoint_body("filed", entity("one"))));
    restart();
    EXPECT_EQ(at(events("?target=serving-endpoints/chat"), "/audit_events/0/after/name"), "chat");
    const std::string filed = events("?target=serving-endpoints/filed");
    EXPECT_EQ(at(filed, "/audit_events/0/source_ip_address"), "config-file");
    EXPECT_EQ(at(filed, "/audit_events/0/after/name"), "filed");
}

// The file cannot grow: what was written is found out at the commit, when memory has changed already.
TEST_F(audit_log, a_change_that_cannot_be_committed_asks_for_memory_to_be_made_again) {
    create(endpoint_body("chat", entity("one")));
    {
        const file_size_limit no_more(0);
        EXPECT_EQ(put_config("chat", config_of(entity("two"))).status, 500);
    }
    EXPECT_TRUE(state_->must_reopen());
    restart();
    EXPECT_EQ(at(get("chat").body, "/config/served_entities/0/name"), "one");
    EXPECT_FALSE(state_->must_reopen());
}

} // namespace
} // namespace sluice::control::plane_audit_test
