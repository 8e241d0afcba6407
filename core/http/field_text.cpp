// The small text rules of framing.hpp: names, values, numbers, escapes.
#include "core/http/characters.hpp"
#include "core/http/framing.hpp"

#include <algorithm>
#include <limits>

namespace sluice::http {

bool is_token(std::string_view name) noexcept {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char c) { return in_set(token_bytes, c); });
}

bool is_field_value(std::string_view value) noexcept {
    const char* begin = value.data();
    const char* end = begin + value.size();
    return skip_value(begin, end) == end;
}

bool append_field(std::string& head, std::string_view name, std::string_view value) {
    if (!is_token(name) || !is_field_value(value)) return false;
    head.append(name).append(": ").append(value).append("\r\n");
    return true;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    if (text.empty()) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (number > (most - digit) / 10) return std::nullopt;
        number = number * 10 + digit;
    }
    return number;
}

} // namespace sluice::http
