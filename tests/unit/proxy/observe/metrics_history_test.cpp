#include "proxy/observe/metrics_history.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace sluice::observe::metrics_history_test {
namespace {

using control::succeeds;
using testing::ElementsAre;

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t begin = 28'000'000; // minutes

// The history's own thread asks too.
class set_clock final : public clock {
public:
    [[nodiscard]] steady_time now() const noexcept override { return {}; }
    [[nodiscard]] wall_ms wall() const noexcept override { return wall_now; }
    void set_minute(std::int64_t minute) { wall_now = minute * minute_ms + 1000; }

    std::atomic<wall_ms> wall_now{begin * minute_ms};
};

class metrics_history_test : public testing::Test {
protected:
    void open() {
        history_.reset(); // as at a stop
        stats_ = std::make_shared<model::entity_stats>();
        history_ = std::make_unique<metrics_history>(directory_.file(""), time_);
        ASSERT_TRUE(succeeds(history_->open()));
        history_->follow("e", {{"one", stats_}});
    }
    void count(int times = 1) {
        for (int i = 0; i < times; ++i)
            stats_->slot(0, 1).add({.status = 200, .took_us = 1000}, {});
    }
    // Requests in each of the minutes from the first one.
    std::vector<std::uint64_t> requests(std::int64_t first, std::int64_t end, const std::string& of = "e") {
        model::metrics_query wanted;
        wanted.endpoint_id = of;
        wanted.start = first * minute_ms;
        wanted.end = end * minute_ms;
        const auto got = history_->read(wanted);
        EXPECT_TRUE(succeeds(got));
        std::vector<std::uint64_t> out;
        for (const model::metrics_point& one : got->total.points)
            out.push_back(one.counts.requests);
        return out;
    }

    control::temporary_directory directory_;
    set_clock time_;
    std::shared_ptr<model::entity_stats> stats_;
    std::unique_ptr<metrics_history> history_;
};

TEST_F(metrics_history_test, each_minute_has_what_happened_in_it_and_the_running_one_too) {
    time_.set_minute(begin);
    open();
    count(2);
    EXPECT_THAT(requests(begin, begin + 3), ElementsAre(2, 0, 0));
    time_.set_minute(begin + 1);
    EXPECT_THAT(requests(begin, begin + 3), ElementsAre(2, 0, 0));
    count(3);
    EXPECT_THAT(requests(begin, begin + 3), ElementsAre(2, 3, 0));
    time_.set_minute(begin + 2);
    EXPECT_THAT(requests(begin, begin + 3), ElementsAre(2, 3, 0));
    count();
    EXPECT_THAT(requests(begin, begin + 3), ElementsAre(2, 3, 1));
}

TEST_F(metrics_history_test, a_restart_within_a_minute_loses_and_repeats_nothing) {
    time_.set_minute(begin);
    open();
    count(5);
    open();
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(5));
    count(2);
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(7));
    open();
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(7));
    time_.set_minute(begin + 10);
    open();
    EXPECT_THAT(requests(begin, begin + 2), ElementsAre(7, 0));
}

TEST_F(metrics_history_test, a_clock_that_is_set_forward_or_back_leaves_counts_where_they_were_made) {
    time_.set_minute(begin);
    open();
    count(1);
    (void)requests(begin, begin + 1);
    time_.set_minute(begin + 500);
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(1));
    count(2);
    EXPECT_THAT(requests(begin + 500, begin + 501), ElementsAre(2));
    time_.set_minute(begin);
    EXPECT_THAT(requests(begin + 500, begin + 501), ElementsAre(2));
    count(4);
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(5));
    open();
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(5));
    EXPECT_THAT(requests(begin + 500, begin + 501), ElementsAre(2));
}

TEST_F(metrics_history_test, a_deleted_endpoint_is_forgotten) {
    open();
    count(5);
    history_->endpoint_deleted("e");
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(0));
    open();
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(0));
    count();
    open();
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(1));
    history_->only_these_are_left({"other"});
    open();
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(0));
}

TEST_F(metrics_history_test, opening_again_changes_nothing_and_stopping_twice_neither) {
    open();
    count();
    EXPECT_TRUE(succeeds(history_->open()));
    history_->stop();
    history_->stop();
    open();
    EXPECT_THAT(requests(begin, begin + 1), ElementsAre(1));
}

TEST_F(metrics_history_test, a_file_that_cannot_be_used_is_an_error_for_the_operator) {
    control::write_all(directory_.file("metrics.db"), std::string(4096, 'x'));
    metrics_history bad(directory_.file(""), time_);
    const auto opened = bad.open();
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("metrics history"), std::string::npos);
}

} // namespace
} // namespace sluice::observe::metrics_history_test
