#include "proxy/control/event_rate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::control::event_rate_test {
namespace {

constexpr event_limit limit{.at_once = 3, .interval = 100, .keys = 2};

TEST(event_rate, some_at_once_then_one_an_interval) {
    event_rate rate(limit);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(rate.admit("a", 1000), 0);
    EXPECT_EQ(rate.admit("a", 1000), std::nullopt);
    EXPECT_EQ(rate.admit("a", 1099), std::nullopt);
    EXPECT_EQ(rate.admit("a", 1100), 2) << "what was left out is told once";
    EXPECT_EQ(rate.admit("a", 1100), std::nullopt);
    EXPECT_EQ(rate.admit("a", 9000), 1);
    EXPECT_EQ(rate.admit("a", 9000), 0);
    EXPECT_EQ(rate.admit("a", 9000), 0);
    EXPECT_EQ(rate.admit("a", 9000), std::nullopt);
}

TEST(event_rate, each_key_has_its_own) {
    event_rate rate(limit);
    for (int i = 0; i < 9; ++i)
        (void)rate.admit("a", 1000);
    EXPECT_EQ(rate.admit("b", 1000), 0);
}

TEST(event_rate, of_many_keys_the_quiet_one_is_forgotten) {
    event_rate rate(limit);
    for (int i = 0; i < 4; ++i)
        (void)rate.admit("busy", 1000);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(rate.admit(std::to_string(i), 1001), 0);
        EXPECT_EQ(rate.admit("busy", 1002), std::nullopt) << i;
    }
    EXPECT_EQ(rate.size(), 2U);
}

TEST(event_rate, a_clock_that_is_set_back_keeps_nothing_out_for_longer) {
    event_rate rate(limit);
    for (int i = 0; i < 4; ++i)
        (void)rate.admit("a", 1'000'000);
    EXPECT_EQ(rate.admit("a", 0), std::nullopt);
    EXPECT_EQ(rate.admit("a", 100), 2);
}

} // namespace
} // namespace sluice::control::event_rate_test
