#include "tools/provider/embeddings.hpp"

#include "tools/provider/text.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace sluice::sim {

std::size_t default_dimensions(std::string_view model) noexcept {
    if (model.starts_with("text-embedding-3-large")) return 3072;
    return model.starts_with("text-embedding-") ? 1536 : 16;
}

std::vector<float> embedding_of(std::string_view text, std::size_t dimensions) {
    std::vector<float> vector(dimensions);
    std::uint64_t state = hash_text(text) | 1U;
    double squares = 0;
    for (float& x : vector) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        // 24 random bits: -1 .. 1 without rounding.
        x = static_cast<float>(static_cast<std::int32_t>(state >> 40U) - (1 << 23)) /
            static_cast<float>(1 << 23);
        squares += static_cast<double>(x) * static_cast<double>(x);
    }
    if (squares == 0) {
        vector.front() = 1;
        return vector;
    }
    const double scale = 1 / std::sqrt(squares);
    for (float& x : vector)
        x = static_cast<float>(static_cast<double>(x) * scale);
    return vector;
}

void append_floats(std::string& out, std::span<const float> vector) {
    out.reserve(out.size() + vector.size() * 14 + 2);
    out += '[';
    std::array<char, 32> digits{};
    for (std::size_t i = 0; i < vector.size(); ++i) {
        if (i > 0) out += ',';
        const auto [end, ec] = std::to_chars(digits.data(), digits.data() + digits.size(), vector[i]);
        if (ec == std::errc()) out.append(digits.data(), end);
    }
    out += ']';
}

void append_floats_base64(std::string& out, std::span<const float> vector) {
    std::string bytes;
    bytes.reserve(vector.size() * 4);
    for (const float x : vector) {
        const auto bits = std::bit_cast<std::uint32_t>(x);
        for (unsigned shift = 0; shift < 32; shift += 8)
            bytes += static_cast<char>((bits >> shift) & 0xFFU);
    }
    out += '"';
    append_base64(out, bytes);
    out += '"';
}

} // namespace sluice::sim
