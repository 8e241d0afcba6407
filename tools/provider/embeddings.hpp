// Deterministic unit vectors that stand for embeddings: the same text gives the same vector, different texts
// different ones.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

// What a model gives when it is not told: 3072 or 1536 for the known names, 16 for others.
[[nodiscard]] std::size_t default_dimensions(std::string_view model) noexcept;

// A vector of length 1 (dimensions > 0).
[[nodiscard]] std::vector<float> embedding_of(std::string_view text, std::size_t dimensions);

// "[0.1,-0.2]"; every number reads back as the same float.
void append_floats(std::string& out, std::span<const float> vector);
// Little-endian IEEE 754 binary32 in base64, with quotes.
void append_floats_base64(std::string& out, std::span<const float> vector);

} // namespace sluice::sim
