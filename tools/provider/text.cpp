#include "tools/provider/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace sluice::sim {

namespace {

// Each of at most eight letters, so that one word is one token.
constexpr std::array<std::string_view, 64> words{
    "the",     "river",   "of",      "small",  "tokens",  "runs",   "past", "every",   "gate",   "and",
    "is",      "counted", "by",      "a",      "patient", "clerk",  "who",  "never",   "sleeps", "while",
    "silver",  "boats",   "carry",   "plain",  "answers", "down",   "to",   "harbour", "lights", "in",
    "evening", "fog",     "some",    "arrive", "early",   "others", "wait", "for",     "wind",   "but",
    "none",    "are",     "lost",    "on",     "their",   "way",    "home", "because", "each",   "one",
    "bears",   "number",  "painted", "with",   "care",    "at",     "dawn", "new",     "crews",  "begin",
    "again",   "under",   "quiet",   "stars"};

constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    return x ^ (x >> 32);
}

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

constexpr bool is_continuation(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

constexpr bool needs_escape(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_escape(std::string& out, char c) {
    switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\u00";
    out += hex_digits[byte >> 4U];
    out += hex_digits[byte & 0xFU];
}

} // namespace

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) noexcept {
    std::uint64_t h = mix(seed + 0x9e3779b97f4a7c15ULL) ^ text.size();
    while (text.size() >= sizeof(std::uint64_t)) {
        std::uint64_t block = 0;
        std::memcpy(&block, text.data(), sizeof block);
        if constexpr (std::endian::native == std::endian::big) block = __builtin_bswap64(block);
        h = std::rotl((h ^ block) * 0x9fb21c651e98df25ULL, 29);
        text.remove_prefix(sizeof block);
    }
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return mix(h);
}

std::string pseudo_text(std::uint64_t seed, std::size_t count) {
    std::string out;
    out.reserve(count * 6);
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out += ' ';
        out += words[mix(seed + i) % words.size()];
    }
    return out;
}

std::string filler_text(std::uint64_t seed, std::size_t bytes) {
    std::string out;
    out.reserve(bytes + 8);
    for (std::size_t i = 0; out.size() < bytes; ++i) {
        if (i > 0) out += ' ';
        out += words[(seed + i) % words.size()];
    }
    out.resize(bytes);
    return out;
}

std::size_t token_end(std::string_view text, std::size_t from) noexcept {
    std::size_t at = from;
    while (at < text.size() && is_blank(text[at]))
        ++at;
    const std::size_t limit = std::min(text.size(), at + 8);
    while (at < limit && !is_blank(text[at]))
        ++at;
    while (at < text.size() && is_continuation(text[at]))
        ++at;
    std::size_t rest = at;
    while (rest < text.size() && is_blank(text[rest]))
        ++rest;
    return rest == text.size() ? rest : at;
}

std::size_t count_tokens(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at = token_end(text, at))
        ++count;
    return count;
}

std::size_t bytes_of_tokens(std::string_view text, std::size_t tokens) noexcept {
    std::size_t at = 0;
    while (tokens-- > 0 && at < text.size())
        at = token_end(text, at);
    return at;
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto* stop = std::find_if(text.begin(), text.end(), needs_escape);
        const auto clean = static_cast<std::size_t>(stop - text.begin());
        out.append(text.substr(0, clean));
        if (clean == text.size()) return;
        append_escape(out, text[clean]);
        text.remove_prefix(clean + 1);
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto [end, ec] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    if (ec == std::errc()) out.append(digits.data(), end);
}

void append_hex(std::string& out, std::uint64_t number) {
    for (unsigned shift = 64; shift > 0; shift -= 4)
        out += hex_digits[(number >> (shift - 4)) & 0xFU];
}

void append_base64(std::string& out, std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (!bytes.empty()) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size());
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8U) | (i < have ? static_cast<unsigned char>(bytes[i]) : 0U);
        out += alphabet[(group >> 18U) & 63U];
        out += alphabet[(group >> 12U) & 63U];
        out += have > 1 ? alphabet[(group >> 6U) & 63U] : '=';
        out += have > 2 ? alphabet[group & 63U] : '=';
        bytes.remove_prefix(have);
    }
}

} // namespace sluice::sim
