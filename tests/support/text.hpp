// Texts that tests put together.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice::support {

inline std::string joined(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts)
        out += part;
    return out;
}

// Every occurrence, from left to right; what is put in is not looked at again. `what` is not empty.
inline std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
    std::string out;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
        out += text.substr(0, at);
        out += with;
        text.remove_prefix(at + what.size());
    }
    out += text;
    return out;
}

} // namespace sluice::support
