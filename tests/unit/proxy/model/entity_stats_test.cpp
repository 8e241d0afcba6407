#include "proxy/model/entity_stats.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace sluice::model::entity_stats_test {
namespace {

steady_time at(int whole_seconds) {
    return steady_time(seconds(1'000'000 + whole_seconds));
}

TEST(minute_count, nothing_is_counted_at_first_not_even_at_time_zero) {
    const minute_count count;
    EXPECT_EQ(count.sum(steady_time{}), 0U);
    EXPECT_EQ(count.sum(at(0)), 0U);
}

TEST(minute_count, what_happened_is_in_the_sum_at_once_and_leaves_it_within_a_minute) {
    minute_count count;
    count.add(at(0));
    count.add(at(1));
    count.add(at(31));
    EXPECT_EQ(count.sum(at(31)), 3U);
    EXPECT_EQ(count.sum(at(59)), 3U);
    EXPECT_EQ(count.sum(at(60)), 1U) << "only what is younger than a minute";
    EXPECT_EQ(count.sum(at(90)), 0U);
}

TEST(minute_count, a_cell_is_used_again_after_a_minute_or_a_day) {
    minute_count count;
    for (int i = 0; i < 1000; ++i)
        count.add(at(2));
    count.add(at(62));
    EXPECT_EQ(count.sum(at(62)), 1U);
    count.add(at(86'402));
    EXPECT_EQ(count.sum(at(86'402)), 1U);
}

TEST(minute_count, a_reader_whose_clock_is_behind_the_writers_does_not_count_the_future) {
    minute_count count;
    count.add(at(10));
    EXPECT_EQ(count.sum(at(4)), 0U);
}

TEST(entity_slot, status_classes_are_counted_apart) {
    entity_slot slot;
    for (const int status : {200, 400, 404, 429, 500, 503})
        slot.add({.status = status}, at(0));
    EXPECT_EQ(slot.requests.sum(at(0)), 6U);
    EXPECT_EQ(slot.status_4xx.sum(at(0)), 3U);
    EXPECT_EQ(slot.status_5xx.sum(at(0)), 2U);
}

TEST(entity_slot, the_models_times_count_only_when_the_provider_was_asked) {
    entity_slot slot;
    slot.add({.status = 502, .took_us = 900}, at(0));
    slot.add({.status = 200, .took_us = 30'000, .sent = true, .queued_us = 1500, .model_us = 20'000}, at(0));
    EXPECT_EQ(slot.latency.sum_us.get(), 30'900U);
    EXPECT_EQ(slot.model_latency.sum_us.get(), 20'000U);
    EXPECT_EQ(slot.queue_time.sum_us.get(), 1500U);
    EXPECT_EQ(slot.queue_time.buckets[1].get(), 1U) << "1.5 ms is at most 2 ms";
}

TEST(entity_stats, a_shard_gets_a_slot_when_it_first_asks_and_the_same_ever_after) {
    entity_stats stats;
    EXPECT_TRUE(stats.slots().empty());
    entity_slot& second = stats.slot(1, 4);
    EXPECT_EQ(&stats.slot(1, 4), &second);
    ASSERT_EQ(stats.slots().size(), 1U);
    EXPECT_NE(&stats.slot(3, 4), &second);
    EXPECT_EQ(stats.slots().size(), 2U);
}

TEST(entity_stats, shards_that_begin_together_lose_nothing_while_a_scrape_reads) {
    entity_stats stats;
    std::vector<std::thread> shards;
    for (std::size_t shard = 0; shard < 4; ++shard) {
        shards.emplace_back([&stats, shard] {
            for (int i = 0; i < 1000; ++i)
                stats.slot(shard, 4).add({.status = 200}, at(0));
        });
    }
    std::uint64_t seen = 0;
    while (seen < 4000) {
        std::uint64_t now = 0;
        for (const entity_slot* one : stats.slots())
            now += one->requests.sum(at(0));
        ASSERT_GE(now, seen);
        seen = now;
    }
    for (std::thread& one : shards)
        one.join();
    EXPECT_EQ(seen, 4000U);
}

TEST(entity_stats, the_last_fifty_failures_are_kept_oldest_first) {
    entity_stats stats;
    EXPECT_TRUE(stats.failures().empty());
    for (int i = 0; i < 120; ++i)
        stats.failed({i, 502, "INTERNAL_ERROR", "connect failed", std::to_string(i)});
    const std::vector<entity_failure> kept = stats.failures();
    ASSERT_EQ(kept.size(), entity_stats::most_failures);
    for (std::size_t i = 0; i < kept.size(); ++i)
        EXPECT_EQ(kept[i].request_id, std::to_string(70 + i));
}

} // namespace
} // namespace sluice::model::entity_stats_test
