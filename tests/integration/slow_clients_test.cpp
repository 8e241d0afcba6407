// Clients that take their time, and connections that have had theirs.
#include "tests/integration/framing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::support::slow_clients_test {
namespace {

using std::chrono::milliseconds;

class slow_clients : public framing {
protected:
    slow_clients()
        : framing([](proxy::settings& s) {
            s.timeouts.head = milliseconds(300);
            s.timeouts.body = milliseconds(300);
            s.timeouts.keep_alive = milliseconds(600);
        }) {}
};

TEST_F(slow_clients, half_a_head_is_closed_without_an_answer) {
    raw_client client = proxy_.connect();
    client.send("GET /healthz HTTP/1.1\r\nHo");
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(slow_clients, a_dripping_head_is_closed_however_steadily_it_drips) {
    raw_client client = proxy_.connect();
    client.send("GET /healthz HTTP/1.1\r\nHost: g\r\nX: ");
    EXPECT_TRUE(comes_true([&] { return !client.send("y") || client.is_closed(milliseconds(20)); }));
}

TEST_F(slow_clients, half_a_body_is_closed_without_an_answer) {
    for (const std::string_view field : {"Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"}) {
        raw_client client = proxy_.connect();
        client.send(head_of(field) + "5\r\n{");
        EXPECT_EQ(client.read_to_end(), "");
        EXPECT_TRUE(client.is_closed());
    }
    EXPECT_EQ(provider_.request_count(), 0U);
    EXPECT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 1)) << "only the one that asks";
}

TEST_F(slow_clients, a_dripping_body_is_closed) {
    raw_client client = proxy_.connect();
    client.send(head_of("Content-Length: 100000\r\n"));
    EXPECT_TRUE(comes_true([&] { return !client.send(" ") || client.is_closed(milliseconds(20)); }));
}

TEST_F(slow_clients, an_idle_connection_is_closed) {
    raw_client fresh = proxy_.connect();
    raw_client used = proxy_.connect();
    used.send(request("GET", "/healthz"));
    EXPECT_EQ(used.read_answer().status, 200);
    EXPECT_TRUE(used.is_closed());
    EXPECT_TRUE(fresh.is_closed());
}

TEST_F(slow_clients, a_request_that_takes_its_time_upstream_is_not_meant) {
    provider_.clear();
    provider_.always().pause(milliseconds(900)).answer_json(chat_answer("late"));
    raw_client client = proxy_.connect();
    client.send(chat_request("chat"));
    EXPECT_EQ(client.read_answer().body, chat_answer("late"));
}

class few_requests : public framing {
protected:
    few_requests()
        : framing([](proxy::settings& s) { s.limits.requests_per_connection = 3; }) {}
};

TEST_F(few_requests, a_connection_ends_after_its_last_request) {
    raw_client client = proxy_.connect();
    for (int i = 0; i < 3; ++i) {
        client.send(request("GET", "/healthz"));
        EXPECT_EQ(client.read_answer().field("connection"), i == 2 ? "close" : "");
    }
    EXPECT_TRUE(client.is_closed());
}

class few_connections : public framing {
protected:
    few_connections()
        : framing([](proxy::settings& s) { s.limits.client_connections = 4; }) {}
};

TEST_F(few_connections, a_connection_beyond_the_cap_is_closed_and_the_others_go_on) {
    std::vector<raw_client> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(proxy_.connect());
        clients.back().send(request("GET", "/healthz"));
        ASSERT_EQ(clients.back().read_answer().status, 200);
    }
    raw_client beyond = proxy_.connect();
    beyond.send(request("GET", "/healthz"));
    EXPECT_TRUE(beyond.is_closed());
    clients[0].send(request("GET", "/healthz"));
    EXPECT_EQ(clients[0].read_answer().status, 200);
    clients.pop_back();
    // There is room for one again.
    EXPECT_TRUE(comes_true([&] { return proxy_.get("/healthz").status == 200; }));
}

} // namespace
} // namespace sluice::support::slow_clients_test
