// Counters of one shard. Only its own thread writes them (a load and a store, no locked instruction); a
// scrape on any thread reads them and sums over the shards. Names and meanings: print() below, README
// "Metrics".
#pragma once

#include "core/base/counter.hpp"

#include <array>
#include <span>
#include <string>

namespace sluice::observe {

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
    counter dropped_members; // of clients' bodies, that a provider has no place for
    counter malformed_heads; // refused by framing
    counter usage_rows;      // handed to the writer of the usage table
    counter usage_dropped;   // lost: the writer was too far behind
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
