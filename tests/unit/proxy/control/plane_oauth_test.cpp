#include "proxy/control/data_plane.hpp"
#include "tests/unit/proxy/control/oauth_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::control::plane_oauth_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class token_call : public oauth_test {
protected:
    // An endpoint of the admin's; its id.
    std::string make_endpoint(const std::string& name) {
        return at(create(endpoint_body(name, entity("one"))).body, "/id");
    }
    const std::string secret_ = new_secret();
};

TEST_F(token_call, a_client_with_its_secret_gets_a_token_for_an_hour) {
    const auto answer = ask_as_robot(secret_);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(at(answer.body, "/token_type"), "Bearer");
    EXPECT_EQ(at(answer.body, "/expires_in"), "3600");
    EXPECT_EQ(at(answer.body, "/scope"), "all-apis");
    EXPECT_EQ(at(answer.body, "/authorization_details"), "(none)");
    EXPECT_EQ(header(answer, "cache-control"), "no-store");
    const auto by = caller_of(answer);
    ASSERT_TRUE(by);
    EXPECT_EQ(by->who->id, robot_);
    EXPECT_EQ(by->who->user_name, app_id);
    EXPECT_EQ(by->only_endpoint, "");
    clock_.passed = milliseconds(3'599'999);
    EXPECT_TRUE(caller_of(answer));
    clock_.passed = milliseconds(3'600'000);
    EXPECT_FALSE(caller_of(answer));
}

TEST_F(token_call, the_client_may_send_its_secret_in_the_form) {
    const std::string form =
        "grant_type=client_credentials&client_id=" + std::string(app_id) + "&client_secret=";
    EXPECT_TRUE(caller_of(ask(form + secret_)));
    EXPECT_EQ(refusal(ask(form + "wrong")), "401 invalid_client");
    // The same id in both places harms nobody.
    EXPECT_TRUE(caller_of(
        ask("grant_type=client_credentials&client_id=" + std::string(app_id), basic(app_id, secret_))));
}

TEST_F(token_call, a_token_outlives_a_restart) {
    const auto answer = ask_as_robot(secret_);
    restart();
    EXPECT_TRUE(caller_of(answer));
    EXPECT_TRUE(caller_of(ask_as_robot(secret_)));
}

TEST_F(token_call, whatever_is_wrong_with_the_client_it_is_one_error) {
    const std::string form = "grant_type=client_credentials";
    const std::string first = ask(form, basic(app_id, "wrong")).body;
    EXPECT_EQ(at(first, "/error"), "invalid_client");
    EXPECT_EQ(at(first, "/error_code"), "UNAUTHENTICATED");
    EXPECT_EQ(at(first, "/message"), at(first, "/error_description"));
    EXPECT_EQ(ask(form, basic("other-app", secret_)).body, first);
    EXPECT_EQ(ask(form, basic("admin", "dapi-the-admin-token")).body, first);
    EXPECT_EQ(ask(form, basic(app_id, "dapi-the-admin-token")).body, first);
    EXPECT_EQ(ask(form, basic(app_id, secret_ + "0")).body, first);
    EXPECT_EQ(ask(form, basic(std::string(app_id) + " ", secret_)).body, first);
    for (const std::string& field : {std::string(),
                                     basic(app_id, ""),
                                     basic("", secret_),
                                     std::string("Basic"),
                                     std::string("Basic !"),
                                     "Bearer " + secret_,
                                     base64_encode("no colon")}) {
        const auto answer = ask(form, field);
        EXPECT_EQ(refusal(answer), "401 invalid_client") << field;
        EXPECT_EQ(header(answer, "www-authenticate"), "Basic realm=\"sluice\"");
        EXPECT_THAT(answer.body, Not(HasSubstr(secret_)));
    }
}

TEST_F(token_call, a_secret_ends_with_its_time_its_deletion_and_its_principal) {
    const std::string brief = new_secret(R"({"lifetime":"60s"})");
    const auto early = ask_as_robot(brief);
    EXPECT_EQ(at(early.body, "/expires_in"), "60"); // a token does not outlive it
    clock_.passed = milliseconds(60'000);
    EXPECT_FALSE(caller_of(early));
    EXPECT_EQ(refusal(ask_as_robot(brief)), "401 invalid_client");

    const auto listed = call("GET", secrets_path());
    const std::string id = at(listed.body, "/secrets/0/id");
    EXPECT_EQ(call("DELETE", secrets_path("/" + id)).status, 200);
    EXPECT_EQ(refusal(ask_as_robot(secret_)), "401 invalid_client");
}

TEST_F(token_call, an_inactive_principal_gets_no_token_and_its_tokens_end) {
    const auto answer = ask_as_robot(secret_);
    state_.reset();
    {
        auto db = db::database::open(settings_.data_dir + "/sluice.db");
        ASSERT_TRUE(succeeds(db));
        ASSERT_TRUE(succeeds((*db)->run("UPDATE users SET active = 0 WHERE kind = 'service_principal'")));
    }
    open();
    EXPECT_FALSE(caller_of(answer));
    EXPECT_EQ(refusal(ask_as_robot(secret_)), "401 invalid_client");
}

TEST_F(token_call, the_form_is_read_strictly) {
    const std::string form = "grant_type=client_credentials";
    const std::string known = basic(app_id, secret_);
    EXPECT_EQ(refusal(ask(form, known, "application/json")), "400 invalid_request");
    EXPECT_EQ(refusal(ask(form, known, "")), "400 invalid_request");
    EXPECT_EQ(refusal(ask(form, known, "application/x-www-form-urlencoded-x")), "400 invalid_request");
    EXPECT_EQ(ask(form, known, "Application/X-WWW-Form-URLEncoded; charset=utf-8").status, 200);
    for (const std::string_view more :
         {"&grant_type=client_credentials", "&scope=%4", "&scope=%zz", "&scope=%00", "&x=1&x=2"})
        EXPECT_EQ(refusal(ask(form + std::string(more), known)), "400 invalid_request") << more;
    EXPECT_EQ(refusal(ask("", known)), "400 invalid_request");
    EXPECT_EQ(refusal(ask("grant_type=", known)), "400 invalid_request");
    EXPECT_EQ(refusal(ask(form + "&client_secret=" + secret_, known)), "400 invalid_request");
    EXPECT_EQ(refusal(ask(form + "&client_id=other", known)), "400 invalid_request");
    EXPECT_EQ(refusal(ask(form + "&assume_group=7", known)), "400 invalid_request");
    EXPECT_EQ(ask(form + "&unknown=x&", known).status, 200);
}

TEST_F(token_call, other_grants_are_not_supported) {
    for (const std::string_view type : {"authorization_code",
                                        "refresh_token",
                                        "password",
                                        "CLIENT_CREDENTIALS",
                                        "urn:ietf:params:oauth:grant-type:token-exchange"}) {
        const auto answer = ask("grant_type=" + std::string(type), basic(app_id, secret_));
        EXPECT_EQ(refusal(answer), "400 unsupported_grant_type") << type;
        EXPECT_EQ(header(answer, "www-authenticate"), "(none)");
    }
}

TEST_F(token_call, the_scope_is_what_was_asked_for_and_no_more_than_the_secret_has) {
    EXPECT_EQ(at(ask_as_robot(secret_, "").body, "/scope"), "all-apis");
    EXPECT_EQ(at(ask_as_robot(secret_, "&scope=all-apis+offline_access").body, "/scope"), "all-apis");
    EXPECT_EQ(at(ask_as_robot(secret_, "&scope=model-serving%20all-apis").body, "/scope"), "all-apis");
    const auto serving = ask_as_robot(secret_, "&scope=model-serving");
    EXPECT_EQ(at(serving.body, "/scope"), "model-serving");
    EXPECT_EQ(caller_of(serving)->scope, model::token_scope::model_serving);
    for (const std::string_view scope : {"sql", "ALL-APIS", "all-apis,sql", "all-apis+sql"})
        EXPECT_EQ(refusal(ask_as_robot(secret_, "&scope=" + std::string(scope))), "400 invalid_scope")
            << scope;

    const std::string narrow = new_secret(R"({"scopes":["model-serving"]})");
    const auto answer = ask_as_robot(narrow);
    EXPECT_EQ(at(answer.body, "/scope"), "model-serving");
    EXPECT_EQ(caller_of(answer)->scope, model::token_scope::model_serving);
    EXPECT_EQ(at(ask_as_robot(narrow, "").body, "/scope"), "model-serving");
}

TEST_F(token_call, an_assertion_is_exchanged_for_a_token_to_query_one_endpoint) {
    const std::string id = make_endpoint("chat");
    const auto answer = ask(assertion_form("dapi-the-admin-token", authorization_details_for(id)));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(at(answer.body, "/authorization_details"), authorization_details_for(id));
    EXPECT_EQ(at(answer.body, "/expires_in"), "3600");
    const auto by = caller_of(answer);
    ASSERT_TRUE(by);
    EXPECT_EQ(by->who->user_name, "admin");
    EXPECT_EQ(by->only_endpoint, id);
}

TEST_F(token_call, an_assertion_may_be_an_access_token_but_not_one_for_one_endpoint) {
    const std::string id = make_endpoint("chat");
    const auto admin = caller_of("dapi-the-admin-token");
    ASSERT_TRUE(admin);
    const auto own = call("POST", "/api/2.0/token/create", R"({"lifetime_seconds":100})", admin->who);
    const auto limited = ask(assertion_form(at(own.body, "/token_value"), authorization_details_for(id)));
    EXPECT_EQ(at(limited.body, "/expires_in"), "100"); // no longer than what it was had for
    const std::string token = at(limited.body, "/access_token");
    EXPECT_EQ(refusal(ask(assertion_form(token, authorization_details_for(id)))), "400 invalid_grant");

    // The robot's own token is good, but it has no right on the endpoint.
    const std::string robot = at(ask_as_robot(secret_).body, "/access_token");
    EXPECT_EQ(refusal(ask(assertion_form(robot, authorization_details_for(id)))),
              "400 invalid_authorization_details");
}

TEST_F(token_call, an_assertion_that_is_no_valid_token_is_refused) {
    const std::string details = authorization_details_for(make_endpoint("chat"));
    const std::string token = at(ask_as_robot(secret_).body, "/access_token");
    for (const std::string& assertion :
         {std::string("dapi-other"), secret_, token + "A", std::string("a.b.c")})
        EXPECT_EQ(refusal(ask(assertion_form(assertion, details))), "400 invalid_grant") << assertion;
    clock_.passed = milliseconds(3'600'000);
    EXPECT_EQ(refusal(ask(assertion_form(token, details))), "400 invalid_grant");
    EXPECT_EQ(refusal(ask(assertion_form("", details))), "400 invalid_request");
    EXPECT_EQ(refusal(ask(assertion_form("dapi-the-admin-token", ""))), "400 invalid_request");
}

TEST_F(token_call, an_endpoint_without_the_right_looks_like_one_that_is_not_there) {
    const std::string id = make_endpoint("chat");
    const auto denied =
        ask_as_robot(secret_, "&authorization_details=" + escaped(authorization_details_for(id)));
    const auto absent =
        ask_as_robot(secret_, "&authorization_details=" + escaped(authorization_details_for("0123")));
    EXPECT_EQ(refusal(denied), "400 invalid_authorization_details");
    EXPECT_EQ(denied.body, absent.body);
}

TEST_F(token_call, details_of_another_kind_are_refused) {
    const std::string id = make_endpoint("chat");
    const std::string good = authorization_details_for(id);
    const auto changed = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    for (const std::string& text :
         {std::string("x"),
          std::string("[]"),
          std::string("{}"),
          std::string("[1]"),
          std::string("null"),
          good + ",",
          "[" + good.substr(1, good.size() - 2) + "," + good.substr(1),
          changed("workspace_permission", "other"),
          changed("\"serving-endpoints\"", "\"clusters\""),
          changed("/serving-endpoints/", "/clusters/"),
          changed("/serving-endpoints/" + id, "/serving-endpoints/"),
          changed("/serving-endpoints/" + id, "/serving-endpoints/chat"),
          changed("query_inference_endpoint", "manage_inference_endpoint"),
          changed("[\"query_inference_endpoint\"]", "[]"),
          changed("[\"query_inference_endpoint\"]", "\"query_inference_endpoint\"")}) {
        EXPECT_EQ(refusal(ask(assertion_form("dapi-the-admin-token", text))),
                  "400 invalid_authorization_details")
            << text;
    }
    // One object without its list, and more members, are as good.
    EXPECT_EQ(ask(assertion_form("dapi-the-admin-token", good.substr(1, good.size() - 2))).status, 200);
    EXPECT_EQ(ask(assertion_form("dapi-the-admin-token", changed("{", "{\"x\":1,"))).status, 200);
}

TEST_F(token_call, the_caller_s_own_credential_is_never_in_an_answer_or_the_store) {
    (void)ask_as_robot(secret_);
    state_.reset();
    for (const std::string file : {"/sluice.db", "/sluice.db-wal"})
        EXPECT_THAT(read_all(settings_.data_dir + file), Not(HasSubstr(secret_)));
}

} // namespace
} // namespace sluice::control::plane_oauth_test
