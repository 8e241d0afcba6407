// CRC-32 with the polynomial of zlib and Ethernet: finds damage, no forgery.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

[[nodiscard]] std::uint32_t crc32(std::string_view bytes) noexcept;

} // namespace sluice
