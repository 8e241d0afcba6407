// Numbers that one thread writes (a load and a store, no locked instruction) and any thread reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace sluice {

class counter {
public:
    void add(std::uint64_t n = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void sub(std::uint64_t n = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
    }
    void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

// Cumulative on print only; here each bucket counts its own.
class histogram {
public:
    // Upper bounds in milliseconds; one more bucket is +Inf.
    static constexpr std::array<std::uint32_t, 14> bounds{
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20000, 60000, 300000};
    void observe(std::uint64_t microseconds) noexcept;

    std::array<counter, bounds.size() + 1> buckets;
    counter sum_us;
};

} // namespace sluice
