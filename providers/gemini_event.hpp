// One event of a Gemini stream, read in one pass; only gemini*.cpp use this.
#pragma once

#include "providers/gemini.hpp"

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <string_view>

namespace sluice::providers::gemini {

// More of them in one event are refused: they are views of 16 bytes and more into a few bytes of text.
inline constexpr std::size_t most_parts = 4096;
inline constexpr std::size_t most_candidates = 128;

// Texts are as they stand between the quotes of the event, escapes and all; they die with it.
struct part_said {
    std::size_t candidate = 0; // position in event_said::candidates
    std::string_view text;
    std::string_view name;       // of a function; empty: no call
    std::string_view id;         // of the call
    std::string_view arguments;  // the text of an object, or empty
    std::string_view signature;  // of the thought behind the call
    std::string_view media_type; // of data
    std::string_view data;       // base64
    bool is_thought = false;
};

struct candidate_said {
    std::size_t index = 0;
    std::string_view finish_reason;
    bool has_finish_reason = false;
};

struct event_said {
    std::string_view id;
    std::string_view model;
    absl::InlinedVector<candidate_said, 1> candidates;
    absl::InlinedVector<part_said, 2> parts; // of all candidates, in order
    counts used;
    bool is_blocked = false; // the prompt
    bool is_error = false;
    bool is_other_error = false; // {"detail":…} or {"message":…}: an error when there is nothing else
};

// False when `data` is not one whole JSON object or has too much in it. json::padding bytes behind it must be
// readable.
[[nodiscard]] bool read_event(std::string_view data, event_said& out);

} // namespace sluice::providers::gemini
