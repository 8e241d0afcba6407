#include "providers/tokens.hpp"

#include <cstddef>
#include <cstring>

namespace sluice::providers::walk {

namespace {

constexpr bool is_digit(char c) noexcept {
    return static_cast<unsigned char>(c - '0') < 10;
}

constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Steps over digits; false when there is none.
bool digits(const char*& at, const char* end) noexcept {
    const char* const start = at;
    while (at != end && is_digit(*at))
        ++at;
    return at != start;
}

} // namespace

bool is_number(std::string_view token) noexcept {
    const char* at = token.data();
    const char* const end = at + token.size();
    if (at != end && *at == '-') ++at;
    if (at == end) return false;
    if (*at == '0') {
        ++at;
    } else if (!digits(at, end)) {
        return false;
    }
    if (at != end && *at == '.') {
        ++at;
        if (!digits(at, end)) return false;
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at != end && (*at == '+' || *at == '-')) ++at;
        if (!digits(at, end)) return false;
    }
    return at == end;
}

bool has_good_escapes(std::string_view raw) noexcept {
    const char* at = raw.data();
    const char* const end = at + raw.size();
    while (at != end) {
        at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
        if (at == nullptr) return true;
        if (end - at < 2) return false;
        switch (at[1]) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't': at += 2; break;
        case 'u':
            if (end - at < 6 || !is_hex(at[2]) || !is_hex(at[3]) || !is_hex(at[4]) || !is_hex(at[5]))
                return false;
            at += 6;
            break;
        default: return false;
        }
    }
    return true;
}

} // namespace sluice::providers::walk
