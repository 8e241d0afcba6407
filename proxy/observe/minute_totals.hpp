// The arithmetic of the metrics history: what statistics have counted, differences of it, sums, and
// percentiles. Pure, but for reading counters that shards write.
#pragma once

#include "core/base/time_buckets.hpp"
#include "proxy/model/entity_stats.hpp"
#include "proxy/model/metrics_history.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::observe {

inline constexpr std::int64_t ms_per_minute = 60'000;

struct minute_times {
    time_buckets::counts latency{};
    time_buckets::counts first_token{};
    time_buckets::counts overhead{};
    friend bool operator==(const minute_times&, const minute_times&) = default;
};

struct minute_totals {
    model::metrics_counts counts;
    minute_times times;

    void add(const minute_totals& other) noexcept;
    // `earlier` is an earlier reading of the same statistics.
    void subtract(const minute_totals& earlier) noexcept;
    friend bool operator==(const minute_totals&, const minute_totals&) = default;
};

// All that the statistics have counted since they were made.
[[nodiscard]] minute_totals read_totals(const model::entity_stats& stats);
// Of that only the number of queries: it has changed when anything has.
[[nodiscard]] std::uint64_t read_requests(const model::entity_stats& stats);

// The buckets that are not empty, in a few bytes; and added to `to`. False: the bytes are damaged, and `to`
// has a part of them.
[[nodiscard]] std::string pack_times(const minute_times& times);
[[nodiscard]] bool add_packed(std::string_view packed, minute_times& to) noexcept;

[[nodiscard]] model::metrics_percentiles percentiles_of(const time_buckets::counts& counts) noexcept;

// What one entity did in one minute.
struct minute_row {
    std::int64_t minute = 0; // since 1970
    std::string entity;      // empty: none
    model::metrics_counts counts;
    std::string times; // pack_times
};

// The rows of one endpoint, in any order, as the query wants them; those outside of its time are left out.
[[nodiscard]] model::metrics_answer summarize(std::vector<minute_row> rows,
                                              const model::metrics_query& wanted);

} // namespace sluice::observe
