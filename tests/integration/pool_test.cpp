// Connections to a provider: shared, bounded, queued for, and dropped when they grow old.
#include "tests/support/black_hole.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::support::pool_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class pools : public testing::Test {
protected:
    explicit pools(const std::function<void(proxy::settings&)>& change = {})
        : proxy_([&](proxy::settings& s) {
            s.threads = 1;
            if (change) change(s);
        }) {
        proxy_.make_endpoint("chat", {entity(provider_.base_url())});
    }
    raw_client asked(std::string_view content) const {
        raw_client client = proxy_.connect();
        client.send(chat_request("chat", content));
        return client;
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(pools, clients_in_turn_share_one_connection) {
    provider_.always().answer_json(chat_answer("hi"));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(asked("x").read_answer().status, 200);
    EXPECT_EQ(provider_.accepted(), 1U);
    EXPECT_TRUE(proxy_.metric_becomes("sluice_upstream_idle_connections", 1));
    EXPECT_TRUE(proxy_.metric_becomes("sluice_upstream_reuses_total", 19));
}

TEST_F(pools, clients_at_once_have_a_connection_each) {
    provider_.always().hold().answer_json(chat_answer("hi"));
    std::vector<raw_client> clients;
    for (int i = 0; i < 10; ++i)
        clients.push_back(asked("x"));
    ASSERT_TRUE(provider_.wait_requests(10));
    EXPECT_EQ(provider_.accepted(), 10U);
    provider_.release(10);
    for (raw_client& client : clients)
        EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(pools, a_connection_attempt_that_hangs_ends_at_its_deadline) {
    const black_hole nowhere;
    gateway proxy([](proxy::settings& s) { s.timeouts.connect = milliseconds(300); });
    proxy.make_endpoint("nowhere", {entity(nowhere.base_url())});
    const answer got = proxy.post("/serving-endpoints/nowhere/invocations", chat_body("x"));
    EXPECT_EQ(got.status, 504);
    EXPECT_THAT(upstream_message(got), HasSubstr("connect"));
}

class aging_pools : public pools {
protected:
    aging_pools()
        : pools([](proxy::settings& s) { s.timeouts.pool_idle = milliseconds(200); }) {}
};

TEST_F(aging_pools, an_idle_connection_is_closed_in_time) {
    provider_.always().answer_json(chat_answer("hi"));
    EXPECT_EQ(asked("x").read_answer().status, 200);
    EXPECT_TRUE(provider_.wait_open(0));
    EXPECT_EQ(asked("x").read_answer().status, 200);
    EXPECT_EQ(provider_.accepted(), 2U);
}

class small_pools : public pools {
protected:
    small_pools()
        : pools([](proxy::settings& s) {
            s.limits.upstream_connections = 2;
            s.timeouts.first_byte = milliseconds(5'000);
        }) {}
};

TEST_F(small_pools, requests_beyond_the_limit_wait_their_turn) {
    provider_.always().hold().answer_json(chat_answer("hi"));
    std::vector<raw_client> clients;
    for (int i = 0; i < 4; ++i)
        clients.push_back(asked("x"));
    ASSERT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 5));
    ASSERT_TRUE(provider_.wait_requests(2));
    EXPECT_EQ(provider_.accepted(), 2U);
    provider_.release(4);
    for (raw_client& client : clients)
        EXPECT_EQ(client.read_answer().status, 200);
    EXPECT_EQ(provider_.accepted(), 2U);
}

TEST_F(small_pools, a_full_queue_refuses_with_a_503) {
    provider_.always().hold().answer_json(chat_answer("hi"));
    std::vector<raw_client> clients;
    for (int i = 0; i < 4; ++i)
        clients.push_back(asked("x"));
    ASSERT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 5));
    const answer refused = asked("x").read_answer();
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.body, HasSubstr("TEMPORARILY_UNAVAILABLE"));
    EXPECT_EQ(refused.field("retry-after"), "1");
    provider_.release(4);
    for (raw_client& client : clients)
        EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(small_pools, a_wait_that_is_too_long_is_a_504) {
    gateway proxy([](proxy::settings& s) {
        s.threads = 1;
        s.limits.upstream_connections = 1;
        s.timeouts.first_byte = milliseconds(300);
        s.timeouts.first_byte_stream = milliseconds(60'000);
    });
    proxy.make_endpoint("chat", {entity(provider_.base_url())});
    provider_.always().stall();
    raw_client holder = proxy.connect();
    holder.send(chat_request("chat", "x", true));
    ASSERT_TRUE(provider_.wait_requests(1));
    EXPECT_EQ(proxy.post("/serving-endpoints/chat/invocations", chat_body("x")).status, 504);
}

TEST_F(small_pools, connections_that_die_make_room_for_those_who_wait) {
    provider_.when("dies").hold().reset();
    provider_.when("waits").answer_json(chat_answer("hi"));
    std::vector<raw_client> dying;
    for (int i = 0; i < 2; ++i)
        dying.push_back(asked("dies"));
    ASSERT_TRUE(provider_.wait_requests(2));
    std::vector<raw_client> waiting;
    for (int i = 0; i < 2; ++i)
        waiting.push_back(asked("waits"));
    ASSERT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 5));
    provider_.release(2);
    for (raw_client& client : dying)
        EXPECT_EQ(client.read_answer().status, 502);
    for (raw_client& client : waiting)
        EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(small_pools, a_stale_connection_is_replaced_although_the_pool_is_full) {
    // Two idle connections, one of which dies under the next request.
    provider_.when("warm").hold().answer_json(chat_answer("warm"));
    std::vector<raw_client> clients;
    for (int i = 0; i < 2; ++i)
        clients.push_back(asked("warm"));
    ASSERT_TRUE(provider_.wait_requests(2));
    provider_.release(2);
    for (raw_client& client : clients)
        EXPECT_EQ(client.read_answer().status, 200);
    provider_.when("stale").times(1).close();
    provider_.when("stale").answer_json(chat_answer("second try"));
    EXPECT_EQ(asked("stale").read_answer().body, chat_answer("second try"));
}

} // namespace
} // namespace sluice::support::pool_test
