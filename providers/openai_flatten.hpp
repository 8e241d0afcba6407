// Content as a list of parts, made one text (providers.md §8).
#pragma once

#include "providers/walk.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::openai {

// Still escaped, as they stood in the list.
struct flat_content {
    std::string text;
    std::string reasoning;
    std::vector<std::string_view> image_urls; // with their quotes
};

// Walks the list `v`, the value of a message's or a delta's `content`. False: not JSON.
[[nodiscard]] bool flatten(walk::text& text, walk::value& v, flat_content& out);

} // namespace sluice::providers::openai
