#include "proxy/observe/metrics_sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice::observe::metrics_sampler_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using stats_ptr = std::shared_ptr<model::entity_stats>;

void count(const stats_ptr& on, int times = 1) {
    for (int i = 0; i < times; ++i)
        on->slot(0, 2).add({.status = 200, .took_us = 1000}, {});
}

// "e one 3"
std::vector<std::string> texts(const std::vector<sampled_endpoint>& all) {
    std::vector<std::string> out;
    for (const sampled_endpoint& endpoint : all) {
        for (const minute_row& row : endpoint.rows) {
            std::string text = endpoint.endpoint_id;
            text.append(" ").append(row.entity).append(" ").append(std::to_string(row.counts.requests));
            out.push_back(std::move(text));
        }
    }
    return out;
}

TEST(metrics_sampler, takes_what_has_happened_since_the_last_time) {
    const auto one = std::make_shared<model::entity_stats>();
    const auto none = std::make_shared<model::entity_stats>();
    metrics_sampler sampler;
    sampler.follow("e", {{"", none}, {"one", one}});
    EXPECT_THAT(sampler.take(1), IsEmpty());
    count(one, 3);
    count(none);
    EXPECT_THAT(texts(sampler.take(2)), ElementsAre("e  1", "e one 3"));
    EXPECT_THAT(sampler.take(3), IsEmpty());
    count(one);
    const auto last = sampler.take(4);
    ASSERT_THAT(texts(last), ElementsAre("e one 1"));
    EXPECT_EQ(last[0].rows[0].minute, 4);
    minute_times times;
    ASSERT_TRUE(add_packed(last[0].rows[0].times, times));
    EXPECT_EQ(times.latency[time_buckets::index_of(1000)], 1U);
}

TEST(metrics_sampler, a_look_changes_nothing) {
    const auto one = std::make_shared<model::entity_stats>();
    metrics_sampler sampler;
    sampler.follow("e", {{"one", one}});
    count(one);
    EXPECT_EQ(sampler.look("e", 1).at(0).counts.requests, 1U);
    EXPECT_EQ(sampler.look("e", 1).at(0).counts.requests, 1U);
    EXPECT_THAT(sampler.look("other", 1), IsEmpty());
    EXPECT_THAT(texts(sampler.take(1)), ElementsAre("e one 1"));
    EXPECT_THAT(sampler.look("e", 1), IsEmpty());
}

TEST(metrics_sampler, an_update_that_keeps_an_entity_counts_on) {
    const auto one = std::make_shared<model::entity_stats>();
    const auto two = std::make_shared<model::entity_stats>();
    metrics_sampler sampler;
    sampler.follow("e", {{"one", one}});
    count(one, 2);
    sampler.follow("e", {{"one", one}, {"two", two}});
    count(one);
    count(two);
    EXPECT_THAT(texts(sampler.take(1)), ElementsAre("e one 3", "e two 1"));
}

TEST(metrics_sampler, an_entity_that_leaves_is_counted_until_its_last_query_has_ended) {
    auto one = std::make_shared<model::entity_stats>();
    auto again = std::make_shared<model::entity_stats>();
    metrics_sampler sampler;
    sampler.follow("e", {{"one", one}});
    count(one);
    sampler.follow("e", {});
    EXPECT_THAT(texts(sampler.take(1)), ElementsAre("e one 1"));
    count(one); // by a request that was under way
    sampler.follow("e", {{"one", again}});
    count(again);
    EXPECT_THAT(texts(sampler.take(2)), ElementsAre("e one 1", "e one 1"));
    const std::weak_ptr<model::entity_stats> seen = one;
    one.reset();
    EXPECT_THAT(sampler.take(3), IsEmpty());
    EXPECT_TRUE(seen.expired());
    count(again);
    EXPECT_THAT(texts(sampler.take(4)), ElementsAre("e one 1"));
}

TEST(metrics_sampler, statistics_that_begin_anew_make_nothing_negative) {
    const auto first = std::make_shared<model::entity_stats>();
    metrics_sampler sampler;
    sampler.follow("e", {{"one", first}});
    count(first, 10);
    (void)sampler.take(1);
    const auto second = std::make_shared<model::entity_stats>();
    count(second, 2);
    sampler.follow("e", {{"one", second}});
    EXPECT_THAT(texts(sampler.take(2)), ElementsAre("e one 2"));
}

TEST(metrics_sampler, a_forgotten_endpoint_is_not_taken) {
    const auto one = std::make_shared<model::entity_stats>();
    metrics_sampler sampler;
    sampler.follow("e", {{"one", one}});
    sampler.follow("f", {{"one", one}});
    count(one);
    sampler.forget("e");
    sampler.forget("e");
    EXPECT_THAT(texts(sampler.take(1)), ElementsAre("f one 1"));
}

} // namespace
} // namespace sluice::observe::metrics_sampler_test
