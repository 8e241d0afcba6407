// One load test: a closed loop (each connection sends its next request when the last is answered) or an open
// loop (request i is due at start + i/rate, and its latency counts from when it was due, so a stalled target
// is charged for the queue it causes).
#pragma once

#include "tools/loadgen/histogram.hpp"
#include "tools/loadgen/target.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace sluice::load {

struct plan {
    target to;
    std::string request; // the bytes that are sent each time
    std::size_t connections = 16;
    double rate = 0; // requests per second; 0: closed loop
    std::chrono::milliseconds duration{10'000};
    std::chrono::milliseconds grace{3'000}; // what is under way at the end may take so long
    std::uint64_t most_requests = 0;        // 0: as many as there is time for
    bool stream = false;
};

struct report {
    std::uint64_t requests = 0;   // answered whole, with any status
    std::uint64_t unfinished = 0; // under way when the grace was over, or due and never sent
    std::map<std::string, std::uint64_t>
        errors; // by status, or by what went wrong with the connection or the stream
    std::uint64_t chunks = 0;
    std::uint64_t body_bytes = 0;
    double seconds = 0; // from the first request to the last answer
    histogram latency;
    histogram first_byte; // of the body; in a stream the first chunk
};

[[nodiscard]] report run(const plan& p);

// One line of JSON.
[[nodiscard]] std::string to_json(const report& r);

} // namespace sluice::load
