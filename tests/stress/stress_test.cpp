// The gateway under load from several threads while something happens to it. Meant for ThreadSanitizer too.
#include "proxy/gateway.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

namespace sluice::support::stress_test {
namespace {

using std::chrono::milliseconds;

// Runs `work` on so many threads and joins them.
class crew {
public:
    explicit crew(int size, const std::function<void(int)>& work) {
        for (int i = 0; i < size; ++i)
            threads_.emplace_back(work, i);
    }
    crew(const crew&) = delete;
    crew& operator=(const crew&) = delete;
    ~crew() { join(); }
    void join() {
        for (std::thread& one : threads_) {
            if (one.joinable()) one.join();
        }
    }

private:
    std::vector<std::thread> threads_;
};

// The number behind `mark` in `text`, or -1.
int number_after(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    int value = -1;
    if (at != std::string_view::npos) {
        const char* begin = text.data() + at + mark.size();
        std::from_chars(begin, text.data() + text.size(), value);
    }
    return value;
}

// Answers with the model that it was asked for, as JSON or as a stream with a pause in it.
bool echo_model(upstream_link& link, const received& what) {
    const std::string model = "model-" + std::to_string(number_after(what.body, "\"model\":\"model-")) + ".";
    if (what.body.find("\"stream\":true") == std::string::npos) {
        const std::string body = chat_answer(model);
        return link.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                         body);
    }
    return link.send(
               "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
               chunk(event(model))) &&
           link.pause(milliseconds(1)) && link.send(chunk(event(model))) &&
           link.send(chunk(last_event() + std::string(done_event)) + "0\r\n\r\n");
}

TEST(stress, a_thousand_config_updates_lose_no_request_and_mix_no_versions) {
    constexpr int update_count = 1000;
    fake_upstream providers[2];
    for (fake_upstream& one : providers)
        one.always().run(echo_model);
    const gateway proxy;
    const auto config = [&](int n) {
        const std::string number = std::to_string(n);
        return entity(providers[n % 2].base_url(), "entity-" + number, "model-" + number);
    };
    proxy.make_endpoint("chat", {config(0)});
    std::atomic<int> begun{0};
    std::atomic<int> answered{0};
    std::atomic<bool> over{false};
    std::atomic<int> served{0};
    std::atomic<int> lost{0};
    std::atomic<int> mixed{0};
    crew clients(4, [&](int index) {
        const bool stream = index % 2 == 1;
        raw_client client = proxy.connect();
        while (!over) {
            const int least = answered;
            client.send(chat_request("chat", "x", stream));
            const answer got = client.read_answer();
            const int most = begun;
            if (got.status != 200 || !got.complete) {
                ++lost;
                ADD_FAILURE() << got.status << got.head << got.body;
                client = proxy.connect();
                continue;
            }
            const int named = number_after(got.head, "served-model-name: entity-");
            const std::string model = "model-" + std::to_string(named) + ".";
            const bool is_whole = count(got.body, model) == (stream ? 2U : 1U) &&
                                  count(got.body, "model-") == count(got.body, model);
            if (!is_whole || named < least || named > most) ++mixed;
            ++served;
            // A connection's last answer says so: after limits.requests_per_connection.
            if (got.head.find("connection: close") != std::string::npos) client = proxy.connect();
        }
    });
    for (int n = 1; n <= update_count; ++n) {
        begun = n;
        proxy.update_endpoint("chat", {config(n)});
        answered = n;
    }
    over = true;
    clients.join();
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(mixed, 0);
    EXPECT_GT(served, 100);
    RecordProperty("served", served);
}

TEST(stress, a_storm_of_aborts_leaves_nothing_behind) {
    fake_upstream provider;
    provider.when("stall").stall();
    provider.when("stream").run([](upstream_link& link, const received&) {
        bool good = link.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (good)
            good = link.send(chunk(event("more"))) && link.pause(milliseconds(1));
        return false;
    });
    provider.when("quick").answer_json(chat_answer("quick"));
    gateway proxy([](proxy::settings& s) { s.limits.upstream_connections = 64; });
    proxy.make_endpoint("chat", {entity(provider.base_url())});
    crew leaving(8, [&](int index) {
        std::mt19937 random(static_cast<unsigned>(index));
        for (int i = 0; i < 100; ++i) {
            static constexpr std::string_view kinds[] = {"stall", "stream", "quick"};
            const std::string_view kind = kinds[random() % 3];
            raw_client client = proxy.connect();
            const std::string text = chat_request("chat", kind, kind == "stream");
            client.send(text.substr(0, random() % 4 == 0 ? random() % text.size() : text.size()));
            (void)client.read_for(milliseconds(random() % 4));
            if (random() % 3 == 0) client.half_close();
            if (random() % 2 == 0) client.reset();
        }
    });
    leaving.join();
    EXPECT_TRUE(proxy.metric_becomes("sluice_requests_in_flight", 1));
    EXPECT_TRUE(proxy.metric_becomes("sluice_client_connections", 1));
    EXPECT_TRUE(comes_true([&] {
        return proxy.metric("sluice_upstream_connections") ==
               proxy.metric("sluice_upstream_idle_connections");
    }));
    EXPECT_TRUE(comes_true([&] { return provider.open() <= 64; }));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(proxy.post("/serving-endpoints/chat/invocations", chat_body("quick")).body,
                  chat_answer("quick"));
}

TEST(stress, a_drain_under_load_answers_whole_or_not_at_all) {
    for (int round = 0; round < 3; ++round) {
        fake_upstream provider;
        provider.always().run(echo_model);
        gateway proxy([](proxy::settings& s) { s.timeouts.drain = milliseconds(5'000); });
        proxy.make_endpoint("chat", {entity(provider.base_url(), "entity", "model-1")});
        const std::uint16_t port = proxy.port();
        std::atomic<bool> over{false};
        std::atomic<int> served{0};
        crew clients(4, [&](int index) {
            while (!over) {
                raw_client client(port);
                for (int i = 0; i < 20; ++i) {
                    if (!client.send(chat_request("chat", "x", index % 2 == 1))) break;
                    const answer got = client.read_answer();
                    if (got.status == 0) {
                        EXPECT_EQ(got.head, "") << "cut";
                        break;
                    }
                    EXPECT_EQ(got.status, 200) << got.body;
                    EXPECT_TRUE(got.complete);
                    ++served;
                    if (got.field("connection") == "close") break;
                }
            }
        });
        EXPECT_TRUE(comes_true([&] { return served > 50; }));
        proxy.real().drain_and_stop();
        over = true;
        clients.join();
    }
}

TEST(stress, a_stop_under_load_hangs_nobody) {
    for (int round = 0; round < 5; ++round) {
        fake_upstream provider;
        provider.when("stall").stall();
        provider.always().run(echo_model);
        gateway proxy;
        proxy.make_endpoint("chat", {entity(provider.base_url(), "entity", "model-1")});
        const std::uint16_t port = proxy.port();
        std::atomic<bool> over{false};
        std::atomic<int> begun{0};
        crew clients(6, [&](int index) {
            while (!over) {
                raw_client client(port);
                client.send(index == 0 ? chat_request("chat", "stall")
                                       : chat_request("chat", "x", index % 2 == 1));
                if (index == 1) client.send(request("GET", "/api/2.0/serving-endpoints"));
                ++begun;
                (void)client.read_answer();
            }
        });
        EXPECT_TRUE(comes_true([&] { return begun > 30; }));
        proxy.real().stop();
        over = true;
        clients.join();
    }
}

TEST(stress, of_many_parallel_requests_exactly_the_limit_passes) {
    constexpr int limit = 6; // one more every ten seconds
    constexpr int senders = 8;
    fake_upstream provider;
    provider.always().answer_json(chat_answer("hi"));
    const gateway proxy;
    proxy.make_endpoint("chat",
                        {entity(provider.base_url())},
                        "",
                        R"(,"rate_limits":[{"calls":)" + std::to_string(limit) +
                            R"(,"key":"endpoint","renewal_period":"minute"}])");
    std::atomic<int> passed{0};
    std::atomic<int> refused{0};
    std::atomic<bool> go{false};
    crew clients(senders, [&](int) {
        std::vector<raw_client> mine;
        mine.reserve(25);
        for (int i = 0; i < 25; ++i)
            mine.push_back(proxy.connect());
        while (!go)
            std::this_thread::yield();
        for (raw_client& client : mine)
            client.send(chat_request("chat"));
        for (raw_client& client : mine) {
            const answer got = client.read_answer();
            if (got.status == 200) ++passed;
            if (got.status == 429 && !got.field("retry-after").empty()) ++refused;
        }
    });
    const auto begin = std::chrono::steady_clock::now();
    go = true;
    clients.join();
    const auto took =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_GE(passed, limit);
    EXPECT_LE(passed, limit + took * limit / 60);
    EXPECT_EQ(passed + refused, senders * 25);
    EXPECT_EQ(provider.request_count(), static_cast<std::size_t>(passed));
}

} // namespace
} // namespace sluice::support::stress_test
