// Scenarios: what happens, then what is to be done about it.
#include "core/net/pool_policy.hpp"

#include <gtest/gtest.h>

namespace sluice::net::pool_policy_test {
namespace {

using std::chrono::seconds;
using action = pool_policy::action;

constexpr steady_time start{};
constexpr pool_policy::limits small{2, 2, seconds(55)};

TEST(pool_policy, the_first_request_opens_a_connection) {
    pool_policy pool(small);
    EXPECT_EQ(pool.acquire(start, false).what, action::open);
    EXPECT_EQ(pool.open(), 1U);
    EXPECT_EQ(pool.idle(), 0U);
}

TEST(pool_policy, a_connection_that_was_kept_is_used_again) {
    pool_policy pool(small);
    (void)pool.acquire(start, false);
    pool.keep(7, start);
    const auto next = pool.acquire(start + seconds(1), false);
    EXPECT_EQ(next.what, action::reuse);
    EXPECT_EQ(next.id, 7U);
    EXPECT_EQ(pool.open(), 1U);
    EXPECT_EQ(pool.idle(), 0U);
}

TEST(pool_policy, the_connection_used_last_is_taken_first) {
    pool_policy pool({3, 1, seconds(55)});
    for (unsigned id = 0; id < 3; ++id)
        (void)pool.acquire(start, false);
    for (unsigned id = 0; id < 3; ++id)
        pool.keep(id, start + seconds(id));
    for (const unsigned id : {2U, 1U, 0U})
        EXPECT_EQ(pool.acquire(start + seconds(4), false).id, id);
}

TEST(pool_policy, a_connection_idle_too_long_is_not_used_again) {
    pool_policy pool(small);
    (void)pool.acquire(start, false);
    pool.keep(1, start);
    EXPECT_EQ(pool.acquire(start + seconds(54), false).what, action::reuse);
    pool.keep(1, start);
    EXPECT_EQ(pool.acquire(start + seconds(55), false).what, action::open);
}

TEST(pool_policy, old_connections_expire_oldest_first_and_make_room) {
    pool_policy pool({3, 1, seconds(55)});
    for (int i = 0; i < 3; ++i)
        (void)pool.acquire(start, false);
    pool.keep(5, start);
    pool.keep(3, start + seconds(10));
    pool.keep(9, start + seconds(50));
    EXPECT_EQ(pool.expire(start + seconds(54)), std::vector<pool_policy::connection_id>{});
    EXPECT_EQ(pool.expire(start + seconds(65)), (std::vector<pool_policy::connection_id>{5, 3}));
    EXPECT_EQ(pool.open(), 1U);
    EXPECT_EQ(pool.idle(), 1U);
    EXPECT_EQ(pool.acquire(start + seconds(65), false).id, 9U);
}

TEST(pool_policy, beyond_the_limit_requests_wait_and_beyond_the_queue_they_are_refused) {
    pool_policy pool(small);
    for (const auto expected :
         {action::open, action::open, action::wait, action::wait, action::refuse, action::refuse})
        EXPECT_EQ(pool.acquire(start, false).what, expected);
    EXPECT_EQ(pool.open(), 2U);
    EXPECT_EQ(pool.waiting(), 2U);
    pool.waited();
    EXPECT_EQ(pool.acquire(start, false).what, action::wait);
}

TEST(pool_policy, a_connection_that_is_gone_makes_room) {
    pool_policy pool(small);
    (void)pool.acquire(start, false);
    (void)pool.acquire(start, false);
    EXPECT_EQ(pool.acquire(start, false).what, action::wait);
    pool.gone();
    pool.waited();
    EXPECT_EQ(pool.acquire(start, false).what, action::open);
}

TEST(pool_policy, a_retry_asks_for_a_fresh_connection_and_gets_one_while_there_is_room) {
    pool_policy pool(small);
    (void)pool.acquire(start, false);
    pool.keep(1, start);
    EXPECT_EQ(pool.acquire(start, true).what, action::open);
    EXPECT_EQ(pool.idle(), 1U);
}

TEST(pool_policy, without_room_a_retry_gets_an_idle_connection_to_replace) {
    pool_policy pool(small);
    (void)pool.acquire(start, false);
    (void)pool.acquire(start, false);
    pool.keep(1, start);
    const auto next = pool.acquire(start, true);
    EXPECT_EQ(next.what, action::reuse);
    EXPECT_EQ(next.id, 1U);
    pool.gone(); // the caller drops it
    EXPECT_EQ(pool.acquire(start, true).what, action::open);
}

TEST(pool_policy, a_dead_idle_connection_is_forgotten_and_no_longer_counted) {
    pool_policy pool(small);
    (void)pool.acquire(start, false);
    (void)pool.acquire(start, false);
    pool.keep(1, start);
    pool.keep(2, start);
    pool.forget_idle(1);
    pool.forget_idle(8); // unknown: nothing happens
    EXPECT_EQ(pool.open(), 1U);
    ASSERT_EQ(pool.idle_list().size(), 1U);
    EXPECT_EQ(pool.idle_list().front().id, 2U);
}

} // namespace
} // namespace sluice::net::pool_policy_test
