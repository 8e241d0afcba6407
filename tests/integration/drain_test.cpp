// Stopping: what runs may end, nothing new begins, and nobody is left waiting.
#include "proxy/gateway.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace sluice::support::drain_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class drain : public testing::Test {
protected:
    drain() { proxy_.make_endpoint("chat", {entity(provider_.base_url())}); }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(drain, the_readiness_page_says_so_and_every_answer_is_the_last_of_its_connection) {
    raw_client client = proxy_.connect();
    client.send(request("GET", "/readyz"));
    EXPECT_EQ(client.read_answer().status, 200);
    proxy_.real().begin_drain();
    client.send(request("GET", "/readyz"));
    const answer got = client.read_answer();
    EXPECT_EQ(got.status, 503);
    EXPECT_THAT(got.body, HasSubstr("TEMPORARILY_UNAVAILABLE"));
    EXPECT_EQ(got.field("connection"), "close");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(proxy_.get("/healthz").status, 200) << "new connections are still taken";
}

TEST_F(drain, idle_connections_are_closed_with_the_listeners) {
    raw_client used = proxy_.connect();
    used.send(request("GET", "/healthz"));
    ASSERT_EQ(used.read_answer().status, 200);
    raw_client fresh = proxy_.connect();
    ASSERT_TRUE(proxy_.metric_becomes("sluice_client_connections", 3));
    const std::uint16_t port = proxy_.port();
    proxy_.real().begin_drain();
    proxy_.real().close_listeners();
    EXPECT_TRUE(used.is_closed());
    EXPECT_TRUE(fresh.is_closed());
    EXPECT_TRUE(comes_true([&] { return raw_client(port).is_closed(milliseconds(1)); })) << "nobody listens";
}

TEST_F(drain, streams_and_requests_under_way_end_whole) {
    provider_.when("stream")
        .stream_head()
        .send_chunk(event("one"))
        .hold()
        .send_chunk(event("two") + last_event() + std::string(done_event))
        .end_chunks();
    provider_.when("json").hold().answer_json(chat_answer("whole"));
    raw_client streaming = proxy_.connect();
    streaming.send(chat_request("chat", "stream", true));
    std::string seen = streaming.read_until("\n\n\r\n");
    raw_client waiting = proxy_.connect();
    waiting.send(chat_request("chat", "json"));
    ASSERT_TRUE(provider_.wait_requests(2));
    std::thread stopping([&] { proxy_.real().drain_and_stop(); });
    EXPECT_TRUE(comes_true([&] { return proxy_.get("/readyz").status == 503; }));
    provider_.release(2);
    seen += streaming.read_to_end();
    EXPECT_THAT(seen, HasSubstr("[DONE]"));
    EXPECT_THAT(seen, testing::EndsWith("0\r\n\r\n"));
    const answer whole = waiting.read_answer();
    EXPECT_EQ(whole.body, chat_answer("whole"));
    EXPECT_EQ(whole.field("connection"), "close");
    stopping.join();
}

TEST(drain_time, what_does_not_end_is_cut_when_the_time_is_over) {
    fake_upstream provider;
    provider.always().stream_head().send_chunk(event("one")).stall();
    gateway proxy([](proxy::settings& s) { s.timeouts.drain = milliseconds(200); });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    raw_client client = proxy.connect();
    client.send(chat_request("chat", "x", true));
    EXPECT_THAT(client.read_until("\n\n\r\n"), HasSubstr("one"));
    proxy.real().drain_and_stop();
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(provider.wait_open(0));
}

TEST(drain_time, a_stop_without_a_drain_ends_everything_at_once) {
    fake_upstream provider;
    provider.always().stall();
    gateway proxy;
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    std::vector<raw_client> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(proxy.connect());
        clients.back().send(chat_request("chat"));
    }
    ASSERT_TRUE(provider.wait_requests(20));
    proxy.real().stop();
    for (raw_client& client : clients)
        EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(provider.wait_open(0));
}

TEST(drain_time, a_gateway_starts_again_on_the_data_of_the_last_one) {
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    const data_directory data;
    {
        const gateway first([&](proxy::settings& s) { s.data_dir = data.path(); });
        first.make_endpoint("chat", {entity(provider.base_url())});
        first.real().drain_and_stop();
    }
    const gateway second([&](proxy::settings& s) { s.data_dir = data.path(); });
    EXPECT_EQ(second.get("/readyz").status, 200);
    EXPECT_EQ(second.post("/serving-endpoints/chat/invocations", chat_body("x")).body, chat_answer("hi"));
}

} // namespace
} // namespace sluice::support::drain_test
