// Latencies in microseconds, kept in buckets of at most 1/64 relative width: percentiles of any number of
// samples in 20 KiB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::load {

class histogram {
public:
    void add(std::uint64_t microseconds) noexcept;
    void add(const histogram& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    // The value that a `fraction` (0 … 1) of the samples do not exceed, at most 1/64 too high; 0 without
    // samples.
    [[nodiscard]] std::uint64_t percentile(double fraction) const noexcept;

private:
    static constexpr unsigned sub_bits = 6;
    static constexpr std::size_t sub_buckets = std::size_t{1} << sub_bits;
    static constexpr std::size_t octaves = 38; // up to 2^43 µs, more than enough for any run

    [[nodiscard]] static std::size_t bucket_of(std::uint64_t value) noexcept;
    [[nodiscard]] static std::uint64_t highest_of(std::size_t bucket) noexcept;

    std::array<std::uint64_t, sub_buckets * octaves> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

} // namespace sluice::load
