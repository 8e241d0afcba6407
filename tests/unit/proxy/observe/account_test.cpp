#include "proxy/observe/account.hpp"

#include <gtest/gtest.h>

namespace sluice::observe::account_test {
namespace {

class moved_clock final : public clock {
public:
    [[nodiscard]] steady_time now() const noexcept override { return now_; }
    [[nodiscard]] wall_ms wall() const noexcept override { return 1'700'000'000'000; }
    void pass(milliseconds time) { now_ += time; }

private:
    steady_time now_ = steady_time(seconds(1000));
};

class accounts : public testing::Test {
protected:
    // What one query did, from its begin to its end.
    template <class Query>
    const model::entity_slot& count(Query query) {
        {
            account entry(metrics_, queue_, time_, time_.now(), time_.wall(), false);
            entry.count_on(&stats_, 0, 1);
            query(entry);
        }
        return stats_.slot(0, 1);
    }

    moved_clock time_;
    shard_metrics metrics_;
    usage_queue queue_;
    model::entity_stats stats_;
};

TEST_F(accounts, the_wait_for_a_connection_and_the_providers_time_are_told_apart) {
    const model::entity_slot& slot = count([this](account& entry) {
        time_.pass(milliseconds(1));
        entry.asking();
        time_.pass(milliseconds(3));
        entry.sending();
        time_.pass(milliseconds(20));
        entry.status = 200;
    });
    EXPECT_EQ(slot.queue_time.sum_us.get(), 3'000U);
    EXPECT_EQ(slot.model_latency.sum_us.get(), 20'000U);
    EXPECT_EQ(slot.latency.sum_us.get(), 24'000U);
}

// Asked a second time without stream_options, say, when all connections are taken.
TEST_F(accounts, a_second_request_that_gets_no_connection_has_not_waited_less_than_nothing) {
    const model::entity_slot& slot = count([this](account& entry) {
        entry.asking();
        time_.pass(milliseconds(2));
        entry.sending();
        time_.pass(milliseconds(5));
        entry.asking();
        time_.pass(milliseconds(9));
        entry.status = 503;
    });
    EXPECT_EQ(slot.queue_time.sum_us.get(), 0U);
    EXPECT_EQ(slot.queue_time.buckets[0].get(), 1U);
    EXPECT_EQ(slot.model_latency.sum_us.get(), 14'000U);
}

TEST_F(accounts, a_query_that_never_reached_the_provider_is_the_clients_alone) {
    const model::entity_slot& slot = count([this](account& entry) {
        time_.pass(milliseconds(4));
        entry.status = 429;
        entry.limited = true;
    });
    EXPECT_EQ(slot.latency.sum_us.get(), 4'000U);
    EXPECT_EQ(slot.queue_time.sum_us.get(), 0U);
    EXPECT_EQ(slot.queue_time.buckets[0].get(), 0U);
    EXPECT_EQ(slot.limited.get(), 1U);
    EXPECT_EQ(metrics_.limited.get(), 1U);
    EXPECT_TRUE(stats_.failures().empty());
}

} // namespace
} // namespace sluice::observe::account_test
