// The knobs of the simulated provider: dash-separated words choose what an answer looks like and how it goes
// wrong. The table of all words is knob_help() (printed by --help). Pure: text in, values out.
#pragma once

#include "core/base/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::sim {

// Whose text an answer repeats.
enum class echo_kind : std::uint8_t {
    none,
    input,   // the last user message, or the prompt
    request, // the request body as it was received
    head,    // the request line and header fields, one a line
};

struct knobs {
    // Size and time.
    std::optional<std::size_t> body_bytes;
    std::chrono::milliseconds latency{0};
    std::optional<std::size_t> chunks;
    std::chrono::milliseconds pace{0};
    std::optional<std::size_t> floats;
    std::optional<std::size_t> big_kib;
    std::optional<std::chrono::milliseconds> drip;
    std::optional<std::chrono::milliseconds> stale;

    // What is answered.
    int error_status = 0; // 0: no error
    std::optional<unsigned> retry_after_seconds;
    int status = 0; // 0: as usual
    echo_kind echo = echo_kind::none;

    // Faults. Counts are content chunks of a stream, bytes of any other body.
    std::optional<std::size_t> cut_after;
    std::optional<std::size_t> stall_after;
    std::optional<std::size_t> error_after;
    bool cut_before_head = false;
    bool cut_head = false;
    bool reset = false;
    bool bad_chunk = false;
    bool bad_json = false;
    bool html = false;
    bool array = false;
    bool gzip = false;
    bool redirect = false;
    bool extra = false;
    bool close = false;
    bool no_length = false;
    bool chunked = false;
    bool no_done = false;
    bool no_finish = false;
    bool no_usage = false;
    bool crlf = false;
    bool comments = false;

    bool operator==(const knobs&) const = default;
};

// One SPEC, "" included. Error bad_request: the sentence names the word that is not known or out of range.
[[nodiscard]] result<knobs> parse_knobs(std::string_view spec);

// What a model name asks for: <anything>-sim-SPEC, sim-SPEC, mk-SPEC (with the defaults of a benchmark: b500
// n50 f1536), and echo… at its beginning. Any other name gives the default knobs.
[[nodiscard]] result<knobs> knobs_of_model(std::string_view model);

// The table of words, for people.
[[nodiscard]] std::string_view knob_help() noexcept;

} // namespace sluice::sim
