#include "proxy/observe/minute_totals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sluice::observe::minute_totals_test {
namespace {

using testing::IsEmpty;

constexpr std::int64_t minute_ms = 60'000;

model::entity_query query_of(int status, std::uint64_t took_us) {
    model::entity_query out;
    out.status = status;
    out.took_us = took_us;
    return out;
}

minute_row row(std::int64_t minute, std::string entity, const std::vector<std::uint64_t>& latencies) {
    minute_totals totals;
    totals.counts.requests = latencies.size();
    for (const std::uint64_t each : latencies)
        ++totals.times.latency[time_buckets::index_of(each)];
    return {minute, std::move(entity), totals.counts, pack_times(totals.times)};
}

std::vector<std::uint64_t> requests_of(const model::metrics_series& series) {
    std::vector<std::uint64_t> out;
    out.reserve(series.points.size());
    for (const model::metrics_point& one : series.points)
        out.push_back(one.counts.requests);
    return out;
}

TEST(minute_totals, are_the_sum_of_all_shards) {
    model::entity_stats stats;
    EXPECT_EQ(read_totals(stats), minute_totals());
    model::entity_query one = query_of(200, 30'000);
    one.sent = true;
    one.own_us = 150;
    one.streamed = true;
    one.first_token_us = 9'000;
    one.input_tokens = 7;
    one.output_tokens = 11;
    stats.slot(0, 4).add(one, {});
    stats.slot(3, 4).add(one, {});
    model::entity_query limited = query_of(429, 100);
    limited.limited = true;
    stats.slot(1, 4).add(limited, {});
    stats.slot(1, 4).add(query_of(502, 200), {});
    const minute_totals all = read_totals(stats);
    EXPECT_EQ(all.counts, (model::metrics_counts{4, 1, 1, 1, 14, 22}));
    EXPECT_EQ(all.times.latency[time_buckets::index_of(30'000)], 2U);
    EXPECT_EQ(all.times.latency[time_buckets::index_of(100)], 1U);
    EXPECT_EQ(all.times.first_token[time_buckets::index_of(9'000)], 2U);
    EXPECT_EQ(all.times.overhead[time_buckets::index_of(150)], 2U);
    EXPECT_EQ(read_requests(stats), 4U);
}

TEST(minute_totals, a_difference_and_what_was_before_are_the_whole) {
    model::entity_stats stats;
    stats.slot(0, 1).add(query_of(200, 10), {});
    const minute_totals before = read_totals(stats);
    stats.slot(0, 1).add(query_of(500, 20), {});
    minute_totals difference = read_totals(stats);
    difference.subtract(before);
    EXPECT_EQ(difference.counts, (model::metrics_counts{1, 0, 1, 0, 0, 0}));
    EXPECT_EQ(difference.times.latency[10], 0U);
    difference.add(before);
    EXPECT_EQ(difference, read_totals(stats));
}

TEST(minute_totals, a_bucket_that_has_wrapped_round_still_has_the_right_difference) {
    minute_totals before;
    before.times.latency[3] = std::numeric_limits<std::uint32_t>::max() - 1;
    minute_totals now;
    now.times.latency[3] = 5;
    now.subtract(before);
    EXPECT_EQ(now.times.latency[3], 7U);
}

TEST(packed_times, come_back_and_add_up) {
    minute_times times;
    EXPECT_EQ(pack_times(times).size(), 3U);
    times.latency[0] = 1;
    times.latency[200] = 1'000'000;
    times.first_token[time_buckets::count - 1] = std::numeric_limits<std::uint32_t>::max();
    times.overhead[128] = 127;
    times.overhead[129] = 128;
    const std::string packed = pack_times(times);
    EXPECT_LT(packed.size(), 32U);
    minute_times back;
    ASSERT_TRUE(add_packed(packed, back));
    EXPECT_EQ(back, times);
    ASSERT_TRUE(add_packed(packed, back));
    EXPECT_EQ(back.latency[200], 2'000'000U);
}

TEST(packed_times, that_are_damaged_are_found) {
    minute_times times;
    times.latency[77] = 300;
    times.overhead[223] = 5;
    const std::string packed = pack_times(times);
    for (std::size_t size = 0; size < packed.size(); ++size) {
        minute_times back;
        EXPECT_FALSE(add_packed(std::string_view(packed).substr(0, size), back)) << size;
    }
    minute_times back;
    EXPECT_FALSE(add_packed(packed + 'x', back));
    for (const char* bad :
         {"\xff\xff\xff\xff\xff\xff\xff", "\x01\x7f\x7f\x01\x7f\x7f", "\x02\x7f\x01\x7f\x01"}) {
        EXPECT_FALSE(add_packed(bad, back)) << bad;
    }
}

TEST(percentiles, of_nothing_are_absent) {
    const model::metrics_percentiles none = percentiles_of({});
    EXPECT_FALSE(none.p50 || none.p99);
}

TEST(percentiles, are_within_a_sixteenth_of_what_was_measured) {
    for (const std::uint64_t value : {9U, 100U, 12'345U, 2'000'000U, 500'000'000U}) {
        time_buckets::counts counts{};
        counts[time_buckets::index_of(value)] = 1;
        const model::metrics_percentiles found = percentiles_of(counts);
        EXPECT_NEAR(found.p50.value_or(-1), static_cast<double>(value), static_cast<double>(value) / 16);
        EXPECT_EQ(found.p50, found.p99);
    }
}

TEST(percentiles, tell_the_few_from_the_many) {
    time_buckets::counts counts{};
    counts[time_buckets::index_of(1'000)] = 98;
    counts[time_buckets::index_of(900'000)] = 2;
    const model::metrics_percentiles found = percentiles_of(counts);
    EXPECT_NEAR(found.p50.value_or(0), 1'000, 70);
    EXPECT_NEAR(found.p99.value_or(0), 900'000, 60'000);
    counts[time_buckets::index_of(900'000)] = 0;
    EXPECT_NEAR(percentiles_of(counts).p99.value_or(0), 1'000, 70);
}

TEST(summarize, has_a_point_for_each_step_whether_something_happened_or_not) {
    model::metrics_query wanted;
    wanted.start = 10 * minute_ms;
    wanted.end = 16 * minute_ms;
    wanted.step = 2 * minute_ms;
    wanted.entities = {"one", "idle"};
    const model::metrics_answer got = summarize({row(10, "one", {1000, 1000}),
                                                 row(15, "one", {3000}),
                                                 row(11, "one", {9000}),
                                                 row(11, "", {50}),
                                                 row(9, "one", {1}),
                                                 row(16, "one", {1})},
                                                wanted);
    ASSERT_EQ(got.entities.size(), 2U);
    EXPECT_EQ(got.entities[0].name, "one");
    EXPECT_EQ(requests_of(got.entities[0]), (std::vector<std::uint64_t>{3, 0, 1}));
    EXPECT_EQ(requests_of(got.entities[1]), (std::vector<std::uint64_t>{0, 0, 0}));
    EXPECT_EQ(requests_of(got.total), (std::vector<std::uint64_t>{4, 0, 1}));
    EXPECT_FALSE(got.total.points[1].latency.p50);
    EXPECT_NEAR(got.entities[0].points[0].latency.p99.value_or(0), 9000, 600);
}

TEST(summarize, percentiles_of_a_step_are_those_of_all_its_queries_not_of_its_minutes) {
    model::metrics_query wanted;
    wanted.end = 2 * minute_ms;
    wanted.step = 2 * minute_ms;
    // The mean of the minutes' medians would be half a second.
    const std::vector<std::uint64_t> many(99, 1'000);
    const model::metrics_answer got =
        summarize({row(0, "a", many), row(1, "a", {1'000'000}), row(1, "b", {1'000'000})}, wanted);
    EXPECT_NEAR(got.total.points.at(0).latency.p50.value_or(0), 1'000, 70);
    EXPECT_NEAR(got.total.points.at(0).latency.p99.value_or(0), 1'000'000, 62'000);
    EXPECT_NEAR(got.entities.at(0).points.at(0).latency.p99.value_or(0), 1'000, 70);
}

TEST(summarize, rows_of_one_minute_and_name_add_up) {
    model::metrics_query wanted;
    wanted.end = minute_ms;
    const model::metrics_answer got = summarize({row(0, "a", {1}), row(0, "a", {1, 2})}, wanted);
    EXPECT_EQ(requests_of(got.entities.at(0)), (std::vector<std::uint64_t>{3}));
}

TEST(summarize, lists_the_entities_of_now_first_and_of_the_others_the_busiest) {
    model::metrics_query wanted;
    wanted.end = minute_ms;
    wanted.entities = {"now"};
    wanted.most_entities = 3;
    const model::metrics_answer got =
        summarize({row(0, "b", {1}), row(0, "c", {1, 1}), row(0, "a", {1}), row(0, "d", {1, 1, 1})}, wanted);
    std::vector<std::string> names;
    names.reserve(got.entities.size());
    for (const model::metrics_series& one : got.entities)
        names.push_back(one.name);
    EXPECT_EQ(names, (std::vector<std::string>{"now", "d", "c"}));
    EXPECT_EQ(requests_of(got.total), (std::vector<std::uint64_t>{7}));
}

TEST(summarize, of_nothing_is_all_zero) {
    model::metrics_query wanted;
    wanted.start = 5 * minute_ms;
    wanted.end = 6 * minute_ms + 1;
    const model::metrics_answer got = summarize({}, wanted);
    EXPECT_EQ(requests_of(got.total), (std::vector<std::uint64_t>{0, 0}));
    EXPECT_THAT(got.entities, IsEmpty());
}

} // namespace
} // namespace sluice::observe::minute_totals_test
