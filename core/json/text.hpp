// Between Boost.JSON's own texts and the standard ones, which the Boost of Debian 12 does not convert. Any
// thread, no state.
#pragma once

#include <boost/json/string.hpp>

#include <string_view>

namespace sluice {

// Borrows the text.
[[nodiscard]] inline std::string_view view(const boost::json::string& text) noexcept {
    return {text.data(), text.size()};
}

[[nodiscard]] inline boost::json::string to_json(std::string_view text) {
    return boost::json::string(text.data(), text.size());
}

} // namespace sluice
