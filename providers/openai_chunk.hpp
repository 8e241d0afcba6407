// One event of an OpenAI stream, read in one pass.
#pragma once

#include "providers/provider.hpp"

#include <absl/container/inlined_vector.h>

#include <bitset>
#include <cstddef>
#include <string_view>

namespace sluice::providers::openai {

// Choices with a higher index are passed on but not watched; the real service allows 128.
inline constexpr std::size_t most_choices = 1024;

// A part of the event that the client does not get.
struct cut {
    std::size_t begin = 0;
    std::size_t end = 0;
};

struct chunk {
    bool has_choices = false; // a member `choices`, be it empty
    bool has_choice = false;  // at least one
    bool all_empty = true;    // no choice has a delta, a text or a finish reason
    bool has_text = false;    // a choice of completions
    bool has_usage = false;   // not null
    bool has_others = false;  // members besides those in `cuts`
    bool is_error = false;    // {"error":…}
    // {"type":"error"}, {"object":"error"}, {"detail":…}, {"message":"…"}, {"error_code":…} or an `error`
    // that tells of none: an error unless it is a chunk
    bool is_other_error = false;
    bool is_ping = false; // {"type":"ping"}
    usage used;
    absl::InlinedVector<cut, 2> cuts; // the `usage` members with their commas, in the order of the text
};

// Which choices an answer has, and which of them are at their end.
struct choice_state {
    std::bitset<most_choices> begun;
    std::bitset<most_choices> ended;
};

// False when `data` is not one whole JSON object. json::padding bytes behind it must be readable.
[[nodiscard]] bool read_chunk(std::string_view data, chunk& out, choice_state& choices);

} // namespace sluice::providers::openai
