// Which limit counts for whom (api.md §9.1).
#include "proxy/govern/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sluice::govern::limits_order_test {
namespace {

using model::limit_key;

constexpr steady_time start{std::chrono::hours(1)};

model::rate_limit limit(limit_key key, std::int64_t calls, std::string principal_id = "") {
    return {key, calls, principal_id, principal_id.empty() ? "" : "name of " + principal_id};
}

model::endpoint endpoint_with(std::vector<model::rate_limit> limits) {
    model::endpoint made;
    made.id = "0123456789abcdef0123456789abcdef";
    made.name = "chat";
    made.limits = std::move(limits);
    return made;
}

model::principal member(std::string id, std::vector<std::string> groups = {}) {
    model::principal made;
    made.id = std::move(id);
    for (std::string& each : groups)
        made.groups.push_back({each, "group " + each});
    std::ranges::sort(made.groups, {}, &model::group_ref::id);
    return made;
}

class limits_order : public testing::Test {
protected:
    std::int64_t admitted(const model::endpoint& to, const model::principal& who, std::int64_t most = 1000) {
        std::int64_t count = 0;
        for (; count < most; ++count) {
            auto permit = here_.admit(to, who, start);
            if (!permit) break;
            permit->keep();
        }
        return count;
    }
    error refusal(const model::endpoint& to, const model::principal& who) {
        const auto permit = here_.admit(to, who, start);
        return permit ? error{errc::cancelled, "admitted", 0} : permit.error();
    }

    bucket_table table_;
    limiter here_{table_};
};

TEST_F(limits_order, a_limit_that_names_a_user_overrides_the_default_both_ways) {
    const auto to = endpoint_with({limit(limit_key::user, 3), limit(limit_key::user, 7, "10")});
    EXPECT_EQ(admitted(to, member("10")), 7);
    EXPECT_EQ(admitted(to, member("11")), 3);
    const auto less = endpoint_with({limit(limit_key::user, 3), limit(limit_key::user, 1, "20")});
    EXPECT_EQ(admitted(less, member("20")), 1);
}

TEST_F(limits_order, a_service_principal_has_its_own_limit_or_the_default_of_all) {
    const auto to = endpoint_with({limit(limit_key::user, 3), limit(limit_key::service_principal, 5, "30")});
    EXPECT_EQ(admitted(to, member("30")), 5);
    EXPECT_EQ(admitted(to, member("31")), 3);
}

TEST_F(limits_order, members_share_the_budget_of_their_group) {
    const auto to = endpoint_with({limit(limit_key::user_group, 5, "7")});
    EXPECT_EQ(admitted(to, member("10", {"7"}), 3), 3);
    EXPECT_EQ(admitted(to, member("11", {"7"})), 2);
    EXPECT_EQ(admitted(to, member("12", {"8"}), 50), 50) << "whom no limit is for";
}

TEST_F(limits_order, a_group_overrides_the_default_of_all_users) {
    const auto to = endpoint_with({limit(limit_key::user, 2), limit(limit_key::user_group, 5, "7")});
    EXPECT_EQ(admitted(to, member("10", {"7"})), 5);
    EXPECT_EQ(admitted(to, member("11")), 2);
}

TEST_F(limits_order, only_all_groups_together_refuse) {
    const auto to =
        endpoint_with({limit(limit_key::user_group, 2, "7"), limit(limit_key::user_group, 3, "8")});
    EXPECT_EQ(admitted(to, member("10", {"7", "8"})), 5);
    EXPECT_EQ(admitted(to, member("11", {"7"})), 0);
    EXPECT_EQ(admitted(to, member("12", {"8"})), 0);
    const error refused = refusal(to, member("10", {"7", "8"}));
    EXPECT_EQ(refused.code, errc::request_limit_exceeded);
    EXPECT_NE(refused.message.find("'user_group' of 'name of "), std::string::npos) << refused.message;
    EXPECT_EQ(refused.retry_after_seconds, 20) << "of the group that is ready first: one of three a minute";
}

TEST_F(limits_order, a_named_limit_beats_the_groups) {
    const auto to = endpoint_with({limit(limit_key::user_group, 2, "7"), limit(limit_key::user, 4, "10")});
    EXPECT_EQ(admitted(to, member("10", {"7"})), 4);
    EXPECT_EQ(admitted(to, member("11", {"7"})), 2) << "the other took nothing from the group";
}

TEST_F(limits_order, the_endpoints_limit_is_on_top_of_every_other) {
    const auto to = endpoint_with({limit(limit_key::user_group, 50, "7"),
                                   limit(limit_key::user, 50, "10"),
                                   limit(limit_key::endpoint, 4)});
    EXPECT_EQ(admitted(to, member("10")), 4);
    EXPECT_EQ(admitted(to, member("11", {"7"})), 0);
}

TEST_F(limits_order, what_the_endpoint_gave_comes_back_when_another_limit_refuses) {
    const auto to = endpoint_with({limit(limit_key::endpoint, 4), limit(limit_key::user_group, 1, "7")});
    EXPECT_EQ(admitted(to, member("10", {"7"})), 1);
    EXPECT_EQ(admitted(to, member("11")), 3);
}

TEST_F(limits_order, a_limit_of_zero_closes_for_those_it_is_for) {
    const auto to = endpoint_with({limit(limit_key::user, 0, "10"),
                                   limit(limit_key::service_principal, 0, "30"),
                                   limit(limit_key::user_group, 0, "7"),
                                   limit(limit_key::user_group, 2, "8")});
    EXPECT_EQ(refusal(to, member("10")).code, errc::permission_denied);
    EXPECT_EQ(refusal(to, member("30")).code, errc::permission_denied);
    EXPECT_EQ(refusal(to, member("11", {"7"})).code, errc::permission_denied);
    EXPECT_EQ(admitted(to, member("12", {"7", "8"})), 2) << "another group has room";
    EXPECT_EQ(refusal(to, member("12", {"7", "8"})).code, errc::request_limit_exceeded);
    EXPECT_EQ(admitted(to, member("13"), 10), 10);
}

TEST_F(limits_order, a_named_limit_and_the_default_have_budgets_of_their_own) {
    EXPECT_EQ(admitted(endpoint_with({limit(limit_key::user, 3)}), member("10")), 3);
    EXPECT_EQ(
        admitted(endpoint_with({limit(limit_key::user, 3), limit(limit_key::user, 5, "10")}), member("10")),
        5);
}

TEST_F(limits_order, a_group_budget_is_exact_over_threads) {
    const auto to = endpoint_with({limit(limit_key::user_group, 1000, "7")});
    std::atomic<std::int64_t> all{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            limiter own(table_);
            const auto who = member(std::to_string(10 + i), {"7"});
            for (int call = 0; call < 1000; ++call) {
                auto permit = own.admit(to, who, start);
                if (!permit) continue;
                permit->keep();
                ++all;
            }
        });
    }
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(all, 1000);
}

} // namespace
} // namespace sluice::govern::limits_order_test
