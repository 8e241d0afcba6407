// One chunk of OpenAI's chat streams as this gateway writes them, read in one pass; the events of a text in
// order.
#pragma once

#include "providers/tally.hpp"

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::providers {

// Texts are as they stand between their quotes, escapes and all; they die with the chunk.
struct call_piece {
    std::size_t index = 0;
    std::string_view id;
    std::string_view name;
    std::string_view arguments;
};

// Of signed thinking (thinking_blocks.hpp).
struct thought_piece {
    std::size_t index = 0; // of the block
    std::string_view text;
    std::string_view signature;
    std::string_view redacted; // a whole block that nobody may read
};

struct chat_chunk {
    std::string_view id;
    std::string_view model;
    std::int64_t created = 0;
    std::string_view content; // all of the first choice
    std::string_view reasoning;
    std::string_view refusal;
    std::string_view finish_reason; // empty: none
    absl::InlinedVector<call_piece, 4> calls;
    absl::InlinedVector<thought_piece, 1> thoughts; // their text is the reasoning's
    bool is_error = false;
    tally used; // keeps what a chunk does not say

    // Everything but the counts.
    void clear();
};

// False when `data` is not one whole JSON object of the schema. json::padding bytes behind it must be
// readable.
[[nodiscard]] bool read_chat_chunk(std::string_view data, chat_chunk& out);

// Takes the next event's data off `events`; nullopt when what is left is not a whole `data: ` event.
[[nodiscard]] std::optional<std::string_view> next_data(std::string_view& events) noexcept;

} // namespace sluice::providers
