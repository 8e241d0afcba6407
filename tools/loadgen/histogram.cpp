#include "tools/loadgen/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sluice::load {

// Values below 64 have a bucket each; every octave above is cut into 64 equal buckets.
std::size_t histogram::bucket_of(std::uint64_t value) noexcept {
    if (value < sub_buckets) return static_cast<std::size_t>(value);
    const auto octave = static_cast<unsigned>(std::bit_width(value)) - sub_bits;
    const std::size_t bucket =
        octave * sub_buckets + static_cast<std::size_t>((value >> (octave - 1)) - sub_buckets);
    return std::min(bucket, sub_buckets * octaves - 1);
}

std::uint64_t histogram::highest_of(std::size_t bucket) noexcept {
    if (bucket < sub_buckets) return bucket;
    const std::size_t octave = bucket / sub_buckets;
    const std::uint64_t first = bucket % sub_buckets + sub_buckets;
    return ((first + 1) << (octave - 1)) - 1;
}

void histogram::add(std::uint64_t microseconds) noexcept {
    ++buckets_[bucket_of(microseconds)];
    ++count_;
    max_ = std::max(max_, microseconds);
}

void histogram::add(const histogram& other) noexcept {
    for (std::size_t i = 0; i < buckets_.size(); ++i)
        buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
}

std::uint64_t histogram::percentile(double fraction) const noexcept {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= std::max<std::uint64_t>(wanted, 1)) return std::min(highest_of(i), max_);
    }
    return max_;
}

} // namespace sluice::load
