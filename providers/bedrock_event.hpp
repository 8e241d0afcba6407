// One event of a ConverseStream, read in one pass; only bedrock*.cpp use this.
#pragma once

#include "providers/bedrock.hpp"

#include <string_view>

namespace sluice::providers::bedrock {

// Texts are as they stand between the quotes of the event, escapes and all; they die with it.
struct event_said {
    std::string_view text;      // of a delta
    std::string_view reasoning; // of a delta
    std::string_view signature; // of a delta: of the reasoning before it
    std::string_view redacted;  // of a delta: reasoning that nobody may read, in base64
    std::string_view input;     // of a delta: a piece of a call's arguments
    std::string_view id;        // of a start
    std::string_view name;      // of a start
    bool starts_call = false;
    std::string_view stop_reason;
};

// `used` gets the counts that the event has. False when `data` is not one whole JSON object. json::padding
// bytes behind it must be readable.
[[nodiscard]] bool read_event(std::string_view data, event_said& out, counts& used);

// One event of an invocation of Titan, which is flat.
struct chunk_said {
    std::string_view text;
    std::string_view reason;
    bool has_reason = false; // not null
};
[[nodiscard]] bool read_chunk(std::string_view data, chunk_said& out, tally& used);

// The member `bytes` of a frame of an invocation, as it stands between its quotes; nullopt when `data` is not
// one whole JSON object. Empty: there is none.
[[nodiscard]] std::optional<std::string_view> read_bytes(std::string_view data);

} // namespace sluice::providers::bedrock
