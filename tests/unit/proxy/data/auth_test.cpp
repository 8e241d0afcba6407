#include "core/base/base64.hpp"
#include "core/base/jwt.hpp"
#include "proxy/data/auth.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sluice::data::auth_test {
namespace {

constexpr wall_ms now = 1'700'000'000'000;

http::request_head head_of(http::field_list fields) {
    http::request_head head;
    head.host = "g";
    head.fields = std::move(fields);
    return head;
}

class auth : public testing::Test {
protected:
    auth() {
        config_.workspace_id = "7000000000000001";
        config_.signing_key = std::make_shared<const secret_string>(key_text);
        add("good-token", "alice", -1);
        add("short-lived", "bob", now + 1000);
        add("expired", "carol", now);
    }
    static model::access_claims claims_of(std::string who) {
        return {.subject = std::move(who),
                .audience = "7000000000000001",
                .token_id = "j1",
                .issued = now / 1000,
                .expires = now / 1000 + 3600};
    }
    std::string token_of(const model::access_claims& claims, std::string_view key = key_text) {
        hmac_sha256 signer{secret_string(key)};
        return model::issue_access_token(claims, signer).value_or("(none)");
    }
    void add(const std::string& text, const std::string& who, wall_ms expires) {
        auto principal = std::make_shared<model::principal>();
        principal->id = who;
        principal->user_name = who;
        config_.principals = config_.principals.with(who, principal);
        model::token token;
        token.owner = who;
        token.expires_ms = expires;
        config_.tokens = config_.tokens.with(std::string(as_text(token_digest(text))), token);
    }
    // The user's name, or the error's sentence.
    std::string who(std::string_view authorization, wall_ms when = now) {
        const auto found =
            authenticate(head_of({{"Host", "g"}, {"Authorization", authorization}}), config_, checker_, when);
        if (!found) {
            EXPECT_EQ(found.error().code, errc::unauthenticated);
        }
        return found ? found->who->user_name : found.error().message;
    }

    static constexpr std::string_view key_text = "0123456789abcdef0123456789abcdef";
    model::credential_checker checker_;
    model::snapshot config_;
};

constexpr std::string_view invalid = "Invalid access token.";
constexpr std::string_view unsupported =
    "Credential was not sent or was of an unsupported type for this API.";

TEST_F(auth, a_bearer_token_is_found_whatever_the_case_of_the_scheme) {
    for (const std::string scheme : {"Bearer ", "bearer ", "BEARER ", "Bearer   "})
        EXPECT_EQ(who(scheme + "good-token"), "alice");
}

TEST_F(auth, basic_with_the_user_token_is_the_same_token) {
    EXPECT_EQ(who("Basic " + base64_encode("token:good-token")), "alice");
    EXPECT_EQ(who("basic " + base64_encode("token:good-token")), "alice");
    EXPECT_EQ(who("Basic " + base64_encode("token:other")), invalid);
}

TEST_F(auth, two_credentials_are_none) {
    const http::request_head head = head_of(
        {{"Authorization", "Bearer good-token"}, {"Host", "g"}, {"authorization", "Bearer good-token"}});
    const auto found = authenticate(head, config_, checker_, now);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, errc::bad_request);
}

TEST_F(auth, basic_of_another_form_is_not_supported) {
    for (const std::string text : {"alice:good-token", "good-token", "Token:good-token", "", "token"})
        EXPECT_EQ(who("Basic " + base64_encode(text)), unsupported) << text;
    EXPECT_EQ(who("Basic !!!!"), unsupported);
    EXPECT_EQ(who("Basic " + std::string(20'000, 'A')), unsupported);
}

TEST_F(auth, an_unknown_token_is_invalid) {
    for (const std::string token : {"other", "good-toke", "good-token ", "good-token,", "GOOD-TOKEN"})
        EXPECT_EQ(who("Bearer " + token), invalid) << token;
}

TEST_F(auth, a_token_is_good_until_its_time_has_come) {
    EXPECT_EQ(who("Bearer short-lived"), "bob");
    EXPECT_EQ(who("Bearer short-lived", now + 999), "bob");
    EXPECT_EQ(who("Bearer short-lived", now + 1000), invalid);
    EXPECT_EQ(who("Bearer expired"), invalid);
}

TEST_F(auth, anything_else_is_not_supported) {
    for (const std::string_view field :
         {"", "Bearer", "good-token", "Digest good-token", "Bearergood-token", "Bearer\tgood-token"})
        EXPECT_EQ(who(field), unsupported) << field;
    const auto found = authenticate(head_of({{"Host", "g"}}), config_, checker_, now);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().message, unsupported);
}

TEST_F(auth, an_access_token_is_as_good_as_a_personal_one) {
    const std::string token = token_of(claims_of("alice"));
    EXPECT_EQ(who("Bearer " + token), "alice");
    EXPECT_EQ(who("Basic " + base64_encode("token:" + token)), "alice");
}

TEST_F(auth, an_access_token_has_its_time) {
    const std::string token = token_of(claims_of("alice"));
    EXPECT_EQ(who("Bearer " + token, now + 3'599'999), "alice");
    EXPECT_EQ(who("Bearer " + token, now + 3'600'000), invalid);
    EXPECT_EQ(who("Bearer " + token, now - 60'000), "alice"); // a clock that was set back a little
    EXPECT_EQ(who("Bearer " + token, now - 60'001), invalid);
}

TEST_F(auth, an_access_token_of_another_workspace_or_key_is_invalid) {
    model::access_claims elsewhere = claims_of("alice");
    elsewhere.audience = "7000000000000002";
    EXPECT_EQ(who("Bearer " + token_of(elsewhere)), invalid);
    EXPECT_EQ(who("Bearer " + token_of(claims_of("alice"), "0123456789abcdef0123456789abcdeX")), invalid);
}

TEST_F(auth, an_access_token_dies_with_its_principal) {
    const std::string token = token_of(claims_of("alice"));
    EXPECT_EQ(who("Bearer " + token), "alice");
    config_.principals = config_.principals.without("alice");
    EXPECT_EQ(who("Bearer " + token), invalid);
    EXPECT_EQ(who("Bearer " + token_of(claims_of("never-there"))), invalid);
}

TEST_F(auth, access_tokens_follow_the_key_of_the_snapshot) {
    const std::string token = token_of(claims_of("alice"));
    EXPECT_EQ(who("Bearer " + token), "alice");
    config_.signing_key = std::make_shared<const secret_string>("another key of the same size....");
    EXPECT_EQ(who("Bearer " + token), invalid);
    config_.signing_key = nullptr;
    EXPECT_EQ(who("Bearer " + token), invalid);
    config_.signing_key = std::make_shared<const secret_string>(key_text);
    EXPECT_EQ(who("Bearer " + token), "alice");
}

TEST_F(auth, a_token_in_the_form_of_an_access_token_is_not_looked_up_among_personal_ones) {
    const std::string forged = token_of(claims_of("alice"), "guessed");
    add(forged, "bob", -1);
    EXPECT_EQ(who("Bearer " + forged), invalid);
}

TEST_F(auth, limits_of_an_access_token_come_with_the_caller) {
    model::access_claims claims = claims_of("alice");
    claims.endpoint_id = "e1";
    claims.scope = model::token_scope::model_serving;
    const std::string field = "Bearer " + token_of(claims);
    const auto by = authenticate(head_of({{"Authorization", field}}), config_, checker_, now);
    ASSERT_TRUE(by);
    EXPECT_EQ(by->only_endpoint, "e1");
    EXPECT_EQ(by->scope, model::token_scope::model_serving);
    const auto personal =
        authenticate(head_of({{"Authorization", "Bearer good-token"}}), config_, checker_, now);
    ASSERT_TRUE(personal);
    EXPECT_EQ(personal->only_endpoint, "");
    EXPECT_EQ(personal->scope, model::token_scope::all_apis);
}

std::shared_ptr<const model::principal> user_seven() {
    return std::make_shared<const model::principal>(model::principal{"7", "g@example.com", "G"});
}

TEST(caller, who_has_no_grant_to_query_may_not) {
    const model::caller by{user_seven(), "", model::token_scope::all_apis};
    model::endpoint to;
    to.name = "chat";
    to.acl = {{"8", model::permission::can_manage}, {"7", model::permission::can_view}};
    const auto refused = check_may_query(by, to);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::permission_denied);
    EXPECT_EQ(refused.error().message, "You need CAN_QUERY on the endpoint 'chat'.");
    to.acl.push_back({"7", model::permission::can_query});
    EXPECT_TRUE(check_may_query(by, to));
}

TEST(caller, a_token_for_one_endpoint_queries_it_and_does_nothing_else) {
    model::endpoint own;
    own.id = "e1";
    own.acl = {{"7", model::permission::can_query}};
    model::endpoint other = own;
    other.id = "e2";
    const model::caller limited{user_seven(), "e1", model::token_scope::all_apis};
    EXPECT_TRUE(check_may_query(limited, own));
    const auto elsewhere = check_may_query(limited, other);
    ASSERT_FALSE(elsewhere);
    EXPECT_EQ(elsewhere.error().code, errc::permission_denied);
    for (const std::string_view path :
         {"/api/2.0/serving-endpoints/e1", "/api/2.0/token/create", "/metrics", "/"})
        EXPECT_FALSE(check_may_call(limited, path)) << path;
    const model::caller free{user_seven(), "", model::token_scope::all_apis};
    EXPECT_TRUE(check_may_query(free, other));
    EXPECT_TRUE(check_may_call(free, "/metrics"));
}

TEST(caller, the_scope_model_serving_includes_the_serving_calls_only) {
    const model::caller serving{user_seven(), "", model::token_scope::model_serving};
    model::endpoint open;
    open.acl = {{"7", model::permission::can_query}};
    EXPECT_TRUE(check_may_query(serving, open));
    for (const std::string_view path : {"/api/2.0/serving-endpoints",
                                        "/api/2.0/serving-endpoints/",
                                        "/api/2.0/serving-endpoints/chat/config",
                                        "/api/2.0/permissions/serving-endpoints/1",
                                        "/api/2.0/endpoints/chat",
                                        "/serving-endpoints/models",
                                        "/ai-gateway/mlflow/v1/models"})
        EXPECT_TRUE(check_may_call(serving, path)) << path;
    for (const std::string_view path : {"/api/2.0/serving-endpoints-x",
                                        "/api/2.0/serving%2Dendpoints",
                                        "/api/2.0/secrets/get",
                                        "/api/2.0/token/create",
                                        "/api/2.0/preview/scim/v2/Users",
                                        "/api/2.0/accounts/servicePrincipals/1/credentials/secrets",
                                        "/openapi.json",
                                        "/metrics"}) {
        const auto denied = check_may_call(serving, path);
        ASSERT_FALSE(denied) << path;
        EXPECT_EQ(denied.error().code, errc::permission_denied);
    }
}

} // namespace
} // namespace sluice::data::auth_test
