// Clients that leave: the request to the provider is cancelled, whatever it was doing, and nothing is left
// behind.
#include "tests/support/black_hole.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace sluice::support::aborts_test {
namespace {

using std::chrono::milliseconds;

enum class leaving : std::uint8_t { fin, half_close, rst };

class aborts : public testing::TestWithParam<leaving> {
protected:
    explicit aborts(std::size_t upstream_connections = 1024)
        : proxy_([=](proxy::settings& s) {
            s.threads = 1;
            s.limits.upstream_connections = upstream_connections;
        }) {
        proxy_.make_endpoint("chat", {entity(provider_.base_url())});
    }

    static void leave(raw_client& client) {
        if (GetParam() == leaving::fin) client.close();
        if (GetParam() == leaving::half_close) client.half_close();
        if (GetParam() == leaving::rst) client.reset();
    }
    // No request runs but the one that asks, and so many left early.
    void expect_gone(std::uint64_t n) const {
        EXPECT_TRUE(proxy_.metric_becomes("sluice_client_gone_total", n));
        EXPECT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 1));
        EXPECT_TRUE(proxy_.metric_becomes("sluice_client_connections", 1));
        EXPECT_EQ(proxy_.metric("sluice_upstream_failures_total"), 0U);
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_P(aborts, before_the_head_the_request_upstream_is_cancelled) {
    provider_.always().stall();
    raw_client client = proxy_.connect();
    client.send(chat_request("chat"));
    ASSERT_TRUE(provider_.wait_requests(1));
    leave(client);
    EXPECT_TRUE(provider_.wait_open(0));
    expect_gone(1);
    EXPECT_TRUE(proxy_.metric_becomes("sluice_upstream_connections", 0));
}

TEST_P(aborts, inside_a_json_answer_the_request_upstream_is_cancelled) {
    provider_.always().send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").stall();
    raw_client client = proxy_.connect();
    client.send(chat_request("chat"));
    ASSERT_TRUE(provider_.wait_requests(1));
    leave(client);
    EXPECT_TRUE(provider_.wait_open(0));
    expect_gone(1);
}

TEST_P(aborts, in_the_middle_of_a_stream_the_request_upstream_is_cancelled) {
    provider_.always().stream_head().send_chunk(event("one")).stall();
    raw_client client = proxy_.connect();
    client.send(chat_request("chat", "x", true));
    EXPECT_THAT(client.read_until("\n\n\r\n"), testing::HasSubstr("one"));
    leave(client);
    EXPECT_TRUE(provider_.wait_open(0));
    expect_gone(1);
}

TEST_P(aborts, in_a_stream_that_goes_on_the_request_upstream_is_cancelled) {
    provider_.always().run([](upstream_link& link, const received&) {
        bool good = link.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (good)
            good = link.send(chunk(event("more"))) && link.pause(milliseconds(1));
        return false;
    });
    raw_client client = proxy_.connect();
    client.send(chat_request("chat", "x", true));
    EXPECT_THAT(client.read_until("\n\n\r\n"), testing::HasSubstr("more"));
    leave(client);
    EXPECT_TRUE(provider_.wait_open(0));
    expect_gone(1);
}

TEST_P(aborts, behind_pipelined_requests_the_first_is_cancelled_all_the_same) {
    provider_.always().stall();
    raw_client client = proxy_.connect();
    client.send(chat_request("chat") + chat_request("chat") + request("GET", "/healthz"));
    ASSERT_TRUE(provider_.wait_requests(1));
    leave(client);
    EXPECT_TRUE(provider_.wait_open(0));
    EXPECT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 1));
}

TEST_P(aborts, while_connecting_nothing_is_left) {
    const black_hole nowhere;
    proxy_.make_endpoint("nowhere", {entity(nowhere.base_url())});
    raw_client client = proxy_.connect();
    client.send(chat_request("nowhere"));
    ASSERT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 2));
    leave(client);
    expect_gone(1);
}

TEST_P(aborts, inside_the_body_nothing_is_left) {
    raw_client client = proxy_.connect();
    const std::string whole = chat_request("chat");
    client.send(whole.substr(0, whole.size() - 3));
    ASSERT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 2));
    leave(client);
    expect_gone(1);
    EXPECT_EQ(provider_.request_count(), 0U);
}

class queued_aborts : public aborts {
protected:
    queued_aborts()
        : aborts(2) {}
};

TEST_P(queued_aborts, while_queued_nothing_is_left_and_the_others_go_on) {
    provider_.when("first").hold().answer_json(chat_answer("first"));
    provider_.when("third").answer_json(chat_answer("third"));
    raw_client first = proxy_.connect();
    raw_client another = proxy_.connect();
    first.send(chat_request("chat", "first"));
    another.send(chat_request("chat", "first"));
    ASSERT_TRUE(provider_.wait_requests(2));
    raw_client second = proxy_.connect();
    second.send(chat_request("chat", "second"));
    raw_client third = proxy_.connect();
    third.send(chat_request("chat", "third"));
    ASSERT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 5));
    leave(second);
    ASSERT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 4));
    provider_.release(2);
    EXPECT_EQ(another.read_answer().body, chat_answer("first"));
    EXPECT_EQ(first.read_answer().body, chat_answer("first"));
    EXPECT_EQ(third.read_answer().body, chat_answer("third"));
    EXPECT_EQ(provider_.request_count(), 3U);
    EXPECT_EQ(provider_.accepted(), 2U);
    EXPECT_EQ(proxy_.metric("sluice_client_gone_total"), 1U);
}

std::string name_of(const testing::TestParamInfo<leaving>& info) {
    static constexpr const char* names[] = {"fin", "half_close", "rst"};
    return names[static_cast<std::size_t>(info.param)];
}

const auto ways = testing::Values(leaving::fin, leaving::half_close, leaving::rst);
INSTANTIATE_TEST_SUITE_P(by, aborts, ways, name_of);
INSTANTIATE_TEST_SUITE_P(by, queued_aborts, ways, name_of);

} // namespace
} // namespace sluice::support::aborts_test
