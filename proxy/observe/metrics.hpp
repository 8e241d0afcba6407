// Counters of one shard. Only its own thread writes them (a load and a store, no locked instruction); a
// scrape on any thread reads them and sums over the shards. Names and meanings: print() below, README
// "Metrics".
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>

namespace sluice::observe {

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

// One cache line and more per shard: no false sharing with its neighbours.
struct alignas(64) shard_metrics {
    // [status / 100], queries and everything else apart.
    std::array<counter, 6> queries;
    std::array<counter, 6> others;
    histogram query_time;
    histogram first_byte_time; // of streams: until the first event went out
    counter stream_bytes;
    counter prompt_tokens;
    counter completion_tokens;
    counter limited;     // 429 and 403 by a rate limit
    counter client_gone; // 499
    counter upstream_attempts;
    counter upstream_failures; // no usable answer
    counter stale_retries;
    counter malformed_heads; // refused by framing
    counter connections;     // gauge: open client connections
    counter connections_total;
    counter in_flight;     // gauge: requests being answered
    counter upstream_open; // gauge
    counter upstream_idle; // gauge
    counter upstream_opened_total;
    counter upstream_reused_total;
};

// Prometheus text, version 0.0.4.
[[nodiscard]] std::string print(std::span<const shard_metrics* const> shards);

} // namespace sluice::observe
