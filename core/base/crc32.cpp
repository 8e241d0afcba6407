#include "core/base/crc32.hpp"

#include <array>
#include <cstddef>

namespace sluice {

namespace {

// Eight bytes are taken at once (the "slicing" way): row k holds what a byte does k bytes later.
constexpr std::size_t slice = 8;
using rows = std::array<std::array<std::uint32_t, 256>, slice>;

constexpr rows make_rows() {
    constexpr std::uint32_t polynomial = 0xEDB88320U; // bits reversed
    rows out{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1U) != 0 ? value >> 1U ^ polynomial : value >> 1U;
        out[0][byte] = value;
    }
    for (std::size_t row = 1; row < slice; ++row) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t earlier = out[row - 1][byte];
            out[row][byte] = earlier >> 8U ^ out[0][earlier & 0xFFU];
        }
    }
    return out;
}

constexpr rows table = make_rows();

constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<unsigned char>(bytes[at]);
}

} // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) noexcept {
    std::uint32_t crc = ~before;
    while (bytes.size() >= slice) {
        crc ^=
            byte_at(bytes, 0) | byte_at(bytes, 1) << 8U | byte_at(bytes, 2) << 16U | byte_at(bytes, 3) << 24U;
        crc = table[7][crc & 0xFFU] ^ table[6][crc >> 8U & 0xFFU] ^ table[5][crc >> 16U & 0xFFU] ^
              table[4][crc >> 24U] ^ table[3][byte_at(bytes, 4)] ^ table[2][byte_at(bytes, 5)] ^
              table[1][byte_at(bytes, 6)] ^ table[0][byte_at(bytes, 7)];
        bytes.remove_prefix(slice);
    }
    for (std::size_t i = 0; i < bytes.size(); ++i)
        crc = crc >> 8U ^ table[0][(crc ^ byte_at(bytes, i)) & 0xFFU];
    return ~crc;
}

} // namespace sluice
