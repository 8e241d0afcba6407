// Counts of durations in buckets that are an eighth of their lower bound wide at most, so that percentiles of
// any sum of them are good to a few percent. Microseconds, up to 18 minutes; what is longer counts as that.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sluice::time_buckets {

inline constexpr unsigned parts_bits = 3; // eight buckets from each power of two to the next
inline constexpr unsigned most_bits = 30;
inline constexpr std::size_t parts = std::size_t{1} << parts_bits;
inline constexpr std::size_t count = (most_bits - parts_bits + 1) * parts;

[[nodiscard]] constexpr std::size_t index_of(std::uint64_t microseconds) noexcept {
    if (microseconds < parts) return microseconds;
    const auto power = static_cast<unsigned>(std::bit_width(microseconds)) - 1U;
    if (power >= most_bits) return count - 1;
    const std::uint64_t part = (microseconds >> (power - parts_bits)) & (parts - 1);
    return (power - parts_bits + 1) * parts + part;
}

// The bucket holds what is at least this and less than the next one's. `index` may be `count`.
[[nodiscard]] constexpr std::uint64_t lower_bound(std::size_t index) noexcept {
    if (index < parts) return index;
    return (parts + index % parts) << (index / parts - 1);
}

using counts = std::array<std::uint32_t, count>;

// One thread adds, any thread reads. The counts wrap round: what counts is the difference of two readings.
class recorder {
public:
    void add(std::uint64_t microseconds) noexcept {
        std::atomic<std::uint32_t>& bucket = buckets_[index_of(microseconds)];
        bucket.store(bucket.load(std::memory_order_relaxed) + 1U, std::memory_order_relaxed);
    }
    void add_to(counts& sum) const noexcept {
        for (std::size_t i = 0; i < count; ++i)
            sum[i] += buckets_[i].load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<std::uint32_t>, count> buckets_{};
};

} // namespace sluice::time_buckets
