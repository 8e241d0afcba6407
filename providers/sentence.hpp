// Error sentences out of pieces: one allocation, no stream.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice::providers {

[[nodiscard]] inline std::string sentence(std::initializer_list<std::string_view> pieces) {
    std::size_t size = 0;
    for (const std::string_view piece : pieces)
        size += piece.size();
    std::string text;
    text.reserve(size);
    for (const std::string_view piece : pieces)
        text.append(piece);
    return text;
}

} // namespace sluice::providers
