// The history of metrics and the summary of usage through the whole gateway.
#include "proxy/gateway.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace sluice::support::metrics_history_test {
namespace {

using testing::HasSubstr;
namespace bj = boost::json;

constexpr std::string_view ours = "/api/2.0/sluice/serving-endpoints/chat/";

bj::value parsed(const answer& got) {
    EXPECT_EQ(got.status, 200) << got.body;
    boost::json::error_code failed;
    return bj::parse(got.body, failed);
}

std::string path(std::string_view rest) {
    return joined({ours, rest});
}

class metrics_history : public testing::Test {
protected:
    metrics_history() { start(); }
    void start() {
        proxy_.reset();
        proxy_ = std::make_unique<gateway>([&](proxy::settings& s) { s.data_dir = data_.path(); });
    }
    answer ask(std::string_view body) const {
        return proxy_->post("/serving-endpoints/chat/invocations", body);
    }
    // The last hour, in two steps perhaps: the sum over them counts.
    bj::value history() const { return parsed(proxy_->get(path("metrics-history?step_seconds=3600"))); }
    static std::int64_t sum(const bj::value& series, std::string_view key) {
        std::int64_t out = 0;
        for (const bj::value& one : series.at(bj::string_view(key.data(), key.size())).as_array())
            out += one.as_int64();
        return out;
    }
    static bool measured(const bj::value& series, std::string_view key) {
        for (const bj::value& one : series.at(bj::string_view(key.data(), key.size())).as_array()) {
            if (!one.is_null()) return one.to_number<double>() > 0;
        }
        return false;
    }

    data_directory data_;
    fake_upstream provider_;
    std::unique_ptr<gateway> proxy_;
};

constexpr std::string_view counted =
    R"({"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}})";

TEST_F(metrics_history, has_every_query_whatever_became_of_it) {
    provider_.when("broken").answer(503, "", "down");
    provider_.when("\"stream\":true").stream(chat_stream({"a", "b"}));
    provider_.always().answer_json(counted);
    proxy_->make_endpoint("chat",
                          {entity(provider_.base_url(), "gpt")},
                          "",
                          R"(,"rate_limits":[{"calls":5,"key":"endpoint","renewal_period":"minute"}])");
    EXPECT_EQ(ask(chat_body("x")).status, 200);
    EXPECT_EQ(ask(chat_body("x")).status, 200);
    EXPECT_THAT(ask(chat_body("x", true)).body, HasSubstr("[DONE]"));
    EXPECT_EQ(ask(chat_body("broken")).status, 503);
    EXPECT_EQ(ask(R"({"messages":7})").status, 400);
    EXPECT_EQ(ask(chat_body("x")).status, 200);
    EXPECT_EQ(ask(chat_body("x")).status, 429);
    const bj::value got = history();
    ASSERT_EQ(got.at("entities").as_array().size(), 1U);
    const bj::value& gpt = got.at("entities").at(0);
    const bj::value& total = got.at("total");
    EXPECT_EQ(gpt.at("name").as_string(), "gpt");
    EXPECT_EQ(sum(gpt, "requests"), 5);
    EXPECT_EQ(sum(gpt, "errors_5xx"), 1);
    EXPECT_EQ(sum(gpt, "errors_4xx"), 0);
    EXPECT_EQ(sum(gpt, "rate_limited"), 0);
    EXPECT_EQ(sum(gpt, "input_tokens"), 27);
    EXPECT_EQ(sum(gpt, "output_tokens"), 12);
    EXPECT_EQ(sum(total, "requests"), 7);
    EXPECT_EQ(sum(total, "errors_4xx"), 2);
    EXPECT_EQ(sum(total, "errors_5xx"), 1);
    EXPECT_EQ(sum(total, "rate_limited"), 1);
    for (const char* key : {"latency_p50_ms", "latency_p99_ms", "first_token_p50_ms", "overhead_p50_us"}) {
        EXPECT_TRUE(measured(gpt, key)) << key;
        EXPECT_EQ(total.at(key).as_array().size(), got.at("times").as_array().size());
    }
}

TEST_F(metrics_history, the_wait_for_the_provider_is_not_overhead) {
    constexpr double pause_us = 300'000;
    provider_.when("\"stream\":true").stream(chat_stream({"a", "b"}), std::chrono::milliseconds(300));
    provider_.always().pause(std::chrono::milliseconds(300)).answer_json(counted);
    proxy_->make_endpoint("chat", {entity(provider_.base_url(), "gpt")});
    EXPECT_EQ(ask(chat_body("x")).status, 200);
    EXPECT_THAT(ask(chat_body("x", true)).body, HasSubstr("[DONE]"));
    const bj::value got = history();
    for (const bj::value& one : got.at("total").at("overhead_p99_us").as_array()) {
        if (!one.is_null()) {
            EXPECT_LT(one.to_number<double>(), pause_us);
        }
    }
    for (const bj::value& one : got.at("total").at("latency_p50_ms").as_array()) {
        if (!one.is_null()) {
            EXPECT_GT(one.to_number<double>(), pause_us / 1100);
        }
    }
}

TEST_F(metrics_history, the_answer_that_was_read_is_in_it) {
    provider_.always().answer_json(counted);
    proxy_->make_endpoint("chat", {entity(provider_.base_url(), "gpt")});
    for (int i = 1; i <= 20; ++i) {
        ASSERT_EQ(ask(chat_body("x")).status, 200);
        ASSERT_EQ(sum(history().at("total"), "requests"), i);
    }
}

TEST_F(metrics_history, it_survives_restarts_and_config_updates_and_goes_with_the_endpoint) {
    provider_.always().answer_json(counted);
    proxy_->make_endpoint("chat", {entity(provider_.base_url(), "old")});
    EXPECT_EQ(ask(chat_body("x")).status, 200);
    EXPECT_EQ(ask(chat_body("x")).status, 200);
    start();
    EXPECT_EQ(sum(history().at("total"), "requests"), 2);
    proxy_->update_endpoint("chat", {entity(provider_.base_url(), "new")});
    EXPECT_EQ(ask(chat_body("x")).status, 200);
    const bj::value got = history();
    EXPECT_EQ(sum(got.at("total"), "requests"), 3);
    ASSERT_EQ(got.at("entities").as_array().size(), 2U);
    EXPECT_EQ(got.at("entities").at(0).at("name").as_string(), "new");
    EXPECT_EQ(sum(got.at("entities").at(0), "requests"), 1);
    EXPECT_EQ(sum(got.at("entities").at(1), "requests"), 2);
    EXPECT_EQ(proxy_->call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    proxy_->make_endpoint("chat", {entity(provider_.base_url(), "old")});
    EXPECT_EQ(sum(history().at("total"), "requests"), 0);
    start();
    EXPECT_EQ(sum(history().at("total"), "requests"), 0);
}

TEST(usage_summary, counts_what_the_table_has) {
    fake_upstream provider;
    provider.always().answer_json(counted);
    const gateway proxy;
    proxy.make_endpoint("chat",
                        {entity(provider.base_url(), "gpt")},
                        "",
                        R"(,"ai_gateway":{"usage_tracking_config":{"enabled":true}})");
    for (int i = 1; i <= 3; ++i)
        EXPECT_EQ(proxy.post("/serving-endpoints/chat/invocations", chat_body("x")).status, 200);
    EXPECT_EQ(proxy.post("/serving-endpoints/chat/invocations", R"({"messages":7})").status, 400);
    const std::string summary = "/api/2.0/sluice/usage/summary?endpoint=chat";
    EXPECT_EQ(proxy.get(summary).body,
              R"({"rows":[{"key":"admin","requests":4,"errors":1,"input_tokens":27,"output_tokens":12}],)"
              R"("truncated":false})");
    EXPECT_EQ(proxy.get(summary + "&group_by=entity").body,
              R"x({"rows":[{"key":"gpt","requests":3,"errors":0,"input_tokens":27,"output_tokens":12},)x"
              R"x({"key":"(none)","requests":1,"errors":1,"input_tokens":0,"output_tokens":0}],)x"
              R"x("truncated":false})x");
}

} // namespace
} // namespace sluice::support::metrics_history_test
