// One event of a Cohere stream, read in one pass; only cohere*.cpp use this.
#pragma once

#include "providers/cohere.hpp"

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::providers::cohere {

enum class event_kind : std::uint8_t {
    other, // content-end, citations, debug, and what is unknown
    message_start,
    content, // its start and its deltas
    tool_plan,
    call_start,
    call_delta,
    call_end,
    message_end,
    error,
};

// Texts are as they stand between the quotes of the event, escapes and all; they die with it.
struct event_said {
    event_kind kind = event_kind::other;
    std::string_view id; // of the message
    std::string_view text;
    std::string_view thinking;
    std::string_view tool_plan;
    std::string_view call_id;
    std::string_view name; // of a function
    std::string_view arguments;
    std::string_view finish_reason;
    bool failed = false; // message-end tells an error
};

// `used` gets the counts that the event has. False when `data` is not one whole JSON object. json::padding
// bytes behind it must be readable.
[[nodiscard]] bool read_event(std::string_view data, event_said& out, counts& used);

// An event of v1 generate.
struct generated {
    bool is_error = false;
    bool is_finished = false; // the whole answer, or with `index` that generation
    bool is_end = false;      // stream-end
    bool has_index = false;
    std::size_t index = 0;
    std::string_view id;
    std::string_view text;
    std::string_view finish_reason;
    // Of the generations that the last event repeats, in their order.
    absl::InlinedVector<std::string_view, 4> reasons;
};

[[nodiscard]] bool read_generated(std::string_view data, generated& out, counts& used);

} // namespace sluice::providers::cohere
