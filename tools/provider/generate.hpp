// What the simulated model says: one text for each choice of a call.
#pragma once

#include "tools/provider/call.hpp"
#include "tools/provider/knobs.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

struct generated {
    std::string text;
    std::size_t tokens = 0;
    std::size_t first_piece = 0; // > 0: the first content chunk of a stream takes so many bytes (knob big)
    bool by_length = false;      // max_tokens ended it
};

// What the echo knobs may repeat.
struct received {
    std::string_view body;
    std::string_view head;
};

// For chat `n` choices, for completions `n` for each prompt. The first is the same in a JSON answer and in a
// stream.
[[nodiscard]] std::vector<generated> generate(const call& c, const knobs& k, received from);

} // namespace sluice::sim
