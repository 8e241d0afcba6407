#include "core/json/writer.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace sluice::json {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

// Bytes that are copied as they stand: ASCII but for control characters, quote and backslash.
constexpr std::array<bool, 256> make_plain() noexcept {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c)
        plain[c] = c != '"' && c != '\\';
    return plain;
}
constexpr std::array<bool, 256> is_plain = make_plain();

struct utf8_span {
    std::size_t size; // bytes to step over, at least 1
    bool valid;
};

// The character at the start of `text`, whose first byte is >= 0x80. Of a broken one, the longest part that
// could have begun a character counts as one error (Unicode 15, §3.9: "maximal subpart").
utf8_span next_character(std::string_view text) noexcept {
    const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = at(0);
    std::size_t length = 0;
    unsigned low =
        0x80; // range of the second byte: excludes overlong forms, surrogates and what is above U+10FFFF
    unsigned high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
    } else {
        return {1, false};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (i == text.size() || at(i) < low || at(i) > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

void append_escape(std::string& out, unsigned char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default: break;
    }
    out += "\\u00";
    out += hex[c >> 4U];
    out += hex[c & 0x0FU];
}

} // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t i = 0;
    while (i < text.size()) {
        std::size_t end = i;
        while (end < text.size() && is_plain[static_cast<unsigned char>(text[end])])
            ++end;
        out.append(text.substr(i, end - i));
        if (end == text.size()) break;
        i = end;
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x80) {
            append_escape(out, c);
            ++i;
            continue;
        }
        const utf8_span character = next_character(text.substr(i));
        out.append(character.valid ? text.substr(i, character.size) : replacement);
        i += character.size;
    }
    out += '"';
}

void append_number(std::string& out, std::int64_t number) {
    std::array<char, 20> digits{}; // "-9223372036854775808"
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), written.ptr);
}

void object_writer::text(std::string_view name, std::string_view value) {
    key(name);
    append_string(out_, value);
}

void object_writer::number(std::string_view name, std::int64_t value) {
    key(name);
    append_number(out_, value);
}

void object_writer::boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
}

void object_writer::raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
}

void object_writer::key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_string(out_, name);
    out_ += ':';
}

} // namespace sluice::json
