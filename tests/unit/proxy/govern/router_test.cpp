#include "proxy/govern/router.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace sluice::govern::router_test {

namespace {

model::endpoint split(const std::vector<int>& shares, std::string id = "id") {
    model::endpoint made;
    made.id = std::move(id);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto entity = std::make_shared<model::served_entity>();
        entity->name = "entity" + std::to_string(i);
        entity->traffic_percentage = shares[i];
        made.entities.push_back(std::move(entity));
    }
    return made;
}

// After each of `picks` requests every entity is less than one request off its share.
void expect_fair(router& here, const model::endpoint& to, int picks) {
    std::vector<int> taken(to.entities.size(), 0);
    for (int request = 1; request <= picks; ++request) {
        const std::size_t pick = here.pick(to);
        ASSERT_LT(pick, taken.size());
        ++taken[pick];
        for (std::size_t i = 0; i < taken.size(); ++i) {
            const int share = to.entities[i]->traffic_percentage;
            ASSERT_LT(std::abs(taken[i] * 100 - share * request), 100)
                << "entity " << i << " after " << request;
            if (share == 0) {
                ASSERT_EQ(taken[i], 0) << "entity " << i;
            }
        }
    }
}

void expect_fair(const std::vector<int>& shares) {
    router here;
    expect_fair(here, split(shares), 250);
}

std::vector<std::size_t> picks(router& here, const model::endpoint& to, int count) {
    std::vector<std::size_t> result;
    result.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        result.push_back(here.pick(to));
    return result;
}

} // namespace

TEST(router, one_entity_gets_everything_and_needs_no_memory) {
    router here;
    EXPECT_EQ(picks(here, split({100}), 5), (std::vector<std::size_t>{0, 0, 0, 0, 0}));
    EXPECT_EQ(here.remembered(), 0U);
}

TEST(router, every_prefix_of_every_split_of_two_is_fair) {
    for (int a = 0; a <= 100; ++a)
        expect_fair({a, 100 - a});
}

TEST(router, every_prefix_of_every_split_of_three_is_fair) {
    for (int a = 0; a <= 100; ++a) {
        for (int b = 0; a + b <= 100; ++b)
            expect_fair({a, b, 100 - a - b});
    }
}

TEST(router, every_prefix_is_fair_with_many_unequal_entities) {
    expect_fair({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 45}); // 11 entities, on which the smooth rule of nginx strays
    expect_fair({45, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
    expect_fair({5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 50});
    expect_fair({10, 10, 10, 10, 10, 10, 10, 10, 10, 10});
    expect_fair({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 90});
    expect_fair({0, 33, 0, 33, 34, 0});
    expect_fair(std::vector<int>(100, 1));
}

TEST(router, every_prefix_of_random_splits_is_fair) {
    std::mt19937 random(20'240'501); // the same splits at every run
    for (int round = 0; round < 2000; ++round) {
        std::vector<int> shares(2 + random() % 15, 0);
        for (int point = 0; point < 100; ++point)
            ++shares[random() % shares.size() / (1 + random() % 3)];
        ASSERT_EQ(std::accumulate(shares.begin(), shares.end(), 0), 100);
        expect_fair(shares);
        if (HasFatalFailure()) return;
    }
}

TEST(router, a_sequence_goes_on_over_a_config_whose_split_is_the_same) {
    router plain;
    const auto expected = picks(plain, split({30, 70}), 50);
    router here;
    auto got = picks(here, split({30, 70}), 17);
    auto updated = split({30, 70}); // other objects, other version, same names and shares
    updated.config_version = 7;
    const auto rest = picks(here, updated, 33);
    got.insert(got.end(), rest.begin(), rest.end());
    EXPECT_EQ(got, expected);
}

TEST(router, a_changed_split_starts_a_new_sequence) {
    router here;
    static_cast<void>(picks(here, split({30, 70}), 17));
    expect_fair(here, split({60, 40}), 250);
    static_cast<void>(picks(here, split({60, 40}), 3));
    auto renamed = split({60, 40});
    auto other = std::make_shared<model::served_entity>(*renamed.entities[0]);
    other->name = "other";
    renamed.entities[0] = other;
    expect_fair(here, renamed, 250);
    expect_fair(here, split({20, 20, 60}), 250);
}

TEST(router, endpoints_have_sequences_of_their_own) {
    router here;
    const auto a = split({50, 50}, "a");
    const auto b = split({50, 50}, "b");
    EXPECT_EQ(here.pick(a), 0U);
    EXPECT_EQ(here.pick(b), 0U);
    EXPECT_EQ(here.pick(a), 1U);
    EXPECT_EQ(here.pick(b), 1U);
}

TEST(router, memory_is_bounded) {
    router here;
    const auto to = split({50, 50});
    for (std::size_t i = 0; i <= router::most_endpoints; ++i) {
        auto each = to;
        each.id = std::to_string(i);
        static_cast<void>(here.pick(each));
    }
    EXPECT_LE(here.remembered(), router::most_endpoints);
}

TEST(router, a_schedule_is_the_earliest_deadline_first) {
    EXPECT_EQ(make_schedule({1, 1, 2}), (std::vector<std::uint16_t>{2, 0, 1, 2}));
    EXPECT_EQ(make_schedule({0, 3}), (std::vector<std::uint16_t>{1, 1, 1}));
    EXPECT_TRUE(make_schedule({}).empty());
    EXPECT_TRUE(make_schedule({0, 0}).empty());
}

} // namespace sluice::govern::router_test
