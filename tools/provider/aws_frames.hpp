// Frames of application/vnd.amazon.eventstream, writing side.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::sim::aws {

// CRC-32 with zlib's polynomial.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes) noexcept;

using frame_field = std::pair<std::string_view, std::string_view>; // values are strings

void append_frame(std::string& out, std::span<const frame_field> fields, std::string_view payload);

// An event, or an exception, with a JSON payload.
void append_event_frame(std::string& out, std::string_view type, std::string_view payload);
void append_exception_frame(std::string& out, std::string_view type, std::string_view message);

} // namespace sluice::sim::aws
