// CRC-32 with the polynomial of zlib and Ethernet: finds damage, no forgery.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

// Of `before`, the checksum of what came before `bytes`: crc32(b, crc32(a)) is that of a and b together.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0) noexcept;

} // namespace sluice
