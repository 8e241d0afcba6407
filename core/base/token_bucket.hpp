// A token bucket in one atomic (GCRA, the "generic cell rate algorithm"): `calls` units of burst, refilled at
// `calls` per minute. What is stored is the time at which the bucket will be full again, at most a minute
// away whatever the limit; so the limit is an argument, and a changed one takes effect at once and keeps the
// consumed fraction. Any number of threads; lock-free and exact. Limits beyond one call per nanosecond (6e10)
// are read as that.
#pragma once

#include "core/base/clock.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

namespace sluice {

class token_bucket {
public:
    // Takes one unit, or tells how long it takes until there is one. `calls` > 0.
    [[nodiscard]] std::optional<nanoseconds> admit(steady_time now, std::int64_t calls) noexcept {
        const std::int64_t at = ticks(now);
        const std::int64_t unit = unit_of(calls);
        const std::int64_t most = std::min(calls, minute_ns) * unit;
        std::int64_t full = full_at_.load(std::memory_order_relaxed);
        for (;;) {
            const std::int64_t next = std::max(full, at) + unit;
            if (next - at > most) return nanoseconds(next - at - most);
            if (full_at_.compare_exchange_weak(full, next, std::memory_order_relaxed)) return std::nullopt;
        }
    }

    // Gives one unit back that admit() took with the same `calls`. Exact as long as the bucket was not full
    // in between; if it was, the unit had flowed back already and this adds one more.
    void refund(std::int64_t calls) noexcept {
        full_at_.fetch_sub(unit_of(calls), std::memory_order_relaxed);
    }

    // Is nothing consumed? Then the bucket says nothing that a new one would not.
    [[nodiscard]] bool full(steady_time now) const noexcept {
        return full_at_.load(std::memory_order_relaxed) <= ticks(now);
    }

private:
    static constexpr std::int64_t minute_ns = 60'000'000'000;

    // Time in which one unit flows back.
    [[nodiscard]] static std::int64_t unit_of(std::int64_t calls) noexcept {
        return std::max<std::int64_t>(minute_ns / calls, 1);
    }

    [[nodiscard]] static std::int64_t ticks(steady_time at) noexcept {
        return std::chrono::duration_cast<nanoseconds>(at.time_since_epoch()).count();
    }

    std::atomic<std::int64_t> full_at_ = std::numeric_limits<std::int64_t>::min();
};

} // namespace sluice
