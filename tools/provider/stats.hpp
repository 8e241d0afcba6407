// What the simulated provider counts, for all threads together; GET /__stats shows it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace sluice::sim {

struct stats {
    std::atomic<std::uint64_t> requests{0};       // API requests, refused ones included
    std::atomic<std::uint64_t> streams{0};        // of these, answers that are streams
    std::atomic<std::uint64_t> chunks{0};         // content chunks written
    std::atomic<std::uint64_t> active{0};         // answers under way
    std::atomic<std::uint64_t> aborted{0};        // peers that left before the end of their answer
    std::atomic<std::uint64_t> connections{0};    // accepted so far
    std::atomic<std::uint64_t> open{0};           // connections now
    std::atomic<std::uint64_t> tls_handshakes{0}; // completed
    std::atomic<std::uint64_t> tls_resumed{0};    // of these, resumed sessions
    std::atomic<std::uint64_t> redirected{0};     // calls of the place that the knob `redirect` names
    std::atomic<std::uint64_t> bytes_in{0};       // of request bodies
};

// One JSON object.
[[nodiscard]] std::string stats_json(const stats& s);

// Counts one up while it lives.
class counted {
public:
    explicit counted(std::atomic<std::uint64_t>& counter)
        : counter_(counter) {
        counter_.fetch_add(1, std::memory_order_relaxed);
    }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { counter_.fetch_sub(1, std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t>& counter_;
};

} // namespace sluice::sim
