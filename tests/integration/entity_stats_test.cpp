// What an endpoint's metrics and logs say after real queries.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/waiting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::support::entity_stats_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class entity_statistics : public testing::Test {
protected:
    int ask(std::string_view body = chat_body("x")) const {
        return proxy_.post("/serving-endpoints/chat/invocations", body).status;
    }
    // Waits: the answer is out before it is counted.
    bool has(std::string_view wanted) const {
        return comes_true([&] { return metrics().find(wanted) != std::string::npos; });
    }
    std::string metrics() const { return proxy_.get("/api/2.0/serving-endpoints/chat/metrics").body; }
    std::string logs() const {
        return proxy_.get("/api/2.0/serving-endpoints/chat/served-models/gpt/logs").body;
    }
    static std::string line(std::string_view name, std::string_view entity, int value) {
        return std::string(name) + "{endpoint_name=\"chat\",served_entity_name=\"" + std::string(entity) +
               "\"} " + std::to_string(value) + "\n";
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(entity_statistics, each_query_is_counted_once_where_it_ended) {
    provider_.always().answer_json(chat_answer("hi"));
    proxy_.make_endpoint("chat", {entity(provider_.base_url(), "gpt")});
    EXPECT_EQ(ask(), 200);
    EXPECT_EQ(ask(), 200);
    EXPECT_EQ(ask(R"({"messages":7})"), 400);
    EXPECT_TRUE(has(line("request_latency_ms_count", "gpt", 2)));
    EXPECT_TRUE(has(line("model_prediction_latency_ms_count", "gpt", 2)));
    EXPECT_TRUE(has(line("model_queue_time_ms_count", "gpt", 2)));
    EXPECT_TRUE(has(line("request_latency_ms_count", "(none)", 1)));
    EXPECT_TRUE(has(line("model_prediction_latency_ms_count", "(none)", 0)));
}

TEST_F(entity_statistics, the_logs_name_failures_but_nothing_that_the_provider_said) {
    provider_.always().answer(
        500, "content-type: application/json\r\n", R"({"error":{"message":"your key sk-12345 is odd"}})");
    proxy_.make_endpoint("chat", {entity(provider_.base_url(), "gpt")});
    EXPECT_EQ(ask(), 500);
    EXPECT_TRUE(has(line("request_5xx_count_total", "gpt", 1)));
    EXPECT_THAT(logs(),
                AllOf(HasSubstr("status=500 error_code=INTERNAL_ERROR request_id="), Not(HasSubstr("sk-"))));
}

TEST_F(entity_statistics, what_the_client_did_wrong_is_in_no_log) {
    provider_.always().answer_json(chat_answer("hi"));
    proxy_.make_endpoint("chat", {entity(provider_.base_url(), "gpt")});
    EXPECT_EQ(ask(R"({"messages":7})"), 400);
    EXPECT_EQ(ask(), 200);
    EXPECT_TRUE(has(line("request_count_total", "gpt", 1)));
    EXPECT_THAT(logs(), HasSubstr(R"({"logs":""})"));
}

} // namespace
} // namespace sluice::support::entity_stats_test
