// A whole chat answer of OpenAI's schema, for its translation into a client's own dialect.
#pragma once

#include "core/base/error.hpp"
#include "providers/slices.hpp"
#include "providers/tally.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

// Texts are as they stand between their quotes, escapes and all; they live as long as the answer's text.
struct chat_answer {
    struct call {
        std::string_view id;
        std::string_view name;
        std::string_view arguments;
    };

    struct thought {
        std::string_view text;
        std::string_view signature;
        std::string_view redacted; // what nobody may read; the others are empty then
    };

    // A part of an answer whose thinking stands behind something else (answered_blocks.hpp).
    struct block {
        enum class kind : std::uint8_t { text, thought, call };
        kind what = kind::text;
        std::string_view text;
        thought thinking;
    };

    std::string_view id;
    std::string_view model;
    std::int64_t created = 0; // 0: not said
    std::string_view content;
    std::string_view reasoning;
    std::vector<thought> thoughts; // what of the reasoning is signed
    std::string_view refusal;
    std::vector<call> calls;
    std::vector<block> blocks; // all of this again in its order; empty: reasoning, content, calls
    std::string_view finish_reason;
    tally used;
    slices tree;
};

// json::padding bytes behind `body` must be readable. Error bad_upstream.
[[nodiscard]] result<void> read_chat_answer(std::string_view body, chat_answer& out);

} // namespace sluice::providers
