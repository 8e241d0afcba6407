#include "core/base/cow_map.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace sluice::cow_map_test {
namespace {

struct change {
    std::string key;
    std::optional<int> value;
};

int value_of(const cow_map<int>& map, std::string_view key) {
    const int* found = map.find(key);
    return found ? *found : -1;
}

TEST(cow_map, a_changed_copy_leaves_the_original_as_it_was) {
    const cow_map<int> none;
    const cow_map<int> one = none.with("a", 1);
    const cow_map<int> two = one.with("b", 2).with("a", 3);
    EXPECT_EQ(none.size(), 0U);
    EXPECT_EQ(value_of(one, "a"), 1);
    EXPECT_EQ(value_of(two, "a"), 3);
    EXPECT_EQ(two.size(), 2U);
    EXPECT_EQ(two.without("a").size(), 1U);
    EXPECT_EQ(two.without("c").size(), 2U);
    EXPECT_EQ(value_of(two, "a"), 3);
}

TEST(cow_map, many_changes_at_once_are_the_same_as_one_by_one) {
    cow_map<int> step;
    std::vector<change> all;
    for (int i = 0; i < 2000; ++i) {
        const std::string key = std::to_string(i % 700);
        const bool goes = i % 3 == 0;
        all.push_back({key, goes ? std::nullopt : std::optional(i)});
        step = goes ? step.without(key) : step.with(key, i);
    }
    const cow_map<int> before = cow_map<int>().with("0", 7).with("kept", 8);
    const cow_map<int> after = before.with_all(all);
    EXPECT_EQ(value_of(before, "0"), 7);
    EXPECT_EQ(before.size(), 2U);
    EXPECT_EQ(value_of(after, "kept"), 8);
    EXPECT_EQ(after.size(), step.size() + 1);
    std::size_t seen = 0;
    step.for_each([&](const std::string& key, int value) {
        EXPECT_EQ(value_of(after, key), value) << key;
        ++seen;
    });
    EXPECT_EQ(seen, step.size());
    EXPECT_EQ(before.with_all(std::vector<change>()).size(), 2U);
}

} // namespace
} // namespace sluice::cow_map_test
