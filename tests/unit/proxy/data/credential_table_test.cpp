#include "proxy/data/credential_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::data::credential_table_test {
namespace {

constexpr wall_ms start = 1'700'000'000'000;
constexpr wall_ms minute = 60 * 1000;

providers::credential token(std::string_view text, wall_ms expires) {
    providers::credential made;
    made.token = secret_string(text);
    made.expires = expires;
    return made;
}

// What the askers that wait are told.
struct outcomes {
    std::vector<std::string> told;

    credential_table::told listener() {
        return [this](const result<credential_ptr>& got) {
            told.emplace_back(got ? (*got)->token.reveal() : std::string_view(got.error().message));
        };
    }
};

TEST(credential_table, one_asker_makes_the_exchange_and_the_others_wait_for_it) {
    credential_table table;
    outcomes seen;
    const auto first = table.ask("a", start, seen.listener());
    EXPECT_TRUE(first.begin);
    EXPECT_FALSE(first.have);
    const auto second = table.ask("a", start, seen.listener());
    EXPECT_FALSE(second.begin);
    EXPECT_FALSE(second.have);
    EXPECT_TRUE(table.ask("b", start, {}).begin) << "another credential is exchanged by itself";
    table.done("a", token("t1", start + 60 * minute), start);
    EXPECT_EQ(seen.told, (std::vector<std::string>{"t1", "t1"}));
    const auto later = table.ask("a", start + minute, seen.listener());
    EXPECT_FALSE(later.begin);
    ASSERT_TRUE(later.have);
    EXPECT_EQ(later.have->token.reveal(), "t1");
    EXPECT_GT(later.good_until, start + 54 * minute);
    EXPECT_LE(later.good_until, start + 55 * minute);
    EXPECT_EQ(seen.told.size(), 2U);
}

TEST(credential_table, it_is_renewed_in_the_background_before_it_expires) {
    credential_table table;
    static_cast<void>(table.ask("a", start, [](const auto&) {}));
    table.done("a", token("t1", start + 60 * minute), start);
    const auto due = table.ask("a", start + 56 * minute, [](const auto&) {});
    EXPECT_TRUE(due.begin);
    ASSERT_TRUE(due.have);
    EXPECT_EQ(due.have->token.reveal(), "t1");
    EXPECT_LE(due.good_until, start + 56 * minute) << "the next request looks again";
    const auto meanwhile = table.ask("a", start + 56 * minute, [](const auto&) {});
    EXPECT_FALSE(meanwhile.begin);
    EXPECT_TRUE(meanwhile.have);
    table.done("a", token("t2", start + 120 * minute), start + 57 * minute);
    EXPECT_EQ(table.ask("a", start + 57 * minute, {}).have->token.reveal(), "t2");
}

TEST(credential_table, one_that_expired_is_not_given_out) {
    credential_table table;
    static_cast<void>(table.ask("a", start, [](const auto&) {}));
    table.done("a", token("t1", start + minute), start);
    EXPECT_TRUE(table.ask("a", start + minute - 1, {}).have);
    const auto expired = table.ask("a", start + minute, [](const auto&) {});
    EXPECT_FALSE(expired.have);
}

TEST(credential_table, a_short_life_is_renewed_at_its_half) {
    credential_table table;
    static_cast<void>(table.ask("a", start, [](const auto&) {}));
    table.done("a", token("t1", start + minute), start);
    EXPECT_FALSE(table.ask("a", start + minute / 2 - 1, {}).begin);
    EXPECT_TRUE(table.ask("a", start + minute / 2, {}).begin);
}

TEST(credential_table, one_without_an_end_stays) {
    credential_table table;
    static_cast<void>(table.ask("a", start, [](const auto&) {}));
    table.done("a", token("t1", 0), start);
    const auto later = table.ask("a", start * 2, {});
    EXPECT_TRUE(later.have);
    EXPECT_FALSE(later.begin);
}

TEST(credential_table, a_failure_is_told_to_all_and_not_repeated_at_once) {
    credential_table table;
    outcomes seen;
    static_cast<void>(table.ask("a", start, seen.listener()));
    static_cast<void>(table.ask("a", start, seen.listener()));
    table.done("a", fail(errc::unauthenticated, "no"), start);
    EXPECT_EQ(seen.told, (std::vector<std::string>{"no", "no"}));
    const auto soon = table.ask("a", start + credential_table::quiet_after_failure - 1, seen.listener());
    ASSERT_TRUE(soon.refused);
    EXPECT_EQ(soon.refused->code, errc::unauthenticated);
    EXPECT_FALSE(soon.begin);
    const auto later = table.ask("a", start + credential_table::quiet_after_failure, seen.listener());
    EXPECT_FALSE(later.refused);
    EXPECT_TRUE(later.begin);
}

TEST(credential_table, a_failed_renewal_leaves_the_old_one_in_use_and_waits_a_while) {
    credential_table table;
    static_cast<void>(table.ask("a", start, [](const auto&) {}));
    table.done("a", token("t1", start + 60 * minute), start);
    const wall_ms due = start + 56 * minute;
    EXPECT_TRUE(table.ask("a", due, {}).begin);
    table.done("a", fail(errc::bad_upstream, "no"), due);
    const auto next = table.ask("a", due + 1000, {});
    EXPECT_TRUE(next.have);
    EXPECT_FALSE(next.begin);
    EXPECT_TRUE(table.ask("a", due + minute, {}).begin);
}

TEST(credential_table, a_refused_one_is_forgotten_unless_there_is_a_newer) {
    credential_table table;
    static_cast<void>(table.ask("a", start, [](const auto&) {}));
    table.done("a", token("t1", start + 60 * minute), start);
    const credential_ptr first = table.ask("a", start, {}).have;
    EXPECT_TRUE(table.refused("a", *first, start));
    EXPECT_TRUE(table.ask("a", start, [](const auto&) {}).begin);
    table.done("a", token("t2", start + 60 * minute), start);
    EXPECT_TRUE(table.refused("a", *first, start));
    EXPECT_TRUE(table.ask("a", start, {}).have) << "the refusal was of the older one";
}

TEST(credential_table, a_refused_one_is_not_replaced_again_and_again) {
    credential_table table;
    const auto exchange = [&table](std::string_view text, wall_ms now) {
        EXPECT_TRUE(table.ask("a", now, [](const auto&) {}).begin);
        table.done("a", token(text, now + 60 * minute), now);
        return table.ask("a", now, {}).have;
    };
    const credential_ptr first = exchange("t1", start);
    EXPECT_TRUE(table.refused("a", *first, start));
    const credential_ptr second = exchange("t2", start);
    const wall_ms next = start + credential_table::least_between_replacements;
    EXPECT_FALSE(table.refused("a", *second, next - 1));
    EXPECT_EQ(table.ask("a", next - 1, {}).have, second);
    EXPECT_TRUE(table.refused("a", *second, next));
    EXPECT_TRUE(table.ask("a", next, [](const auto&) {}).begin);
}

TEST(credential_table, the_pause_after_failures_grows_to_a_bound_and_ends_with_a_success) {
    credential_table table;
    wall_ms now = start;
    for (const wall_ms seconds : {1, 2, 4, 8, 16, 32, 32}) {
        EXPECT_TRUE(table.ask("a", now, [](const auto&) {}).begin) << seconds;
        table.done("a", fail(errc::bad_upstream, "no"), now);
        now += seconds * 1000;
        EXPECT_TRUE(table.ask("a", now - 1, {}).refused) << seconds;
    }
    EXPECT_TRUE(table.ask("a", now, [](const auto&) {}).begin);
    table.done("a", token("t", now + minute), now);
    now += minute;
    EXPECT_TRUE(table.ask("a", now, [](const auto&) {}).begin);
    table.done("a", fail(errc::bad_upstream, "no"), now);
    EXPECT_TRUE(table.ask("a", now + 1000, [](const auto&) {}).begin);
}

TEST(credential_table, one_that_comes_expired_is_asked_for_once_more_and_then_after_pauses) {
    credential_table table;
    outcomes seen;
    const auto exchange = [&](wall_ms now) {
        EXPECT_TRUE(table.ask("a", now, seen.listener()).begin);
        table.done("a", token("old", now), now);
    };
    exchange(start);
    exchange(start);
    EXPECT_EQ(seen.told, (std::vector<std::string>{"old", "old"})) << "those who waited may use it";
    const auto soon = table.ask("a", start + 999, seen.listener());
    ASSERT_TRUE(soon.refused);
    EXPECT_EQ(soon.refused->code, errc::bad_upstream);
    EXPECT_FALSE(soon.begin);
    exchange(start + 1000);
    EXPECT_TRUE(table.ask("a", start + 2999, {}).refused);
    EXPECT_TRUE(table.ask("a", start + 3000, [](const auto&) {}).begin);
}

TEST(credential_table, only_so_many_wait) {
    credential_table table;
    for (std::size_t i = 0; i < credential_table::most_waiting; ++i)
        EXPECT_FALSE(table.ask("a", start, [](const auto&) {}).refused);
    const auto one_more = table.ask("a", start, [](const auto&) {});
    ASSERT_TRUE(one_more.refused);
    EXPECT_EQ(one_more.refused->code, errc::temporarily_unavailable);
}

} // namespace
} // namespace sluice::data::credential_table_test
