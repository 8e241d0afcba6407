// ai_gateway, notifications, telemetry and provisioned throughput through the whole plane.
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::control::plane_gateway_test {
namespace {

const std::string everything_off =
    R"({"usage_tracking_config":{"enabled":false},"inference_table_config":{"catalog_name":"c","enabled":false},)"
    R"("guardrails":{"input":{"safety":false,"pii":{"behavior":"NONE"},"invalid_keywords":[]}},)"
    R"("fallback_config":{"enabled":false}})";

class gateway_calls : public plane_test {
protected:
    void SetUp() override {
        open_with_secret();
        ASSERT_EQ(create(endpoint_body("chat", entity("one"))).status, 200);
    }
    model::management_response put(std::string body,
                                   std::shared_ptr<const model::principal> who = admin_user()) {
        return call("PUT", path("ai-gateway"), std::move(body), std::move(who));
    }
    static std::string path(std::string_view call) {
        return "/api/2.0/serving-endpoints/chat/" + std::string(call);
    }
    std::string shown() { return at(get("chat").body, "/ai_gateway"); }
};

TEST_F(gateway_calls, ai_gateway_is_answered_as_it_is_stored_and_read_back) {
    const std::string limits =
        R"({"usage_tracking_config":{"enabled":true},"rate_limits":[{"calls":100,"key":"user","renewal_period":"minute"}]})";
    const auto answer = put(limits);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, limits);
    EXPECT_EQ(call("GET", path("ai-gateway")).body, limits);
    EXPECT_EQ(shown(), limits);
    EXPECT_EQ(at(call("GET", "/api/2.0/serving-endpoints").body, "/endpoints/0/ai_gateway"), limits);
    EXPECT_TRUE(published("chat")->usage_tracking);
    EXPECT_EQ(at(get("chat").body, "/config/config_version"), "1") << "no new version";
    restart();
    EXPECT_EQ(shown(), limits);
    EXPECT_TRUE(published("chat")->usage_tracking);
}

TEST_F(gateway_calls, parts_that_are_switched_off_are_kept_and_shown) {
    EXPECT_EQ(put(everything_off).body, everything_off);
    restart();
    EXPECT_EQ(shown(), everything_off);
    EXPECT_EQ(at(create(R"({"name":"y","ai_gateway":)" + everything_off + "}").body, "/ai_gateway"),
              everything_off);
}

TEST_F(gateway_calls, a_put_replaces_everything_and_an_empty_one_removes_it) {
    put(R"({"usage_tracking_config":{"enabled":true},"rate_limits":[{"calls":1,"renewal_period":"minute"}]})");
    EXPECT_EQ(put(R"({"fallback_config":{"enabled":"false"}})").body,
              R"({"fallback_config":{"enabled":false}})");
    EXPECT_FALSE(published("chat")->usage_tracking);
    EXPECT_TRUE(published("chat")->limits.empty());
    EXPECT_EQ(put("{}").body, "{}");
    EXPECT_EQ(shown(), "(none)");
    EXPECT_EQ(call("GET", path("ai-gateway")).body, "{}");
}

TEST_F(gateway_calls, a_refused_put_changes_nothing) {
    put(everything_off);
    EXPECT_EQ(put(R"({"fallback_config":{"enabled":true}})").status, 501);
    EXPECT_EQ(put(R"({"usage_tracking_config":5})").status, 400);
    EXPECT_EQ(
        put(R"({"rate_limits":[{"calls":1,"key":"user","principal":"nobody","renewal_period":"minute"}]})")
            .status,
        400);
    EXPECT_EQ(put("{}", bob()).status, 403);
    EXPECT_EQ(call("PUT", "/api/2.0/serving-endpoints/none/ai-gateway", "{}").status, 404);
    EXPECT_EQ(call("GET", "/api/2.0/serving-endpoints/none/ai-gateway").status, 404);
    EXPECT_EQ(shown(), everything_off);
}

TEST_F(gateway_calls, limits_for_named_principals_reach_the_data_plane_with_their_ids) {
    const std::string user =
        at(call("POST", "/api/2.0/preview/scim/v2/Users", R"({"userName":"carol@example.com"})").body, "/id");
    const std::string named =
        R"({"rate_limits":[{"calls":5,"key":"user","principal":"carol@example.com","renewal_period":"minute"},)"
        R"({"calls":9,"key":"user_group","principal":"users","renewal_period":"minute"}]})";
    EXPECT_EQ(put(named).body, named);
    const std::vector<model::rate_limit> expected{
        {model::limit_key::user, 5, user, "carol@example.com"},
        {model::limit_key::user_group, 9, std::string(model::users_group_id), "users"}};
    EXPECT_EQ(published("chat")->limits, expected);
    restart();
    EXPECT_EQ(published("chat")->limits, expected);
}

TEST_F(gateway_calls, the_deprecated_call_replaces_the_limits_and_nothing_else) {
    put(R"({"usage_tracking_config":{"enabled":true},"rate_limits":[{"calls":1,"renewal_period":"minute"}]})");
    const std::string limits = R"({"rate_limits":[{"calls":2,"key":"user","renewal_period":"minute"}]})";
    EXPECT_EQ(call("PUT", path("rate-limits"), limits).body, limits);
    EXPECT_EQ(
        shown(),
        R"({"usage_tracking_config":{"enabled":true},"rate_limits":[{"calls":2,"key":"user","renewal_period":"minute"}]})");
}

TEST_F(gateway_calls, auto_capture_that_is_switched_off_is_kept_with_its_config) {
    const std::string capture = R"({"catalog_name":"c","enabled":false})";
    const auto answer = put_config("chat", config_of(entity("one"), R"(,"auto_capture_config":)" + capture));
    EXPECT_EQ(at(answer.body, "/config/auto_capture_config"), capture) << answer.body;
    restart();
    EXPECT_EQ(at(get("chat").body, "/config/auto_capture_config"), capture);
    EXPECT_EQ(at(put_config("chat", config_of(entity("one"))).body, "/config/auto_capture_config"), "(none)");
}

TEST_F(gateway_calls, notifications_are_replaced_and_answered_with_the_name) {
    EXPECT_EQ(call("PATCH", path("notifications"), "{}").body, R"({"name":"chat"})");
    const std::string some =
        R"("email_notifications":{"on_update_success":["a@example.com"],"on_update_failure":[]})";
    EXPECT_EQ(call("PATCH", path("notifications"), "{" + some + "}").body, R"({"name":"chat",)" + some + "}");
    EXPECT_EQ(at(get("chat").body, "/email_notifications/on_update_success/0"), "a@example.com");
    EXPECT_EQ(call("PATCH", path("notifications"), "{}").body, R"({"name":"chat",)" + some + "}")
        << "nothing named, nothing changed";
    for (const std::string_view wrong :
         {R"(["no address"])", R"(["@b"])", R"(["a b@c"])", R"("a@b")", "[5]"}) {
        const std::string body =
            R"({"email_notifications":{"on_update_failure":)" + std::string(wrong) + "}}";
        EXPECT_EQ(call("PATCH", path("notifications"), body).status, 400) << wrong;
    }
    EXPECT_EQ(call("PATCH", path("notifications"), "{}", bob()).status, 403);
    restart();
    EXPECT_EQ(at(get("chat").body, "/email_notifications/on_update_success/0"), "a@example.com");
}

TEST_F(gateway_calls, telemetry_can_be_removed_but_not_set) {
    EXPECT_EQ(call("PATCH", path("telemetry-config"), "{}").body, get("chat").body);
    EXPECT_EQ(call("PATCH", path("telemetry-config"), R"({"telemetry_config":{}})").status, 200);
    const auto refused =
        call("PATCH", path("telemetry-config"), R"({"telemetry_config":{"telemetry_profile_id":"p"}})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(at(refused.body, "/error_code"), "INVALID_PARAMETER_VALUE");
    EXPECT_EQ(call("PATCH", path("telemetry-config"), "{}", bob()).status, 403);
    settings_.update_delay = milliseconds(1000);
    restart();
    ASSERT_EQ(put_config("chat", config_of(entity("two"))).status, 200);
    EXPECT_EQ(call("PATCH", path("telemetry-config"), "{}").status, 409);
    clock_.passed += milliseconds(1000);
    EXPECT_EQ(call("PATCH", path("telemetry-config"), "{}").status, 200);
}

TEST_F(gateway_calls, a_route_optimized_endpoint_says_where_and_how_it_is_queried) {
    const auto made =
        create(R"({"name":"fast","route_optimized":"true","config":)" + config_of(entity("one")) + "}");
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string url = "http://gateway.example/serving-endpoints/fast/invocations";
    EXPECT_EQ(at(made.body, "/route_optimized"), "true");
    EXPECT_EQ(at(made.body, "/endpoint_url"), url);
    EXPECT_EQ(at(made.body, "/data_plane_info/query_info/endpoint_url"), url);
    const std::string details = at(made.body, "/data_plane_info/query_info/authorization_details");
    EXPECT_NE(details.find(at(made.body, "/id")), std::string::npos) << details;
    EXPECT_NE(details.find("query_inference_endpoint"), std::string::npos) << details;
    put_config("fast", config_of(entity("two"), R"(,"route_optimized":false)"));
    restart();
    EXPECT_EQ(at(get("fast").body, "/route_optimized"), "true") << "it never changes";
    EXPECT_EQ(at(get("chat").body, "/endpoint_url"), "(none)");
    const auto inside =
        create(R"({"name":"in","config":)" + config_of(entity("one"), R"(,"route_optimized":true)") + "}");
    EXPECT_EQ(at(inside.body, "/route_optimized"), "true") << inside.body;
}

TEST_F(gateway_calls, provisioned_throughput_is_checked_and_then_missing) {
    const std::string entities =
        R"({"served_entities":[{"entity_name":"m","entity_version":"1","provisioned_model_units":"50"}]})";
    const std::string pt = "/api/2.0/serving-endpoints/pt";
    const std::string whole = R"({"name":"x","config":)" + entities + "}";
    const auto lacking = call("POST", pt, whole);
    EXPECT_EQ(lacking.status, 501);
    EXPECT_EQ(at(lacking.body, "/error_code"), "NOT_IMPLEMENTED");
    EXPECT_EQ(call("POST", pt, whole, bob()).status, 403);
    for (
        const std::string& wrong :
        {std::string("{}"),
         R"({"config":)" + entities + "}",
         std::string(R"({"name":"x"})"),
         std::string(R"({"name":"x","config":{"served_entities":[]}})"),
         std::string(R"({"name":"x","config":{"served_entities":[{"entity_name":"m"}]}})"),
         std::string(R"({"name":"x","config":{"served_entities":[{"provisioned_model_units":1}]}})"),
         std::string(
             R"({"name":"x","config":{"served_entities":[{"entity_name":"m","provisioned_model_units":-1}]}})"),
         R"({"name":"x","tags":5,"config":)" + entities + "}"}) {
        EXPECT_EQ(call("POST", pt, wrong).status, 400) << wrong;
    }
    create(R"({"name":"empty"})");
    EXPECT_EQ(call("PUT", pt + "/empty/config", R"({"config":)" + entities + "}").status, 501);
    EXPECT_EQ(call("PUT", pt + "/empty/config", entities).status, 400);
    EXPECT_EQ(call("PUT", pt + "/chat/config", R"({"config":)" + entities + "}").status, 400);
    EXPECT_EQ(call("PUT", pt + "/chat/config", R"({"config":)" + entities + "}", bob()).status, 403);
    EXPECT_EQ(call("PUT", pt + "/none/config", R"({"config":)" + entities + "}").status, 404);
    EXPECT_EQ(call("GET", "/api/2.0/serving-endpoints/get-model-optimization-info/m/1", "", bob()).status,
              501);
}

} // namespace
} // namespace sluice::control::plane_gateway_test
