// Frames of application/vnd.amazon.eventstream, writing side.
#pragma once

#include "core/base/crc32.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::test {

inline void append_big_endian(std::string& out, std::uint32_t value, unsigned bytes) {
    for (unsigned i = bytes; i > 0; --i)
        out += static_cast<char>(value >> 8U * (i - 1) & 0xFFU);
}

// The first twelve bytes of a frame.
inline std::string prelude_bytes(std::size_t total, std::size_t headers) {
    std::string out;
    append_big_endian(out, static_cast<std::uint32_t>(total), 4);
    append_big_endian(out, static_cast<std::uint32_t>(headers), 4);
    append_big_endian(out, crc32(out), 4);
    return out;
}

// A frame around header bytes that are there already.
inline std::string framed(std::string_view headers, std::string_view payload) {
    std::string out = prelude_bytes(headers.size() + payload.size() + 16, headers.size());
    out.append(headers).append(payload);
    append_big_endian(out, crc32(out), 4);
    return out;
}

using text_headers = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline std::string frame_bytes(text_headers headers, std::string_view payload) {
    std::string bytes;
    for (const auto& [name, value] : headers) {
        append_big_endian(bytes, static_cast<std::uint32_t>(name.size()), 1);
        bytes.append(name).append("\x07");
        append_big_endian(bytes, static_cast<std::uint32_t>(value.size()), 2);
        bytes.append(value);
    }
    return framed(bytes, payload);
}

// An event as Bedrock sends it.
inline std::string event_frame(std::string_view type, std::string_view payload) {
    return frame_bytes(
        {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}}, payload);
}

inline std::string exception_frame(std::string_view type, std::string_view payload) {
    return frame_bytes(
        {{":exception-type", type}, {":content-type", "application/json"}, {":message-type", "exception"}},
        payload);
}

// Blanks and line ends are passed over.
inline std::string from_hex(std::string_view text) {
    std::string out;
    unsigned half = 0;
    bool has_half = false;
    for (const char c : text) {
        const std::size_t digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos) continue;
        if (has_half) out += static_cast<char>(half << 4U | static_cast<unsigned>(digit));
        half = static_cast<unsigned>(digit);
        has_half = !has_half;
    }
    return out;
}

} // namespace sluice::test
