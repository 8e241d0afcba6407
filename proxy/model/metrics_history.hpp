// What each served entity did minute by minute: the interface between control, which says what there is and
// asks, and the history that keeps it (proxy/observe/metrics_history.hpp).
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "proxy/model/entity_stats.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::model {

// Counts of finished queries.
struct metrics_counts {
    std::uint64_t requests = 0;
    std::uint64_t errors_4xx = 0; // with 429 and 499
    std::uint64_t errors_5xx = 0;
    std::uint64_t rate_limited = 0; // by a limit of ours
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    friend bool operator==(const metrics_counts&, const metrics_counts&) = default;
};

// Microseconds; absent when there was nothing to measure.
struct metrics_percentiles {
    std::optional<double> p50;
    std::optional<double> p99;
};

struct metrics_point {
    metrics_counts counts;
    metrics_percentiles latency;     // from the end of the head to the end of the answer
    metrics_percentiles first_token; // of streams: from there to the first event
    metrics_percentiles
        overhead; // of queries that were sent: latency less every wait for provider and client
};

struct metrics_series {
    std::string name; // the served entity's; empty in the total
    std::vector<metrics_point> points;
};

struct metrics_query {
    std::string endpoint_id;
    wall_ms start = 0;                 // a multiple of `step`
    wall_ms end = 0;                   // not included
    std::int64_t step = 60'000;        // milliseconds; a multiple of a minute
    std::vector<std::string> entities; // of the active config: they are in the answer, whatever they did
    std::size_t most_entities = 50; // beyond, those of earlier configs with the fewest queries are left out
};

struct metrics_answer {
    metrics_series total;                 // with the queries that got no entity
    std::vector<metrics_series> entities; // those of the query first
};

struct followed_entity {
    std::string name; // empty: queries that got no entity
    std::shared_ptr<const entity_stats> stats;
};

class metrics_history {
public:
    metrics_history() = default;
    metrics_history(const metrics_history&) = delete;
    metrics_history& operator=(const metrics_history&) = delete;
    virtual ~metrics_history() = default;

    // Opens or makes the file; called by the owner of the data directory, before anything is read. Again:
    // nothing. The error is for the operator.
    [[nodiscard]] virtual result<void> open() = 0;

    // Any thread; these never wait for the disk. What the endpoint has from now on; what it had until now is
    // followed until its last query has ended.
    virtual void follow(std::string_view endpoint_id, std::vector<followed_entity> entities) = 0;
    virtual void endpoint_deleted(std::string_view endpoint_id) = 0;
    // At the start: all endpoints that there are.
    virtual void only_these_are_left(std::vector<std::string> endpoint_ids) = 0;

    // Waits for the disk: not on the control thread, not on a shard. Every query whose answer was read before
    // the call is in it. Error deadline_exceeded: the query took too long.
    [[nodiscard]] virtual result<metrics_answer> read(const metrics_query& wanted) = 0;
};

} // namespace sluice::model
