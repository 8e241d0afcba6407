#include "proxy/observe/metrics_store.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice::observe::metrics_store_test {
namespace {

using control::succeeds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t week = metrics_store::kept_minutes;

class metrics_store_test : public testing::Test {
protected:
    void open(std::int64_t keep = 1000) {
        store_.reset();
        store_ = std::make_unique<metrics_store>(directory_.file("metrics.db"), keep);
        ASSERT_TRUE(succeeds(store_->open()));
    }

    static minute_row row(std::int64_t minute, std::string entity = "one", std::uint64_t requests = 1) {
        minute_totals totals;
        totals.counts = {requests, 2, 3, 4, 5, 6};
        totals.times.latency[100] = static_cast<std::uint32_t>(requests);
        return {minute, std::move(entity), totals.counts, pack_times(totals.times)};
    }
    void add(std::vector<minute_row> rows, const std::string& endpoint = "e") {
        std::vector<sampled_endpoint> all;
        all.push_back({endpoint, std::move(rows)});
        ASSERT_TRUE(succeeds(store_->add(all)));
    }
    // "one 5 1": entity, minute, requests
    std::vector<std::string>
    read(const std::string& endpoint = "e", std::int64_t first = 0, std::int64_t end = 1'000'000) {
        const auto rows = store_->read(endpoint, first, end);
        EXPECT_TRUE(succeeds(rows));
        std::vector<std::string> out;
        for (const minute_row& one : *rows) {
            std::string text = one.entity;
            text.append(" ").append(std::to_string(one.minute)).append(" ");
            out.push_back(text.append(std::to_string(one.counts.requests)));
        }
        std::ranges::sort(out);
        return out;
    }

    control::temporary_directory directory_;
    std::unique_ptr<metrics_store> store_;
};

TEST_F(metrics_store_test, rows_are_read_by_endpoint_and_time_also_after_a_restart) {
    open();
    add({row(5), row(5, ""), row(6)});
    add({row(5)}, "other");
    EXPECT_THAT(read(), ElementsAre(" 5 1", "one 5 1", "one 6 1"));
    EXPECT_THAT(read("e", 6, 7), ElementsAre("one 6 1"));
    EXPECT_THAT(read("e", 7, 9), IsEmpty());
    EXPECT_THAT(read("nothing"), IsEmpty());
    open();
    EXPECT_THAT(read(), ElementsAre(" 5 1", "one 5 1", "one 6 1"));
    const auto rows = store_->read("e", 6, 7);
    ASSERT_TRUE(succeeds(rows));
    EXPECT_EQ(rows->at(0).counts, row(6).counts);
    EXPECT_EQ(rows->at(0).times, row(6).times);
}

TEST_F(metrics_store_test, what_comes_again_for_a_minute_is_added) {
    open();
    add({row(5, "one", 3), row(5, "one", 4)});
    open();
    add({row(5, "one", 10)});
    const auto rows = store_->read("e", 0, 10);
    ASSERT_TRUE(succeeds(rows));
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().counts, (model::metrics_counts{17, 6, 9, 12, 15, 18}));
    minute_times times;
    ASSERT_TRUE(add_packed(rows->front().times, times));
    EXPECT_EQ(times.latency[100], 17U);
}

TEST_F(metrics_store_test, what_is_older_than_a_week_goes) {
    open();
    add({row(100), row(101), row(week + 101)});
    ASSERT_TRUE(succeeds(store_->drop_old(week + 101)));
    EXPECT_THAT(read(), ElementsAre("one 101 1", "one 10181 1"));
}

TEST_F(metrics_store_test, a_clock_that_is_wrong_for_a_moment_costs_ten_minutes_at_most) {
    open();
    for (std::int64_t minute = 100; minute < 150; ++minute)
        add({row(minute)});
    ASSERT_TRUE(succeeds(store_->drop_old(100 * week)));
    EXPECT_EQ(read().size(), 40U);
    ASSERT_TRUE(succeeds(store_->drop_old(0)));
    EXPECT_EQ(read().size(), 40U);
}

TEST_F(metrics_store_test, of_too_many_rows_the_oldest_minutes_go) {
    open(10);
    for (std::int64_t minute = 100; minute < 110; ++minute)
        add({row(minute, "one"), row(minute, "two")});
    ASSERT_TRUE(succeeds(store_->drop_old(110)));
    EXPECT_THAT(read("e", 0, 105), IsEmpty());
    EXPECT_EQ(read().size(), 10U);
    open(10);
    add({row(111)});
    ASSERT_TRUE(succeeds(store_->drop_old(111)));
    EXPECT_EQ(read().size(), 9U) << "whole minutes go";
}

TEST_F(metrics_store_test, an_endpoint_is_erased_with_all_its_rows) {
    open();
    add({row(5), row(5, "")});
    add({row(5)}, "other");
    add({row(5)}, "third");
    ASSERT_TRUE(succeeds(store_->erase("e")));
    EXPECT_THAT(read(), IsEmpty());
    add({row(6)});
    EXPECT_THAT(read(), ElementsAre("one 6 1"));
    ASSERT_TRUE(succeeds(store_->erase_others({"third", "unknown"})));
    EXPECT_THAT(read(), IsEmpty());
    EXPECT_THAT(read("other"), IsEmpty());
    EXPECT_THAT(read("third"), ElementsAre("one 5 1"));
}

TEST_F(metrics_store_test, a_write_that_fails_leaves_nothing_of_it) {
    open();
    add({row(5)});
    auto blocker = db::database::open(directory_.file("metrics.db"), db::care::process);
    ASSERT_TRUE(succeeds(blocker));
    ASSERT_TRUE(succeeds((*blocker)->run("ALTER TABLE minutes RENAME TO elsewhere")));
    EXPECT_FALSE(store_->add({{"new", {row(6)}}}));
    ASSERT_TRUE(succeeds((*blocker)->run("ALTER TABLE elsewhere RENAME TO minutes")));
    add({row(7)}, "new");
    EXPECT_THAT(read("new"), ElementsAre("one 7 1"));
}

TEST_F(metrics_store_test, only_the_owner_may_read_the_file) {
    open();
    struct stat seen{};
    ASSERT_EQ(::stat(directory_.file("metrics.db").c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 0777U, 0600U);
}

TEST_F(metrics_store_test, a_file_that_is_no_database_is_refused) {
    control::write_all(directory_.file("metrics.db"), std::string(4096, 'x'));
    metrics_store bad(directory_.file("metrics.db"));
    EXPECT_TRUE(control::fails_with(bad.open(), errc::internal_error));
}

} // namespace
} // namespace sluice::observe::metrics_store_test
