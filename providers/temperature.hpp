// The scale on which a client's temperature of 0-2 goes to each API (providers.md §1.5).
#pragma once

#include "providers/neutral.hpp"

#include <string>

namespace sluice::providers {

enum class temperature_factor : std::uint8_t {
    one,           // OpenAI and its like, Converse, Gemini, Cohere v2 chat, AI21
    half,          // Anthropic, Claude on Vertex and on Bedrock's InvokeModel, Titan text, PaLM
    two_and_a_half // Cohere v1 generate, on Bedrock too
};

// Appends the scaled number; its own text where the factor is one.
void append_scaled(std::string& out, const neutral::number& temperature, temperature_factor factor);

} // namespace sluice::providers
