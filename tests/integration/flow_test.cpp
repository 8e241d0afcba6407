// How much is held for whom: slow readers hold the provider back, quiet streams are kept alive, and idle
// connections cost little.
#include "tests/support/allocated.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace sluice::support::flow_test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

TEST(flow, a_client_that_reads_nothing_holds_the_provider_back) {
    fake_upstream provider;
    gateway proxy([](proxy::settings& s) { s.threads = 1; });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    constexpr std::size_t whole = 48 * mebibyte;
    const std::string piece = chunk(event(std::string(64 * 1024, 'x')));
    std::atomic<bool> all_sent{false};
    provider.always().run([&](upstream_link& link, const received&) {
        bool good = link.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (std::size_t sent = 0; good && sent < whole; sent += piece.size())
            good = link.send(piece);
        all_sent = good;
        return good && link.send(chunk(last_event() + std::string(done_event)) + "0\r\n\r\n");
    });
    const std::size_t before = allocated_bytes();
    raw_client client(proxy.port(), 64 * 1024);
    client.send(chat_request("chat", "x", true));
    // Until nothing moves any more for a while.
    std::uint64_t last = 0;
    int same = 0;
    ASSERT_TRUE(comes_true([&] {
        const std::uint64_t now = provider.bytes_sent();
        same = now == last && now > 0 ? same + 1 : 0;
        last = now;
        return same > 300;
    }));
    EXPECT_FALSE(all_sent);
    EXPECT_LT(provider.bytes_sent(), 16 * mebibyte) << "the kernel's buffers on both ways and one of ours";
    EXPECT_LT(allocated_bytes(), before + 2 * mebibyte);
    // Then it reads, and gets everything.
    const answer got = client.read_answer();
    EXPECT_TRUE(got.complete);
    EXPECT_THAT(got.body, testing::EndsWith(done_event));
    EXPECT_GE(got.body.size(), whole);
    EXPECT_TRUE(all_sent);
}

TEST(flow, a_client_that_never_reads_is_closed_in_the_end) {
    fake_upstream provider;
    gateway proxy([](proxy::settings& s) { s.timeouts.stream_idle = milliseconds(300); });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    const std::string piece = chunk(event(std::string(64 * 1024, 'x')));
    provider.always().run([&](upstream_link& link, const received&) {
        bool good = link.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (good)
            good = link.send(piece);
        return false;
    });
    raw_client client(proxy.port(), 64 * 1024);
    client.send(chat_request("chat", "x", true));
    EXPECT_TRUE(provider.wait_requests(1));
    EXPECT_TRUE(provider.wait_open(0));
    EXPECT_TRUE(proxy.metric_becomes("sluice_requests_in_flight", 1));
}

TEST(flow, a_large_json_answer_waits_for_its_reader) {
    fake_upstream provider;
    const gateway proxy;
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    const std::string large = chat_answer(std::string(20 * mebibyte, 'x'));
    provider.always().answer_json(large);
    raw_client client(proxy.port(), 64 * 1024);
    client.send(chat_request("chat"));
    EXPECT_TRUE(provider.wait_requests(1));
    EXPECT_EQ(proxy.get("/healthz").status, 200) << "others are served meanwhile";
    EXPECT_EQ(client.read_answer().body, large);
}

TEST(flow, a_quiet_stream_is_kept_alive_by_blank_lines) {
    fake_upstream provider;
    gateway proxy([](proxy::settings& s) { s.timeouts.stream_keep_alive = milliseconds(30); });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    provider.always()
        .stream_head()
        .send_chunk(event("one"))
        .hold()
        .send_chunk(last_event() + std::string(done_event))
        .end_chunks();
    raw_client client = proxy.connect();
    client.send(chat_request("chat", "x", true));
    EXPECT_THAT(client.read_until("\n\n\r\n"), HasSubstr("one"));
    EXPECT_THAT(client.read_until("1\r\n\n\r\n1\r\n\n\r\n1\r\n\n\r\n"), testing::EndsWith("1\r\n\n\r\n"))
        << "whole chunks of one line end";
    provider.release();
    EXPECT_THAT(client.read_until("0\r\n\r\n"), HasSubstr("[DONE]"));
}

TEST(flow, blank_lines_do_not_put_off_the_end_of_a_dead_stream) {
    fake_upstream provider;
    gateway proxy([](proxy::settings& s) {
        s.timeouts.stream_keep_alive = milliseconds(30);
        s.timeouts.stream_idle = milliseconds(400);
    });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    provider.always().stream_head().send_chunk(event("one")).stall();
    raw_client client = proxy.connect();
    client.send(chat_request("chat", "x", true));
    const answer got = client.read_answer();
    EXPECT_TRUE(got.complete);
    EXPECT_THAT(got.body, HasSubstr("\n\n\n\n"));
    EXPECT_THAT(event_data(got.body).back(), HasSubstr(R"("code":"504")"));
}

TEST(flow, a_quiet_stream_to_http_1_0_gets_plain_line_ends) {
    fake_upstream provider;
    gateway proxy([](proxy::settings& s) { s.timeouts.stream_keep_alive = milliseconds(30); });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    provider.always().stream_head().send_chunk(event("one")).hold().send_chunk(last_event()).end_chunks();
    const std::string body = chat_body("x", true);
    raw_client client = proxy.connect();
    client.send("POST /serving-endpoints/chat/invocations HTTP/1.0\r\nAuthorization: Bearer " +
                std::string(admin_token) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
    EXPECT_THAT(client.read_until("\n\n\n\n\n"), HasSubstr("one"));
    provider.release();
    EXPECT_THAT(client.read_to_end(), testing::EndsWith(last_event() + std::string(done_event)));
}

TEST(flow, an_idle_connection_gives_the_memory_of_its_last_body_back) {
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    const gateway proxy;
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    const std::string sized = chat_request("chat", std::string(4 * mebibyte, 'x'), false);
    // The JSON parser of each shard grows once, to the largest body that it has seen.
    for (int i = 0; i < 12; ++i) {
        raw_client first = proxy.connect();
        first.send(sized);
        ASSERT_EQ(first.read_answer().status, 200);
    }
    std::vector<raw_client> clients;
    for (int i = 0; i < 8; ++i)
        clients.push_back(proxy.connect());
    const std::size_t before = allocated_bytes();
    for (raw_client& client : clients) {
        client.send(sized);
        ASSERT_EQ(client.read_answer().status, 200);
    }
    const std::size_t kept_by_provider = 8 * (4 * mebibyte + 64 * 1024); // what it was sent
    EXPECT_TRUE(comes_true([&] { return allocated_bytes() < before + kept_by_provider + 16 * mebibyte; }))
        << allocated_bytes() - before;
    // And goes on as before.
    for (raw_client& client : clients) {
        client.send(chat_request("chat"));
        EXPECT_EQ(client.read_answer().status, 200);
    }
}

TEST(flow, an_idle_provider_connection_gives_the_memory_of_its_last_answer_back) {
    fake_upstream provider;
    const std::string large = chat_answer(std::string(16 * mebibyte, 'x'));
    provider.when("sized").answer_json(large);
    provider.when("chunked")
        .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .send_chunk(large)
        .end_chunks();
    provider.when("small").answer_json(chat_answer("small"));
    gateway proxy([](proxy::settings& s) { s.threads = 1; });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    for (const std::string_view how : {"sized", "chunked"}) {
        const std::size_t before = allocated_bytes();
        raw_client client = proxy.connect();
        client.send(chat_request("chat", how));
        ASSERT_EQ(client.read_answer().body.size(), large.size());
        EXPECT_TRUE(comes_true([&] { return allocated_bytes() < before + 4 * mebibyte; }))
            << allocated_bytes() - before;
        client.send(chat_request("chat", "small"));
        EXPECT_EQ(client.read_answer().body, chat_answer("small"));
    }
    EXPECT_EQ(provider.accepted(), 1U) << "the connection was kept";
}

} // namespace
} // namespace sluice::support::flow_test
