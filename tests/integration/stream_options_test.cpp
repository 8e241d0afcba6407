// A custom upstream that does not know stream_options, by which the gateway asks for a stream's usage, gets
// one second request without it, and is not asked again.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice::support::stream_options_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view refusal =
    R"({"error":{"message":"Unrecognized request argument supplied: stream_options"}})";
constexpr std::string_view tracked = R"(,"ai_gateway":{"usage_tracking_config":{"enabled":true}})";

std::string custom_entity(std::string_view url, std::string_view name = "qwen") {
    return joined({R"({"name":")",
                   name,
                   R"(","external_model":{"name":"qwen","provider":"custom","task":"llm/v1/chat",)",
                   R"("custom_provider_config":{"custom_provider_url":")",
                   url,
                   R"(/chat/completions","bearer_token_auth":{"token_plaintext":"token-0123456789"}}}})"});
}

// A stream request with more members.
std::string stream_body(std::string_view more = "") {
    return joined({R"({"messages":[{"role":"user","content":"x"}],"stream":true)", more, "}"});
}

class stream_options : public testing::Test {
protected:
    stream_options() { proxy_.make_endpoint("small", {custom_entity(provider_.base_url())}, "", tracked); }

    void refuse(int status = 400, std::string_view with = refusal) {
        provider_.when("stream_options").answer_json(with, status);
        provider_.always().stream(chat_stream({"hi"}));
    }
    answer ask(std::string_view body = stream_body()) const {
        return proxy_.post("/serving-endpoints/small/invocations", body);
    }
    void expect_whole(const answer& got) const {
        EXPECT_EQ(got.status, 200) << got.body;
        EXPECT_THAT(got.body, AllOf(HasSubstr(R"("content":"hi")"), EndsWith(done_event)));
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(stream_options, one_second_request_goes_without_and_the_next_ones_do_not_ask) {
    refuse();
    expect_whole(ask());
    const auto first = provider_.requests();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_THAT(first[0].body, HasSubstr(R"("stream_options":{"include_usage":true})"));
    EXPECT_EQ(first[1].body, R"({"model":"qwen","messages":[{"role":"user","content":"x"}],"stream":true})");
    EXPECT_EQ(first[0].connection, first[1].connection);
    expect_whole(ask());
    expect_whole(ask(stream_body(R"(,"n":1)")));
    EXPECT_EQ(provider_.request_count(), 4U);
    EXPECT_THAT(provider_.requests().back().body, Not(HasSubstr("stream_options")));
}

TEST_F(stream_options, every_form_of_the_refusal_is_understood) {
    constexpr std::string_view forbidden =
        R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"no"}]})";
    refuse(422, forbidden);
    expect_whole(ask());
    provider_.clear();
    proxy_.update_endpoint("small", {custom_entity(provider_.base_url(), "other")});
    provider_.when("stream_options")
        .send(joined({"HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n",
                      chunk("json: unknown field \"stream_"),
                      chunk("options\""),
                      "0\r\n\r\n"}));
    provider_.always().stream(chat_stream({"hi"}));
    expect_whole(ask());
}

TEST_F(stream_options, it_is_one_query_in_the_limits_the_counts_and_the_usage_table) {
    const answer limited =
        proxy_.call("PUT",
                    "/api/2.0/serving-endpoints/small/rate-limits",
                    R"({"rate_limits":[{"calls":2,"key":"endpoint","renewal_period":"minute"}]})");
    ASSERT_EQ(limited.status, 200) << limited.body;
    refuse();
    expect_whole(ask());
    expect_whole(ask());
    EXPECT_EQ(ask().status, 429);
    EXPECT_TRUE(proxy_.metric_becomes("sluice_upstream_attempts_total", 3));
    EXPECT_EQ(proxy_.metric("sluice_upstream_failures_total"), 0U);
    const answer table = proxy_.get("/api/2.0/sluice/usage");
    const boost::json::value rows = boost::json::parse(table.body).at("usage");
    std::vector<std::int64_t> statuses; // of several shards: in no order
    statuses.reserve(rows.as_array().size());
    for (const boost::json::value& row : rows.as_array())
        statuses.push_back(row.at("status_code").as_int64());
    EXPECT_THAT(statuses, testing::UnorderedElementsAre(200, 200, 429)) << table.body;
    const answer logs = proxy_.get("/api/2.0/serving-endpoints/small/served-models/qwen/logs");
    ASSERT_EQ(logs.status, 200) << logs.body;
    EXPECT_THAT(logs.body, Not(HasSubstr("status=")));
}

TEST_F(stream_options, what_the_client_has_asked_for_itself_is_its_own_error) {
    refuse();
    const std::string asked = stream_body(R"(,"stream_options":{"include_usage":true})");
    const answer own = ask(asked);
    EXPECT_EQ(own.status, 400);
    EXPECT_THAT(upstream_message(own), HasSubstr("stream_options"));
    EXPECT_EQ(provider_.request_count(), 1U);
    expect_whole(ask());
    EXPECT_EQ(ask(asked).status, 400);
    EXPECT_EQ(provider_.request_count(), 4U);
}

TEST_F(stream_options, other_options_of_the_client_go_as_it_gave_them) {
    provider_.when("include_usage\":true").answer_json(refusal, 400);
    provider_.always().stream(chat_stream({"hi"}));
    const std::string body = stream_body(R"(,"stream_options":{"include_usage":false,"x":1.0})");
    expect_whole(ask(body));
    EXPECT_THAT(provider_.requests().back().body,
                HasSubstr(R"("stream_options":{"include_usage":false,"x":1.0})"));
    expect_whole(ask(body));
    EXPECT_EQ(provider_.request_count(), 3U);
}

TEST_F(stream_options, other_errors_are_not_asked_twice) {
    provider_.when("first").answer_json(R"({"error":"bad"})", 400);
    provider_.when("second").answer_json(refusal, 500);
    provider_.when("third").answer_json(refusal, 400);
    EXPECT_EQ(ask(chat_body("first", true)).status, 400);
    EXPECT_EQ(ask(chat_body("second", true)).status, 500);
    EXPECT_EQ(ask(chat_body("third")).status, 400); // no stream
    EXPECT_EQ(provider_.request_count(), 3U);
}

TEST_F(stream_options, a_second_refusal_is_told_and_nothing_is_remembered) {
    provider_.when("stream_options").times(1).answer_json(refusal, 400);
    provider_.always().times(1).answer_json(R"({"error":{"message":"too long, says stream_options"}})", 400);
    const answer got = ask();
    EXPECT_EQ(got.status, 400);
    EXPECT_THAT(upstream_message(got), HasSubstr("too long"));
    EXPECT_EQ(provider_.request_count(), 2U);
    provider_.clear();
    provider_.always().stream(chat_stream({"hi"}));
    expect_whole(ask());
    EXPECT_THAT(provider_.requests().back().body, HasSubstr("stream_options"));
}

TEST_F(stream_options, a_new_config_asks_anew) {
    refuse();
    expect_whole(ask());
    proxy_.update_endpoint("small", {custom_entity(provider_.base_url(), "other")});
    expect_whole(ask());
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 4U);
    EXPECT_THAT(sent[2].body, HasSubstr("stream_options"));
}

TEST_F(stream_options, a_client_of_messages_is_served_too) {
    refuse();
    for (int i = 0; i < 2; ++i) {
        const answer got = proxy_.post(
            "/serving-endpoints/anthropic/v1/messages",
            R"({"model":"small","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"x"}]})");
        EXPECT_EQ(got.status, 200) << got.body;
        EXPECT_THAT(got.body, AllOf(HasSubstr(R"("text":"hi")"), HasSubstr("event: message_stop\n")));
    }
    EXPECT_EQ(provider_.request_count(), 3U);
}

TEST_F(stream_options, other_providers_get_no_second_request) {
    proxy_.make_endpoint("gpt", {entity(provider_.base_url())});
    refuse();
    EXPECT_EQ(proxy_.post("/serving-endpoints/gpt/invocations", stream_body()).status, 400);
    EXPECT_EQ(provider_.request_count(), 1U);
}

TEST_F(stream_options, what_many_find_out_at_once_is_known_to_all) {
    refuse();
    std::vector<std::thread> clients;
    clients.reserve(8);
    for (int i = 0; i < 8; ++i)
        clients.emplace_back([this] { expect_whole(ask()); });
    for (std::thread& each : clients)
        each.join();
    const std::size_t asked = provider_.request_count();
    EXPECT_LE(asked, 16U);
    expect_whole(ask());
    EXPECT_EQ(provider_.request_count(), asked + 1);
}

} // namespace
} // namespace sluice::support::stream_options_test
