#include "proxy/govern/limits.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sluice::govern::limits_test {

namespace {

using model::limit_key;

constexpr steady_time start{std::chrono::hours(1)};

model::endpoint endpoint_with(std::vector<model::rate_limit> limits,
                              std::string id = "0123456789abcdef0123456789abcdef") {
    model::endpoint made;
    made.id = std::move(id);
    made.name = "chat";
    made.limits = std::move(limits);
    return made;
}

model::principal user(std::string id) {
    model::principal made;
    made.id = std::move(id);
    return made;
}

// Calls that count, up to `most`.
std::int64_t admitted(limiter& here,
                      const model::endpoint& to,
                      const model::principal& who,
                      std::int64_t most,
                      steady_time now = start) {
    std::int64_t count = 0;
    for (; count < most; ++count) {
        auto permit = here.admit(to, who, now);
        if (!permit) break;
        permit->keep();
    }
    return count;
}

} // namespace

TEST(limits, an_endpoint_without_limits_admits_and_remembers_nothing) {
    bucket_table table;
    limiter here(table);
    EXPECT_EQ(admitted(here, endpoint_with({}), user("1"), 1000), 1000);
    EXPECT_EQ(here.cached(), 0U);
    EXPECT_EQ(table.size(), 0U);
}

TEST(limits, an_endpoint_limit_is_one_budget_for_all_users) {
    bucket_table table;
    limiter here(table);
    const auto to = endpoint_with({{limit_key::endpoint, 5}});
    EXPECT_EQ(admitted(here, to, user("1"), 3), 3);
    EXPECT_EQ(admitted(here, to, user("2"), 10), 2);
}

TEST(limits, a_user_limit_is_a_budget_for_each_user) {
    bucket_table table;
    limiter here(table);
    const auto to = endpoint_with({{limit_key::user, 5}});
    EXPECT_EQ(admitted(here, to, user("1"), 10), 5);
    EXPECT_EQ(admitted(here, to, user("2"), 10), 5);
}

TEST(limits, endpoints_have_budgets_of_their_own) {
    bucket_table table;
    limiter here(table);
    EXPECT_EQ(admitted(here, endpoint_with({{limit_key::endpoint, 5}}, "a"), user("1"), 10), 5);
    EXPECT_EQ(admitted(here, endpoint_with({{limit_key::endpoint, 5}}, "b"), user("1"), 10), 5);
}

TEST(limits, a_call_that_one_limit_refuses_costs_nothing_at_the_other) {
    bucket_table table;
    limiter here(table);
    const auto both = endpoint_with({{limit_key::endpoint, 10}, {limit_key::user, 3}});
    EXPECT_EQ(admitted(here, both, user("1"), 10), 3);
    for (int i = 0; i < 20; ++i)
        EXPECT_FALSE(here.admit(both, user("1"), start));
    EXPECT_EQ(admitted(here, both, user("2"), 10), 3);
    EXPECT_EQ(admitted(here, both, user("3"), 10), 3);
    EXPECT_EQ(admitted(here, both, user("4"), 10), 1); // the endpoint is used up
}

TEST(limits, a_permit_that_is_dropped_gives_its_units_back_and_one_that_is_kept_does_not) {
    bucket_table table;
    limiter here(table);
    const auto to = endpoint_with({{limit_key::endpoint, 1}, {limit_key::user, 1}});
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(here.admit(to, user("1"), start));
    auto permit = here.admit(to, user("1"), start);
    ASSERT_TRUE(permit);
    EXPECT_FALSE(here.admit(to, user("1"), start));
    permit->keep();
    permit->keep();
    EXPECT_FALSE(here.admit(to, user("1"), start));
}

TEST(limits, a_permit_can_be_moved_and_counts_once) {
    bucket_table table;
    limiter here(table);
    const auto to = endpoint_with({{limit_key::endpoint, 2}});
    {
        auto first = here.admit(to, user("1"), start);
        ASSERT_TRUE(first);
        permit moved = std::move(*first);
        permit assigned;
        assigned = std::move(moved);
        auto second = here.admit(to, user("1"), start);
        ASSERT_TRUE(second);
        EXPECT_FALSE(here.admit(to, user("1"), start));
        assigned = std::move(*second); // gives the first unit back
        EXPECT_TRUE(here.admit(to, user("1"), start));
    }
    EXPECT_EQ(admitted(here, to, user("1"), 10), 2);
}

TEST(limits, the_refusal_is_a_429_that_names_endpoint_limit_and_seconds) {
    bucket_table table;
    limiter here(table);
    const auto to = endpoint_with({{limit_key::user, 4}});
    EXPECT_EQ(admitted(here, to, user("1"), 10), 4);
    const auto refused = here.admit(to, user("1"), start + milliseconds(100));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::request_limit_exceeded);
    EXPECT_EQ(refused.error().retry_after_seconds, 15); // 14.9 s
    EXPECT_EQ(refused.error().message,
              "REQUEST_LIMIT_EXCEEDED: user defined rate limit(s) exceeded for 'chat'. Requests-per-minute "
              "(RPM) limit of 4 reached for the key 'user'.");
    EXPECT_EQ(break_retry_phrases(refused.error().message), refused.error().message);
}

TEST(limits, the_seconds_to_wait_are_between_1_and_60) {
    bucket_table table;
    limiter here(table);
    const auto slow = endpoint_with({{limit_key::endpoint, 1}}, "slow");
    const auto fast = endpoint_with({{limit_key::endpoint, 100'000}}, "fast");
    EXPECT_EQ(admitted(here, slow, user("1"), 10), 1);
    EXPECT_EQ(admitted(here, fast, user("1"), 200'000), 100'000);
    EXPECT_EQ(here.admit(slow, user("1"), start).error().retry_after_seconds, 60);
    EXPECT_EQ(here.admit(fast, user("1"), start).error().retry_after_seconds, 1);
}

TEST(limits, a_limit_of_0_closes_the_endpoint_and_takes_no_unit_elsewhere) {
    bucket_table table;
    limiter here(table);
    const auto closed = endpoint_with({{limit_key::endpoint, 1}, {limit_key::user, 0}});
    for (int i = 0; i < 3; ++i) {
        const auto refused = here.admit(closed, user("1"), start);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::permission_denied);
        EXPECT_NE(refused.error().message.find("temporarily disabled"), std::string::npos);
    }
    EXPECT_EQ(admitted(here, endpoint_with({{limit_key::endpoint, 1}}), user("1"), 10), 1);
}

TEST(limits, consumption_survives_a_changed_limit_and_a_new_name) {
    bucket_table table;
    limiter here(table);
    EXPECT_EQ(admitted(here, endpoint_with({{limit_key::endpoint, 100}}), user("1"), 50), 50);
    auto changed = endpoint_with({{limit_key::endpoint, 10}});
    changed.name = "other";
    changed.config_version = 2;
    EXPECT_EQ(admitted(here, changed, user("1"), 100), 5);
}

TEST(limits, 64_shards_on_one_table_admit_exactly_the_limit) {
    constexpr int threads = 64;
    const auto to = endpoint_with({{limit_key::endpoint, 5003}, {limit_key::user, 1009}});
    bucket_table table;
    std::atomic<std::int64_t> taken = 0;
    std::barrier together(threads);
    {
        std::vector<std::jthread> all;
        for (int t = 0; t < threads; ++t) {
            all.emplace_back([&, who = user(std::to_string(t % 4))] {
                limiter here(table);
                together.arrive_and_wait();
                taken += admitted(here, to, who, 1'000'000);
            });
        }
    }
    EXPECT_EQ(taken.load(), 4 * 1009); // four users, each limited below a quarter of the endpoint's budget
    limiter late(table);
    EXPECT_EQ(admitted(late, to, user("late"), 10'000), 5003 - 4 * 1009);
}

TEST(limits, the_cache_of_a_shard_is_bounded_and_forgetting_costs_no_unit) {
    bucket_table table;
    limiter here(table, 10);
    const auto to = endpoint_with({{limit_key::user, 2}});
    auto held = here.admit(to, user("held"), start);
    ASSERT_TRUE(held);
    EXPECT_EQ(admitted(here, to, user("0"), 10), 2);
    for (int i = 1; i < 100; ++i)
        EXPECT_EQ(admitted(here, to, user(std::to_string(i)), 1), 1);
    EXPECT_LE(here.cached(), 10U);
    EXPECT_EQ(admitted(here, to, user("0"), 10), 0);
    EXPECT_EQ(admitted(here, to, user("held"), 10), 1);
    held->keep();
}

TEST(limits, the_table_forgets_full_buckets_that_nobody_holds) {
    bucket_table table;
    const auto name = [](int i) { return "key" + std::to_string(i); };
    const auto held = table.find_or_add("held", start);
    const auto spent = table.find_or_add("spent", start);
    ASSERT_EQ(spent->admit(start, 1), std::nullopt);
    const std::weak_ptr<token_bucket> still_spent = spent;
    for (int i = 0; i < 500'000; ++i)
        static_cast<void>(table.find_or_add(name(i), start));
    EXPECT_LT(table.size(), 64U * 1025);
    EXPECT_EQ(table.find_or_add("held", start), held);
    EXPECT_EQ(table.find_or_add("spent", start), spent);
}

TEST(limits, the_table_keeps_a_spent_bucket_that_nobody_holds_until_it_is_full_again) {
    bucket_table table;
    ASSERT_EQ(table.find_or_add("spent", start)->admit(start, 1), std::nullopt);
    for (int i = 0; i < 200'000; ++i)
        static_cast<void>(table.find_or_add(std::to_string(i), start));
    EXPECT_TRUE(table.find_or_add("spent", start)->admit(start, 1));
    const auto later = start + seconds(60);
    for (int i = 0; i < 200'000; ++i)
        static_cast<void>(table.find_or_add(std::to_string(-i), later));
    EXPECT_EQ(table.find_or_add("spent", later)->admit(later, 1), std::nullopt);
}

} // namespace sluice::govern::limits_test
