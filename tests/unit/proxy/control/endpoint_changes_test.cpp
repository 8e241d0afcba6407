#include "proxy/control/endpoint_changes.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::control::endpoint_changes_test {
namespace {

// Names that have changed, names that were lost behind "|", or "anew".
std::string since(const endpoint_changes& changes, std::string_view revision, std::string_view who = "7") {
    const auto happened = changes.since(revision, who);
    if (!happened) return "anew";
    std::string out;
    for (const std::string& name : happened->changed)
        out.append(name).append(" ");
    out += '|';
    for (const endpoint_changes::loss* each : happened->lost)
        out.append(" ").append(each->name);
    return out;
}

TEST(endpoint_changes, nothing_has_happened_since_now) {
    endpoint_changes changes("s");
    EXPECT_EQ(since(changes, changes.revision()), "|");
    changes.changed("a");
    EXPECT_EQ(since(changes, changes.revision()), "|");
}

TEST(endpoint_changes, each_endpoint_is_told_once_by_its_last_change) {
    endpoint_changes changes("s");
    const std::string begin = changes.revision();
    changes.changed("a");
    const std::string first = changes.revision();
    changes.changed("b");
    changes.changed("c");
    changes.changed("b");
    EXPECT_EQ(since(changes, begin), "a c b |");
    EXPECT_EQ(since(changes, first), "c b |");
    EXPECT_NE(changes.revision(), first);
}

TEST(endpoint_changes, what_is_deleted_is_lost_and_may_come_again) {
    endpoint_changes changes("s");
    changes.changed("a");
    const std::string before = changes.revision();
    changes.erased("a");
    changes.lost("a", {{"7", model::permission::can_view}});
    EXPECT_EQ(since(changes, before), "| a");
    const auto happened = changes.since(before, "7");
    if (!happened) {
        FAIL();
    }
    EXPECT_EQ(happened->lost.front()->acl.front().principal, "7");
    const std::string between = changes.revision();
    changes.changed("a");
    EXPECT_EQ(since(changes, before), "a | a");
    EXPECT_EQ(since(changes, between), "a |");
    changes.erased("never-there");
    EXPECT_EQ(since(changes, between), "a |");
}

TEST(endpoint_changes, other_rights_begin_anew_for_their_principal_only) {
    endpoint_changes changes("s");
    changes.changed("a");
    const std::string before = changes.revision();
    changes.rights_changed("7");
    EXPECT_EQ(since(changes, before, "7"), "anew");
    EXPECT_EQ(since(changes, before, "8"), "|");
    EXPECT_EQ(since(changes, changes.revision(), "7"), "|");
    changes.principal_removed("7");
    changes.principal_removed("9");
    EXPECT_EQ(since(changes, changes.revision(), "7"), "|");
}

TEST(endpoint_changes, a_revision_that_is_not_known_begins_anew) {
    endpoint_changes changes("abc");
    changes.changed("a");
    ASSERT_EQ(changes.revision(), "abc-1");
    EXPECT_EQ(since(changes, "abc-0"), "a |");
    for (const std::string_view other : {"",
                                         "abc",
                                         "abc-",
                                         "abc-2",
                                         "abd-1",
                                         "ab-1",
                                         "abc-1x",
                                         "abc--1",
                                         "abc-99999999999999999999",
                                         "1",
                                         "-1"})
        EXPECT_EQ(since(changes, other), "anew") << other;
}

TEST(endpoint_changes, losses_are_remembered_up_to_a_number) {
    endpoint_changes changes("s");
    const std::string begin = changes.revision();
    changes.lost("first", {});
    const std::string after_first = changes.revision();
    for (std::size_t i = 1; i < endpoint_changes::max_losses; ++i)
        changes.lost("x", {});
    EXPECT_NE(since(changes, begin), "anew");
    changes.lost("y", {});
    EXPECT_EQ(since(changes, begin), "anew");
    EXPECT_NE(since(changes, after_first), "anew");
}

} // namespace
} // namespace sluice::control::endpoint_changes_test
