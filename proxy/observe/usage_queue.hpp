// The way of usage rows from a shard to the thread that stores them: a ring of bytes with one producer (the
// shard) and one consumer (usage_writer). No lock and, once the ring is there, no allocation. When the
// consumer is behind, a row is refused and the shard goes on: a slow disk never holds up a request.
#pragma once

#include "core/base/clock.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sluice::observe {

// One finished request. The texts are views: push() copies them. Numbers below 0 are unknown, empty texts are
// absent.
struct usage_row {
    struct numbers {
        wall_ms request_time = 0; // when the request began
        std::int64_t latency_ms = 0;
        std::int64_t first_byte_ms = -1; // of a stream: until its first event went out
        std::int64_t input_tokens = -1;
        std::int64_t output_tokens = -1;
        std::int64_t cached_tokens = -1;    // part of the input tokens
        std::int64_t reasoning_tokens = -1; // part of the output tokens
        std::int64_t input_characters = -1;
        std::int32_t status_code = 0; // of a stream: what it ended with
        bool streaming = false;
    } values;
    std::string_view request_id;
    std::string_view client_request_id;
    std::string_view requester; // user name or application id
    std::string_view principal_id;
    std::string_view endpoint_id;
    std::string_view endpoint_name;
    std::string_view served_entity_id; // empty: refused before one was chosen
    std::string_view usage_context;    // a JSON object of texts, as the client wrote it
};

class usage_queue {
public:
    // About 12,000 rows of usual length: a shard that answers 100,000 requests a second fills it in 120 ms.
    static constexpr std::size_t usual_bytes = std::size_t{4} * 1024 * 1024;

    // The memory is taken when the first row comes.
    explicit usage_queue(std::size_t bytes = usual_bytes);
    usage_queue(const usage_queue&) = delete;
    usage_queue& operator=(const usage_queue&) = delete;

    // Producer. False: full, or the row is larger than half the ring; nothing of it is kept.
    [[nodiscard]] bool push(const usage_row& row) noexcept;

    // Consumer. Where the next row is read from; moves over what it has been given, which stays in the ring
    // until release().
    class cursor {
    public:
        // False: no more rows. The views in `row` are good until they are released.
        [[nodiscard]] bool next(usage_row& row);
        [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

    private:
        friend class usage_queue;
        cursor(const usage_queue& from, std::uint64_t begin, std::uint64_t end)
            : from_(&from)
            , at_(begin)
            , end_(end) {}

        const usage_queue* from_;
        std::uint64_t at_;
        std::uint64_t end_; // what the producer had written when the cursor was made
    };
    [[nodiscard]] cursor read() const;
    // Gives the memory of all that the cursor has passed back to the producer.
    void release(const cursor& passed);

private:
    std::size_t size_; // a multiple of the alignment
    std::unique_ptr<char[]>
        ring_; // NOLINT(modernize-avoid-c-arrays): bytes; made before the first tail_ is seen
    // Positions only grow; the place in the ring is the position modulo the size.
    alignas(64) std::atomic<std::uint64_t> tail_{0}; // written by the producer
    std::uint64_t seen_head_ = 0;                    // the producer's last look at head_
    alignas(64) std::atomic<std::uint64_t> head_{0}; // written by the consumer
};

} // namespace sluice::observe
