#include "core/base/time_buckets.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace sluice::time_buckets::time_buckets_test {
namespace {

TEST(time_buckets, every_bucket_begins_where_its_lower_bound_says) {
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(index_of(lower_bound(i)), i);
        EXPECT_EQ(index_of(lower_bound(i + 1) - 1), i);
        EXPECT_LT(lower_bound(i), lower_bound(i + 1));
    }
}

TEST(time_buckets, none_is_wider_than_an_eighth_of_its_bound) {
    for (std::size_t i = parts; i < count; ++i)
        EXPECT_LE((lower_bound(i + 1) - lower_bound(i)) * 8, lower_bound(i)) << i;
}

TEST(time_buckets, what_is_too_long_is_in_the_last_one) {
    EXPECT_EQ(lower_bound(count), std::uint64_t{1} << 30U);
    EXPECT_EQ(index_of(std::uint64_t{1} << 30U), count - 1);
    EXPECT_EQ(index_of(std::numeric_limits<std::uint64_t>::max()), count - 1);
}

TEST(time_buckets, readings_add_up) {
    recorder one;
    recorder other;
    one.add(5);
    one.add(5);
    other.add(1'000'000);
    counts sum{};
    one.add_to(sum);
    other.add_to(sum);
    EXPECT_EQ(sum[5], 2U);
    EXPECT_EQ(sum[index_of(1'000'000)], 1U);
}

} // namespace
} // namespace sluice::time_buckets::time_buckets_test
