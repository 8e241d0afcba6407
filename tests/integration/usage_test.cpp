// Usage tracking through the whole gateway: one row for each request, whatever became of it.
#include "proxy/gateway.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sluice::support::usage_test {
namespace {

using testing::HasSubstr;
namespace bj = boost::json;

constexpr std::string_view tracked = R"(,"ai_gateway":{"usage_tracking_config":{"enabled":true}})";
constexpr std::string_view usage_path = "/api/2.0/sluice/usage";

std::string with_usage(std::string_view content, int prompt, int completion) {
    std::string out = chat_answer(content);
    const std::string usage = R"("usage":{"prompt_tokens":)" + std::to_string(prompt) +
                              R"(,"completion_tokens":)" + std::to_string(completion) +
                              R"(,"total_tokens":)" + std::to_string(prompt + completion) + "}";
    const bj::value tree = bj::parse(out);
    bj::object object = tree.as_object();
    object["usage"] = bj::parse("{" + usage + "}").at("usage");
    return bj::serialize(object);
}

bj::array rows(const gateway& proxy, std::string_view query = "?order=ascending") {
    const answer got = proxy.get(std::string(usage_path) + std::string(query));
    EXPECT_EQ(got.status, 200) << got.body;
    return bj::parse(got.body).at("usage").as_array();
}

class usage : public testing::Test {
protected:
    usage() { proxy_.make_endpoint("chat", {entity(provider_.base_url())}, "", tracked); }

    [[nodiscard]] answer ask(std::string_view body) const {
        return proxy_.post("/serving-endpoints/chat/invocations", body);
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(usage, a_json_answer_leaves_a_row_with_its_tokens_and_labels) {
    provider_.always().answer_json(with_usage("hi", 9, 4));
    const answer got = ask(R"({"messages":[{"role":"user","content":"x"}],"client_request_id":"mine",)"
                           R"("usage_context":{"team":"a"}})");
    ASSERT_EQ(got.status, 200);
    const bj::array all = rows(proxy_);
    ASSERT_EQ(all.size(), 1U);
    const bj::value& row = all[0];
    EXPECT_EQ(row.at("databricks_request_id").as_string(), got.field("x-request-id").c_str());
    EXPECT_EQ(row.at("client_request_id").as_string(), "mine");
    EXPECT_EQ(bj::serialize(row.at("usage_context")), R"({"team":"a"})");
    EXPECT_EQ(row.at("status_code").as_int64(), 200);
    EXPECT_EQ(row.at("input_token_count").as_int64(), 9);
    EXPECT_EQ(row.at("output_token_count").as_int64(), 4);
    EXPECT_FALSE(row.at("request_streaming").as_bool());
    EXPECT_EQ(row.at("endpoint_name").as_string(), "chat");
    const bj::value entities = bj::parse(proxy_.get("/api/2.0/sluice/served-entities").body);
    EXPECT_EQ(row.at("served_entity_id"), entities.at("served_entities").at(0).at("served_entity_id"));
    EXPECT_EQ(provider_.requests().at(0).body.find("usage_context"), std::string::npos);
}

TEST_F(usage, a_call_of_another_api_leaves_its_labels_whether_it_is_translated_or_not) {
    provider_.when("/v1/responses")
        .answer_json(R"({"object":"response","id":"resp_1","status":"completed","output":[],"usage":null})");
    provider_.always().answer_json(with_usage("hi", 9, 4));
    constexpr std::string_view labels = R"("client_request_id":"mine","usage_context":{"team":"a"}})";
    const std::string response = std::string(R"({"model":"chat","input":"x",)").append(labels);
    const std::string message =
        std::string(R"({"model":"chat","max_tokens":9,"messages":[{"role":"user","content":"x"}],)")
            .append(labels);
    ASSERT_EQ(proxy_.post("/serving-endpoints/responses", response).status, 200);
    ASSERT_EQ(proxy_.post("/serving-endpoints/anthropic/v1/messages", message).status, 200);
    const bj::array all = rows(proxy_);
    ASSERT_EQ(all.size(), 2U);
    for (const bj::value& row : all) {
        EXPECT_EQ(row.at("client_request_id").as_string(), "mine");
        EXPECT_EQ(bj::serialize(row.at("usage_context")), R"({"team":"a"})");
    }
    for (const received& each : provider_.requests()) {
        EXPECT_EQ(each.body.find("usage_context"), std::string::npos) << each.body;
        EXPECT_EQ(each.body.find("client_request_id"), std::string::npos) << each.body;
    }
}

TEST_F(usage, a_stream_leaves_a_row_with_the_time_of_its_first_event) {
    provider_.always().stream(chat_stream({"a", "b"}));
    const answer got = ask(chat_body("x", true));
    ASSERT_THAT(got.body, HasSubstr("[DONE]"));
    const bj::array all = rows(proxy_);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_TRUE(all[0].at("request_streaming").as_bool());
    EXPECT_EQ(all[0].at("status_code").as_int64(), 200);
    EXPECT_TRUE(all[0].at("time_to_first_byte_ms").is_int64());
}

TEST_F(usage, a_stream_that_broke_has_the_status_that_it_ended_with) {
    provider_.always().stream_head().send_chunk(event("a")).close();
    ASSERT_EQ(ask(chat_body("x", true)).status, 200);
    const bj::array all = rows(proxy_);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].at("status_code").as_int64(), 502);
}

TEST_F(usage, refused_and_failed_requests_leave_rows_too) {
    provider_.always().answer(503, "", "down");
    EXPECT_EQ(ask(R"({"messages":5})").status, 400);
    EXPECT_EQ(ask(chat_body("x")).status, 503);
    EXPECT_EQ(proxy_.post("/api/2.0/serving-endpoints/chat", "").status, 404);
    // Rows of two shards come in any order.
    bj::array all = rows(proxy_);
    ASSERT_EQ(all.size(), 2U);
    if (all[0].at("status_code").as_int64() != 400) std::swap(all[0], all[1]);
    EXPECT_EQ(all[0].at("status_code").as_int64(), 400);
    EXPECT_TRUE(all[0].at("served_entity_id").is_null());
    EXPECT_TRUE(all[0].at("input_token_count").is_null());
    EXPECT_EQ(all[1].at("status_code").as_int64(), 503);
    EXPECT_TRUE(all[1].at("served_entity_id").is_string());
}

TEST_F(usage, a_client_that_leaves_inside_a_stream_leaves_a_row_with_499) {
    provider_.always().stream_head().send_chunk(event("a")).stall();
    raw_client client = proxy_.connect();
    client.send(chat_request("chat", "x", true));
    EXPECT_THAT(client.read_until("\n\n\r\n"), HasSubstr("data:"));
    client.close();
    ASSERT_TRUE(proxy_.metric_becomes("sluice_client_gone_total", 1));
    const bj::array all = rows(proxy_);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].at("status_code").as_int64(), 499);
}

TEST_F(usage, an_endpoint_that_is_not_tracked_leaves_none) {
    provider_.always().answer_json(chat_answer("hi"));
    proxy_.make_endpoint("quiet", {entity(provider_.base_url())});
    EXPECT_EQ(proxy_.post("/serving-endpoints/quiet/invocations", chat_body("x")).status, 200);
    EXPECT_TRUE(rows(proxy_).empty());
    EXPECT_EQ(proxy_.metric("sluice_usage_rows_total"), 0U);
}

TEST_F(usage, the_row_of_an_answer_that_was_read_is_seen_by_the_next_query) {
    provider_.always().answer_json(chat_answer("hi"));
    for (std::size_t i = 1; i <= 50; ++i) {
        ASSERT_EQ(ask(chat_body("x")).status, 200);
        ASSERT_EQ(rows(proxy_).size(), i);
    }
}

TEST_F(usage, the_table_can_be_had_as_csv) {
    provider_.always().answer_json(chat_answer("hi"));
    ASSERT_EQ(ask(R"({"messages":[{"role":"user","content":"x"}],"client_request_id":"=1+1"})").status, 200);
    raw_client client = proxy_.connect();
    client.send(request("GET", usage_path, "", "Accept: text/csv\r\n"));
    const answer got = client.read_answer();
    EXPECT_EQ(got.field("content-type"), "text/csv; charset=utf-8");
    EXPECT_THAT(got.body, HasSubstr(R"(,"'=1+1",)"));
}

// Thousands of requests from several clients, then a stop: each that was answered has its row after a
// restart.
TEST(usage_at_the_stop, loses_no_row_of_an_answered_request) {
    constexpr int clients = 4;
    constexpr int each = 750;
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    const data_directory data;
    const auto on_this = [&](proxy::settings& s) { s.data_dir = data.path(); };
    {
        const gateway first(on_this);
        first.make_endpoint("chat", {entity(provider.base_url())}, "", tracked);
        std::vector<std::thread> all;
        all.reserve(clients);
        for (int i = 0; i < clients; ++i) {
            all.emplace_back([&first] {
                raw_client client = first.connect();
                for (int n = 0; n < each; ++n) {
                    client.send(chat_request("chat"));
                    ASSERT_EQ(client.read_answer().status, 200);
                }
            });
        }
        for (std::thread& one : all)
            one.join();
        first.real().drain_and_stop();
    }
    const gateway second(on_this);
    EXPECT_EQ(rows(second, "?max_results=10000").size(), static_cast<std::size_t>(clients * each));
    EXPECT_EQ(second.metric("sluice_usage_dropped_total"), 0U);
}

} // namespace
} // namespace sluice::support::usage_test
