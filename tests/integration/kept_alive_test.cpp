// Kept-alive connections that go bad: replaced once when that is safe, and never a way for bytes to reach the
// wrong client.
#include "tests/integration/faults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sluice::support::kept_alive_test {
namespace {

class kept_alive : public faults {};

TEST_F(kept_alive, a_stale_connection_is_replaced_once) {
    ASSERT_EQ(warm_up(), 200);
    provider_.when("stale").times(1).close();
    provider_.when("stale").answer_json(chat_answer("second try"));
    EXPECT_EQ(ask("stale").body, chat_answer("second try"));
    EXPECT_EQ(provider_.request_count(), 3U);
    EXPECT_EQ(provider_.accepted(), 2U);
    EXPECT_EQ(proxy_.metric("sluice_upstream_stale_retries_total"), 1U);
}

TEST_F(kept_alive, a_stale_connection_that_was_reset_is_replaced_too) {
    ASSERT_EQ(warm_up(), 200);
    provider_.when("stale").times(1).reset();
    provider_.when("stale").answer_json(chat_answer("second try"));
    EXPECT_EQ(ask("stale").body, chat_answer("second try"));
}

TEST_F(kept_alive, there_is_no_third_try) {
    ASSERT_EQ(warm_up(), 200);
    provider_.when("stale").close();
    EXPECT_EQ(ask("stale").status, 502);
    EXPECT_EQ(provider_.request_count(), 3U);
}

TEST_F(kept_alive, a_fresh_connection_that_dies_is_not_retried) {
    provider_.when("fresh").times(1).close();
    provider_.when("fresh").answer_json(chat_answer("never"));
    EXPECT_EQ(ask("fresh").status, 502);
    EXPECT_EQ(provider_.request_count(), 1U);
}

TEST_F(kept_alive, nothing_is_retried_once_a_byte_has_come) {
    for (const std::string bytes : {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"}) {
        provider_.clear();
        ASSERT_EQ(warm_up(), 200);
        const std::size_t before = provider_.request_count();
        provider_.clear();
        provider_.always().times(1).send(bytes).close();
        provider_.always().answer_json(chat_answer("never"));
        EXPECT_EQ(ask().status, 502) << bytes;
        EXPECT_EQ(provider_.request_count(), before + 1) << bytes;
    }
}

TEST_F(kept_alive, a_reused_connection_that_stalls_is_not_retried) {
    ASSERT_EQ(warm_up(), 200);
    provider_.when("stall").stall();
    EXPECT_EQ(ask("stall").status, 504);
    EXPECT_EQ(provider_.request_count(), 2U);
}

TEST_F(kept_alive, an_idle_connection_that_the_provider_closed_is_not_used) {
    provider_.when("warm").times(20).answer_json(chat_answer("warm")).close();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(ask("warm").status, 200) << i;
    EXPECT_EQ(provider_.accepted(), 20U);
}

TEST_F(kept_alive, bytes_on_an_idle_connection_answer_nobody) {
    provider_.when("warm")
        .answer_json(chat_answer("warm"))
        .hold()
        .answer_json(chat_answer("foreign"))
        .stall();
    provider_.when("next").answer_json(chat_answer("own"));
    ASSERT_EQ(ask("warm").status, 200);
    const std::uint64_t before = provider_.bytes_sent();
    provider_.release();
    ASSERT_TRUE(comes_true([&] { return provider_.bytes_sent() > before; }));
    EXPECT_EQ(ask("next").body, chat_answer("own"));
    EXPECT_EQ(provider_.accepted(), 2U);
    EXPECT_TRUE(provider_.wait_open(1)) << "the spoilt connection is closed";
}

TEST_F(kept_alive, bytes_behind_an_answer_answer_nobody) {
    const std::string whole = chat_answer("first");
    const std::string sized =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(whole.size()) + "\r\n\r\n" + whole;
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(whole) + "0\r\n\r\n";
    const std::string empty = "HTTP/1.1 204 No Content\r\n\r\n";
    const std::string foreign = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"foreign\":1}";
    for (const std::string& first : {sized, chunked, empty}) {
        for (const std::string& extra : {foreign, std::string("x"), std::string("\r\n")}) {
            provider_.clear();
            provider_.when("first").send(first + extra).stall();
            provider_.when("next").answer_json(chat_answer("own"));
            EXPECT_THAT(ask("first").status, testing::AnyOf(200, 502));
            const std::size_t before = provider_.accepted();
            EXPECT_EQ(ask("next").body, chat_answer("own"));
            EXPECT_EQ(provider_.accepted(), before + 1) << "on a connection of its own";
        }
    }
}

} // namespace
} // namespace sluice::support::kept_alive_test
