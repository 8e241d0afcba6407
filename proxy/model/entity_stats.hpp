// What remains of the queries that one served entity answered: counts of the last minute, histograms, what
// the metrics history is made from, and the last failures of its provider. Made by control, kept over config
// updates for as long as the endpoint has an entity of that name; written by the shards, read by control.
// Costs a few words until its first query.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/counter.hpp"
#include "core/base/mutex.hpp"
#include "core/base/time_buckets.hpp"

#include <absl/base/thread_annotations.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sluice::model {

// How often something happened in the last minute, to within one cell. One thread adds, any thread sums.
class minute_count {
public:
    static constexpr std::uint32_t cell_seconds = 5;
    static constexpr std::size_t cells = 60 / cell_seconds; // with the one that is being filled

    void add(steady_time now) noexcept;
    [[nodiscard]] std::uint64_t sum(steady_time now) const noexcept;

private:
    // The number of the five seconds in the high half, the count in the low one: a reader never sees the
    // count of one with the number of another.
    std::array<std::atomic<std::uint64_t>, cells> cells_{};
};

// One finished query.
struct entity_query {
    int status = 200;
    std::uint64_t took_us = 0;   // from the end of the head to the end of the answer
    bool sent = false;           // the provider was asked: the next two count
    std::uint64_t queued_us = 0; // waited for a connection to the provider
    std::uint64_t model_us = 0;  // from there to the end of the answer
    std::uint64_t own_us = 0;    // of took_us: neither provider nor client was waited for
    bool limited = false;        // refused by a limit of ours
    bool streamed = false;       // the next one counts
    std::uint64_t first_token_us = 0;
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
};

// The share of one shard.
struct alignas(64) entity_slot {
    void add(const entity_query& one, steady_time now) noexcept;

    minute_count requests;
    minute_count status_4xx;
    minute_count status_5xx;
    histogram latency;
    histogram model_latency;
    histogram queue_time;
    // For the metrics history, which takes differences: all since the slot was made.
    counter all;
    counter all_4xx;
    counter all_5xx;
    counter limited;
    counter input_tokens;
    counter output_tokens;
    time_buckets::recorder took;
    time_buckets::recorder first_token;
    time_buckets::recorder overhead;
};

// One failure of a provider: nothing of what it said, for that may hold a key or a payload.
struct entity_failure {
    wall_ms when = 0;
    int status = 0; // as the client saw it, or would have if its stream had not begun
    std::string error_code;
    std::string cause; // in our words; empty when the provider answered with an error
    std::string request_id;
};

class entity_stats {
public:
    static constexpr std::size_t most_failures = 50;

    entity_stats() = default;
    entity_stats(const entity_stats&) = delete;
    entity_stats& operator=(const entity_stats&) = delete;
    ~entity_stats();

    // The shard's own; allocated when it is first asked for. Only on that shard's thread. `shards`: how many
    // there are, the same in every call; shard < shards.
    [[nodiscard]] entity_slot& slot(std::size_t shard, std::size_t shards);

    // Any thread. Slots that were never used are left out; the pointers are good as long as the object.
    [[nodiscard]] std::vector<const entity_slot*> slots() const;

    // Any thread; the oldest goes when there are too many.
    void failed(entity_failure what) ABSL_LOCKS_EXCLUDED(mutex_);
    // Oldest first.
    [[nodiscard]] std::vector<entity_failure> failures() const ABSL_LOCKS_EXCLUDED(mutex_);

private:
    using slot_table = std::vector<std::atomic<entity_slot*>>;
    struct failure_ring {
        std::vector<entity_failure> lines;
        std::size_t oldest = 0;
    };

    std::atomic<slot_table*> table_{nullptr}; // owned; the first shard that needs it makes it
    mutable mutex mutex_;
    std::unique_ptr<failure_ring> failures_ ABSL_GUARDED_BY(mutex_); // null: none yet
};

} // namespace sluice::model
