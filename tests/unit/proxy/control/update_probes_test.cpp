#include "proxy/control/update_probes.hpp"

#include <gtest/gtest.h>

namespace sluice::control::update_probes_test {
namespace {

const result<void> good;
const result<void> bad = fail(errc::bad_upstream, "no");

TEST(update_probes, a_round_ends_well_with_its_last_probe) {
    update_probes probes;
    const auto round = probes.begin("chat", 2);
    EXPECT_FALSE(probes.add(round, good));
    EXPECT_FALSE(probes.verdict("chat"));
    EXPECT_TRUE(probes.add(round, good));
    ASSERT_TRUE(probes.verdict("chat"));
    EXPECT_TRUE(*probes.verdict("chat"));
}

TEST(update_probes, a_round_ends_badly_with_the_first_probe_that_fails) {
    update_probes probes;
    const auto round = probes.begin("chat", 3);
    EXPECT_FALSE(probes.add(round, good));
    EXPECT_TRUE(probes.add(round, bad));
    ASSERT_TRUE(probes.verdict("chat"));
    EXPECT_EQ(probes.verdict("chat")->error().message, "no");
    EXPECT_FALSE(probes.add(round, good)) << "it is over";
    EXPECT_FALSE(*probes.verdict("chat"));
}

TEST(update_probes, a_result_of_a_round_that_was_forgotten_or_replaced_changes_nothing) {
    update_probes probes;
    const auto first = probes.begin("chat", 1);
    const auto second = probes.begin("chat", 1);
    EXPECT_FALSE(probes.add(first, bad));
    EXPECT_FALSE(probes.verdict("chat"));
    probes.forget("chat");
    EXPECT_FALSE(probes.add(second, good));
    EXPECT_FALSE(probes.verdict("chat"));
    const auto other = probes.begin("other", 1);
    EXPECT_TRUE(probes.add(other, good));
    EXPECT_FALSE(probes.verdict("chat"));
}

} // namespace
} // namespace sluice::control::update_probes_test
