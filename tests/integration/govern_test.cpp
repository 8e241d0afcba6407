// Limits, traffic splits and live updates, through the whole gateway.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <map>

namespace sluice::support::govern_test {
namespace {

using testing::HasSubstr;

std::string limits(int calls, std::string_view key = "endpoint") {
    return R"("rate_limits":[{"calls":)" + std::to_string(calls) + R"(,"key":")" + std::string(key) +
           R"(","renewal_period":"minute"}])";
}

class govern : public testing::Test {
protected:
    govern() { provider_.always().answer_json(chat_answer("hi")); }

    int ask(std::string_view endpoint = "chat") const {
        return proxy_.post("/serving-endpoints/" + std::string(endpoint) + "/invocations", chat_body("x"))
            .status;
    }

    fake_upstream provider_;
    gateway proxy_;
};

// --- limits
// ------------------------------------------------------------------------------------------------------------

TEST_F(govern, calls_beyond_the_limit_are_429_with_whole_seconds_to_wait) {
    proxy_.make_endpoint("chat", {entity(provider_.base_url())}, "", "," + limits(3));
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask(), 200);
    const answer refused = proxy_.post("/serving-endpoints/chat/invocations", chat_body("x"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_THAT(refused.body, HasSubstr("REQUEST_LIMIT_EXCEEDED"));
    const std::string wait = refused.field("retry-after");
    int seconds = 0;
    const auto read = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
    EXPECT_EQ(read.ptr, wait.data() + wait.size()) << wait;
    EXPECT_GE(seconds, 1);
    EXPECT_LE(seconds, 60);
    EXPECT_EQ(refused.field("retry-after-ms"), wait + "000");
    EXPECT_EQ(provider_.request_count(), 3U);
    EXPECT_TRUE(proxy_.metric_becomes("sluice_rate_limited_total", 1));
}

TEST_F(govern, the_limit_holds_on_every_path_and_over_all_threads) {
    proxy_.make_endpoint("chat", {entity(provider_.base_url(), "one")}, "", "," + limits(6));
    int served = 0;
    for (int i = 0; i < 10; ++i) {
        const std::string body = R"({"model":"chat","messages":[{"role":"user","content":"x"}]})";
        const int first = ask();
        const int second = proxy_.post("/serving-endpoints/chat/completions", body).status;
        const int third = proxy_.post("/serving-endpoints/chat/served-models/one/invocations", body).status;
        for (const int status : {first, second, third})
            served += status == 200 ? 1 : 0;
    }
    EXPECT_EQ(served, 6);
}

TEST_F(govern, consumption_survives_a_config_update) {
    proxy_.make_endpoint("chat", {entity(provider_.base_url())}, "", "," + limits(2));
    EXPECT_EQ(ask(), 200);
    EXPECT_EQ(ask(), 200);
    proxy_.update_endpoint("chat", {entity(provider_.base_url(), "renamed", "other-model")});
    EXPECT_EQ(ask(), 429);
}

TEST_F(govern, a_changed_limit_holds_at_once) {
    proxy_.make_endpoint("chat", {entity(provider_.base_url())});
    EXPECT_EQ(ask(), 200);
    const std::string path = "/api/2.0/serving-endpoints/chat/rate-limits";
    EXPECT_EQ(proxy_.call("PUT", path, "{" + limits(1, "user") + "}").status, 200);
    EXPECT_EQ(ask(), 200);
    EXPECT_EQ(ask(), 429);
    // The consumed fraction is kept (all of it), and flows back at the new rate: one call in 60 ms.
    EXPECT_EQ(proxy_.call("PUT", path, "{" + limits(1000, "user") + "}").status, 200);
    EXPECT_TRUE(comes_true([&] { return ask() == 200; }));
    EXPECT_EQ(proxy_.call("PUT", path, R"({"rate_limits":[]})").status, 200);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ask(), 200);
}

TEST_F(govern, a_limit_of_zero_closes_the_endpoint) {
    proxy_.make_endpoint("chat", {entity(provider_.base_url())}, "", "," + limits(0));
    const answer closed = proxy_.post("/serving-endpoints/chat/invocations", chat_body("x"));
    EXPECT_EQ(closed.status, 403);
    EXPECT_THAT(closed.body, HasSubstr("PERMISSION_DENIED"));
    EXPECT_EQ(closed.field("x-should-retry"), "false");
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(govern, what_is_refused_before_the_provider_does_not_count) {
    proxy_.make_endpoint("chat", {entity(provider_.base_url(), "one")}, "", "," + limits(2));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(proxy_.post("/serving-endpoints/chat/invocations", R"({"messages":[]})").status, 400);
        EXPECT_EQ(
            proxy_.post("/serving-endpoints/chat/served-models/none/invocations", chat_body("x")).status,
            404);
    }
    EXPECT_EQ(ask(), 200);
    EXPECT_EQ(ask(), 200);
    EXPECT_EQ(ask(), 429);
}

TEST_F(govern, what_the_provider_refuses_counts) {
    provider_.clear();
    provider_.always().answer_json("{}", 500);
    proxy_.make_endpoint("chat", {entity(provider_.base_url())}, "", "," + limits(2));
    EXPECT_EQ(ask(), 500);
    EXPECT_EQ(ask(), 500);
    EXPECT_EQ(ask(), 429);
}

// --- traffic splits
// ----------------------------------------------------------------------------------------------------

TEST(splits, every_shard_keeps_its_shares_to_within_one_request) {
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    gateway proxy([](proxy::settings& s) { s.threads = 1; });
    const std::vector<std::pair<std::string, int>> shares = {{"a", 50}, {"b", 30}, {"c", 20}, {"d", 0}};
    std::vector<std::string> entities;
    for (const auto& one : shares)
        entities.push_back(entity(provider.base_url(), one.first, "model-" + one.first));
    proxy.make_endpoint("chat", entities, split(shares));
    raw_client client = proxy.connect();
    std::map<std::string, int> got;
    for (int n = 1; n <= 130; ++n) {
        client.send(chat_request("chat"));
        const answer one = client.read_answer();
        ASSERT_EQ(one.status, 200);
        ++got[one.field("served-model-name")];
        for (const auto& share : shares)
            ASSERT_LT(std::abs(got[share.first] - n * share.second / 100.0), 1.0) << n << share.first;
    }
    EXPECT_EQ(got["d"], 0);
    std::map<std::string, int> sent;
    for (const received& one : provider.requests()) {
        for (const auto& share : shares)
            sent[share.first] += static_cast<int>(count(one.body, "\"model-" + share.first + "\""));
    }
    EXPECT_EQ(sent, got) << "the entity that is named is the one that answered";
}

// --- live updates
// ------------------------------------------------------------------------------------------------------

class updates : public testing::Test {
protected:
    updates() {
        old_.when("stream")
            .stream_head()
            .send_chunk(event("old"))
            .hold()
            .send_chunk(event("still old") + last_event())
            .end_chunks();
        old_.when("json").hold().answer_json(chat_answer("old"));
        new_.always().answer_json(chat_answer("new"));
        proxy_.make_endpoint("chat", {entity(old_.base_url(), "before")});
    }
    fake_upstream old_;
    fake_upstream new_;
    gateway proxy_;
};

TEST_F(updates, a_stream_in_flight_ends_where_it_began_and_new_requests_go_to_the_new_target) {
    raw_client streaming = proxy_.connect();
    streaming.send(chat_request("chat", "stream", true));
    std::string seen = streaming.read_until("\n\n\r\n");
    raw_client waiting = proxy_.connect();
    waiting.send(chat_request("chat", "json"));
    ASSERT_TRUE(old_.wait_requests(2));
    proxy_.update_endpoint("chat", {entity(new_.base_url(), "after")});
    // At once, on every shard.
    for (int i = 0; i < 20; ++i) {
        const answer got = proxy_.post("/serving-endpoints/chat/invocations", chat_body("x"));
        EXPECT_EQ(got.body, chat_answer("new"));
        EXPECT_EQ(got.field("served-model-name"), "after");
    }
    old_.release(2);
    seen += streaming.read_until("0\r\n\r\n");
    EXPECT_THAT(seen, HasSubstr("still old"));
    EXPECT_THAT(seen, HasSubstr("served-model-name: before"));
    EXPECT_THAT(seen, HasSubstr("[DONE]"));
    const answer whole = waiting.read_answer();
    EXPECT_EQ(whole.body, chat_answer("old"));
    EXPECT_EQ(whole.field("served-model-name"), "before");
    // The connection of the old stream serves the new config.
    streaming.send(chat_request("chat", "stream"));
    EXPECT_EQ(streaming.read_answer().body, chat_answer("new"));
}

TEST_F(updates, a_request_in_flight_outlives_its_endpoint) {
    raw_client waiting = proxy_.connect();
    waiting.send(chat_request("chat", "json"));
    ASSERT_TRUE(old_.wait_requests(1));
    EXPECT_EQ(proxy_.call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    EXPECT_EQ(proxy_.post("/serving-endpoints/chat/invocations", chat_body("x")).status, 404);
    old_.release();
    EXPECT_EQ(waiting.read_answer().body, chat_answer("old"));
}

TEST_F(updates, a_new_secret_is_used_by_the_next_request) {
    EXPECT_EQ(proxy_.post("/api/2.0/secrets/scopes/create", R"({"scope":"s"})").status, 200);
    const auto put = [&](std::string_view value) {
        const std::string body = R"({"scope":"s","key":"k","string_value":")" + std::string(value) + R"("})";
        EXPECT_EQ(proxy_.post("/api/2.0/secrets/put", body).status, 200);
    };
    put("sk-first-of-the-keys");
    const std::string by_secret =
        R"({"name":"e","external_model":{"name":"m","provider":"openai","task":"llm/v1/chat",)"
        R"("openai_config":{"openai_api_key":"{{secrets/s/k}}","openai_api_base":")" +
        new_.base_url() + R"("}}})";
    proxy_.make_endpoint("keyed", {by_secret});
    EXPECT_EQ(proxy_.post("/serving-endpoints/keyed/invocations", chat_body("x")).status, 200);
    put("sk-second-of-the-keys");
    EXPECT_EQ(proxy_.post("/serving-endpoints/keyed/invocations", chat_body("x")).status, 200);
    const auto sent = new_.requests();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].field("authorization"), "Bearer sk-first-of-the-keys");
    EXPECT_EQ(sent[1].field("authorization"), "Bearer sk-second-of-the-keys");
}

TEST_F(updates, a_token_that_is_revoked_is_refused_at_once) {
    const answer made = proxy_.post("/api/2.0/token/create", R"({"comment":"test","lifetime_seconds":1000})");
    ASSERT_EQ(made.status, 200) << made.body;
    const auto member = [&](const std::string& name) {
        const std::size_t at = made.body.find("\"" + name + "\":\"") + name.size() + 4;
        return made.body.substr(at, made.body.find('"', at) - at);
    };
    const auto ask = [&] {
        raw_client client = proxy_.connect();
        client.send("GET /serving-endpoints/models HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer " +
                    member("token_value") + "\r\n\r\n");
        return client.read_answer().status;
    };
    EXPECT_EQ(ask(), 200);
    EXPECT_EQ(proxy_.post("/api/2.0/token/delete", R"({"token_id":")" + member("token_id") + "\"}").status,
              200);
    EXPECT_EQ(ask(), 401);
}

} // namespace
} // namespace sluice::support::govern_test
