// One event of an Anthropic stream, read in one pass; only anthropic*.cpp use this.
#pragma once

#include "providers/anthropic.hpp"

#include <string_view>

namespace sluice::providers::anthropic {

enum class event_kind : std::uint8_t {
    other, // ping, and what is unknown
    message_start,
    block_start,
    block_delta,
    block_stop,
    message_delta,
    message_stop,
    completion,
    error,
};

enum class block_kind : std::uint8_t { other, text, thinking, signature, redacted, tool_use };

// Texts are as they stand between the quotes of the event, escapes and all; they die with it.
struct event_said {
    event_kind kind = event_kind::other;
    std::string_view id; // of message, completion or tool
    std::string_view model;
    block_kind block = block_kind::other; // of block_start; of block_delta what `text` belongs to
    std::string_view name;                // of a tool
    std::string_view input;               // of a tool that comes whole: its object, else empty
    std::string_view text;                // text, thinking, partial_json or completion
    std::string_view signature;           // of thinking
    std::string_view data;                // of thinking that nobody may read
    std::string_view stop_reason;
    bool has_stop_reason = false; // not null
    bool has_error = false;       // in `error`: without a type it is that of a service around Claude
    bool has_type = false;
    bool has_content = false;      // of a whole Message: the list
    bool has_input_tokens = false; // of an answer that counts tokens
};

// `used` gets the counts that the event has. False when `data` is not one whole JSON object. json::padding
// bytes behind it must be readable.
[[nodiscard]] bool read_event(std::string_view data, event_said& out, counts& used);

} // namespace sluice::providers::anthropic
