// Every answer belongs to its request: many marked requests at once over shared connections, with delays and
// faults in between.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace sluice::support::contamination_test {
namespace {

using std::chrono::milliseconds;

// The marker inside a request, "mark-17-".
std::string marker_of(const received& what) {
    const std::size_t at = what.body.find("mark-");
    if (at == std::string::npos) return "none";
    return what.body.substr(at, what.body.find('-', at + 5) + 1 - at);
}

// Answers with the marker, after a while, now and then wrongly; what it does depends on the marker alone.
bool answer_marked(upstream_link& link, const received& what) {
    const std::string mark = marker_of(what);
    std::mt19937 random(static_cast<unsigned>(std::hash<std::string>{}(mark)));
    const bool stream = what.body.find("\"stream\":true") != std::string::npos;
    if (!link.pause(milliseconds(random() % 20))) return false;
    const auto fate = random() % 20;
    if (fate == 0) {
        link.reset();
        return false;
    }
    if (fate == 1) { // cut in the middle
        link.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + mark);
        link.finish();
        return false;
    }
    const bool extra = fate == 2;
    std::string out;
    if (stream) {
        out = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (int i = 0; i < 3; ++i) {
            if (!link.send(out + chunk(event(mark))) || !link.pause(milliseconds(random() % 5))) return false;
            out.clear();
        }
        out = chunk(last_event() + std::string(done_event)) + "0\r\n\r\n";
    } else {
        const std::string body = chat_answer(mark);
        out = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    if (extra) out += "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"foreign\":\"mark-x-\"}";
    return link.send(out);
}

TEST(contamination, every_answer_of_a_thousand_at_once_belongs_to_its_request) {
    fake_upstream provider;
    provider.always().run(answer_marked);
    gateway proxy([](proxy::settings& s) { s.limits.upstream_connections = 200; });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    constexpr int clients = 250;
    constexpr int rounds = 4; // pipelined
    std::vector<raw_client> all;
    for (int i = 0; i < clients; ++i)
        all.push_back(proxy.connect());
    const auto mark = [](int client, int round) {
        return "mark-" + std::to_string(client * rounds + round) + "-";
    };
    const auto is_stream = [](int client, int round) { return (client + round) % 3 == 0; };
    for (int i = 0; i < clients; ++i) {
        std::string text;
        for (int round = 0; round < rounds; ++round)
            text += chat_request("chat", mark(i, round), is_stream(i, round));
        ASSERT_TRUE(all[static_cast<std::size_t>(i)].send(text));
    }
    int served = 0;
    int failed = 0;
    for (int i = 0; i < clients; ++i) {
        for (int round = 0; round < rounds; ++round) {
            const answer got = all[static_cast<std::size_t>(i)].read_answer();
            // Only its own marker, however it ended.
            ASSERT_EQ(count(got.body, "mark-"), count(got.body, mark(i, round))) << got.body;
            if (got.status == 0) break; // the connection ended behind a broken stream
            if (got.status != 200) {
                EXPECT_TRUE(got.status == 502 || got.status == 503) << got.status << got.body;
                ++failed;
                continue;
            }
            ++served;
            EXPECT_TRUE(got.complete);
            const bool broken = got.body.find("\"error_code\"") != std::string::npos;
            if (is_stream(i, round) && !broken) {
                EXPECT_EQ(count(got.body, mark(i, round)), 3U);
            } else if (!broken) {
                EXPECT_EQ(got.body, chat_answer(mark(i, round)));
            }
        }
    }
    EXPECT_GT(served, clients * rounds / 2);
    EXPECT_GT(failed, 0) << "the faults were there";
    all.clear();
    EXPECT_TRUE(proxy.metric_becomes("sluice_requests_in_flight", 1));
    EXPECT_TRUE(proxy.metric_becomes("sluice_client_connections", 1));
}

} // namespace
} // namespace sluice::support::contamination_test
