// A hash map from text that can be searched by std::string_view (Debian's Abseil has its own, unrelated
// string_view).
#pragma once

#include <absl/container/flat_hash_map.h>

#include <functional>
#include <string>
#include <string_view>

namespace sluice {

struct string_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

template <class Value>
using string_map = absl::flat_hash_map<std::string, Value, string_hash, std::equal_to<>>;

} // namespace sluice
