#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::control::plane_observe_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class observe_calls : public plane_test {
protected:
    void SetUp() override {
        open_with_secret();
        ASSERT_EQ(create(endpoint_body("chat", entity("gpt"))).status, 200);
    }

    static std::string path(std::string_view rest) {
        return "/api/2.0/serving-endpoints/" + std::string(rest);
    }

    std::shared_ptr<model::entity_stats> stats_of(std::string_view endpoint) {
        return published(endpoint)->entities.front()->stats;
    }
};

TEST_F(observe_calls, metrics_have_the_type_that_the_caller_asked_for) {
    const auto plain = call("GET", path("chat/metrics"));
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(plain.content_type, "text/plain; version=0.0.4; charset=utf-8");
    auto request = make_request("GET", path("chat/metrics"), "", admin_user());
    request.accept = "application/openmetrics-text";
    const auto open = state_->answer(request).response;
    EXPECT_EQ(open.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    EXPECT_TRUE(open.body.ends_with("# EOF\n"));
}

TEST_F(observe_calls, an_endpoint_without_a_config_has_metrics_too) {
    ASSERT_EQ(create(R"({"name":"empty"})").status, 200);
    EXPECT_EQ(call("GET", path("empty/metrics")).status, 200);
    EXPECT_EQ(call("GET", path("none/metrics")).status, 404);
}

TEST_F(observe_calls, statistics_stay_over_updates_as_long_as_the_entity_keeps_its_name) {
    stats_of("chat")->slot(0, 1).add({.status = 200}, clock_.now());
    const std::string counted =
        "request_latency_ms_count{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 1\n";
    EXPECT_THAT(call("GET", path("chat/metrics")).body, HasSubstr(counted));
    ASSERT_EQ(put_config("chat", config_of(entity("gpt", R"({"openai_api_key_plaintext":"sk-2"})"))).status,
              200);
    EXPECT_THAT(call("GET", path("chat/metrics")).body, HasSubstr(counted));
    ASSERT_EQ(put_config("chat", config_of(entity("other"))).status, 200);
    ASSERT_EQ(put_config("chat", config_of(entity("gpt"))).status, 200);
    EXPECT_THAT(call("GET", path("chat/metrics")).body,
                HasSubstr("request_latency_ms_count{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 0\n"));
}

TEST_F(observe_calls, an_endpoint_made_again_begins_anew) {
    stats_of("chat")->slot(0, 1).add({.status = 200}, clock_.now());
    ASSERT_EQ(call("DELETE", path("chat")).status, 200);
    ASSERT_EQ(create(endpoint_body("chat", entity("gpt"))).status, 200);
    EXPECT_THAT(call("GET", path("chat/metrics")).body,
                HasSubstr("request_latency_ms_count{endpoint_name=\"chat\",served_entity_name=\"gpt\"} 0\n"));
}

TEST_F(observe_calls, logs_are_the_failures_of_the_provider_and_build_logs_are_empty) {
    EXPECT_EQ(call("GET", path("chat/served-models/gpt/logs")).body, R"({"logs":""})");
    stats_of("chat")->failed({1'700'000'000'045, 502, "INTERNAL_ERROR", "connect failed", "r-1"});
    stats_of("chat")->failed({1'700'000'001'000, 429, "REQUEST_LIMIT_EXCEEDED", "", "r-2"});
    EXPECT_EQ(at(call("GET", path("chat/served-models/gpt/logs")).body, "/logs"),
              "2023-11-14T22:13:20.045Z status=502 error_code=INTERNAL_ERROR request_id=r-1 connect failed\n"
              "2023-11-14T22:13:21.000Z status=429 error_code=REQUEST_LIMIT_EXCEEDED request_id=r-2"
              " the provider answered with an error\n");
    EXPECT_EQ(call("GET", path("chat/served-models/gpt/build-logs")).body, R"({"logs":""})");
}

TEST_F(observe_calls, logs_of_an_entity_or_endpoint_that_is_not_there_are_404) {
    for (const char* rest : {"logs", "build-logs"}) {
        const auto no_entity = call("GET", path("chat/served-models/other/") + rest);
        EXPECT_EQ(no_entity.status, 404);
        EXPECT_EQ(at(no_entity.body, "/error_code"), "RESOURCE_DOES_NOT_EXIST");
        EXPECT_EQ(call("GET", path("none/served-models/gpt/") + rest).status, 404);
    }
}

TEST_F(observe_calls, an_endpoint_has_an_openapi_document_of_its_queries) {
    const auto document = call("GET", path("chat/openapi"));
    EXPECT_EQ(document.status, 200);
    EXPECT_EQ(document.content_type, "application/json");
    EXPECT_EQ(at(document.body, "/openapi"), "3.1.0");
    EXPECT_EQ(at(document.body, "/info/title"), "chat");
    EXPECT_EQ(at(document.body, "/info/version"), "1");
    EXPECT_EQ(at(document.body, "/servers/0/url"), "http://gateway.example/serving-endpoints/chat");
    EXPECT_NE(at(document.body, "/paths/~1served-models~1gpt~1invocations/post"), "(none)");
    EXPECT_THAT(document.body, Not(HasSubstr("my_openai_api_key")));
    EXPECT_EQ(call("GET", path("none/openapi")).status, 404);
}

TEST_F(observe_calls, the_openapi_document_of_an_endpoint_needs_can_view) {
    const auto alice = make_user("alice@example.com");
    EXPECT_EQ(call("GET", path("chat/openapi"), "", alice).status, 403);
    ASSERT_EQ(grant("chat", R"("user_name":"alice@example.com")", "CAN_VIEW").status, 200);
    EXPECT_EQ(call("GET", path("chat/openapi"), "", alice).status, 200);
}

TEST_F(observe_calls, the_openapi_document_shows_the_config_that_serves) {
    ASSERT_EQ(create(R"({"name":"empty"})").status, 200);
    EXPECT_EQ(at(call("GET", path("empty/openapi")).body, "/paths"), "{}");
    ASSERT_EQ(put_config("chat", config_of(entity("new"))).status, 200);
    const std::string body = call("GET", path("chat/openapi")).body;
    EXPECT_EQ(at(body, "/info/version"), "2");
    EXPECT_EQ(at(body, "/paths/~1served-models~1gpt~1invocations"), "(none)");
    EXPECT_NE(at(body, "/paths/~1served-models~1new~1invocations"), "(none)");
}

TEST_F(observe_calls, the_whole_server_has_an_openapi_document_for_every_user) {
    const auto document = call("GET", "/openapi.json", "", make_user("alice@example.com"));
    EXPECT_EQ(document.status, 200);
    EXPECT_EQ(document.content_type, "application/json");
    EXPECT_EQ(at(document.body, "/servers/0/url"), "http://gateway.example");
}

} // namespace
} // namespace sluice::control::plane_observe_test
