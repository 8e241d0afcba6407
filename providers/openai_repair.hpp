// What servers that only resemble OpenAI get wrong, put right in their text (providers.md §8, §10): content
// as a list of parts, roles in every delta, tool calls without an index or with arguments as an object, whole
// answers that do not say why they ended.
#pragma once

#include "providers/openai_chunk.hpp"
#include "providers/target.hpp"

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::openai {

// [begin, end) of a text is replaced by `text`.
struct edit {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string text;
};

// Appends `data` with the edits, which must be in order and apart, to `out`.
void append_edited(std::string& out, std::string_view data, const std::vector<edit>& edits);

// What a stream's next chunk must be read with.
struct repair_memory {
    struct tool_call {
        std::size_t choice = 0;
        std::string id;
    };
    std::bitset<most_choices> has_role;  // choices whose role went out
    std::bitset<most_choices> has_calls; // choices that call a tool
    std::vector<tool_call> calls;        // without an index upstream; those of a choice are 0, 1, …
    std::vector<std::size_t> images;     // that stood in lists of parts, of each choice
};

// Where something stands in the event, and what must change in it.
struct repairs_found {
    std::vector<edit> edits; // in order
    cut choices;             // the value of the last `choices`; end 0: there is none
    cut usage;               // the value of the last `usage` that is an object; end 0: there is none
    // Says nothing any more once it is edited: no delta is left with content, a role or an end.
    bool is_emptied = false;
    // The role came together with content: the event goes out twice, first with these edits.
    std::vector<edit> role_edits;
};

// `data` must be one whole JSON object (read_chunk and read_json_answer see to that), with json::padding
// readable bytes behind it. `memory` null: a whole answer, not a chunk of a stream.
[[nodiscard]] repairs_found find_repairs(std::string_view data, repair kind, repair_memory* memory);

} // namespace sluice::providers::openai
