// Where the models of Google Cloud's Vertex AI are (providers.md §7.1).
#pragma once

#include "providers/target.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::providers {

// Whose API a model has.
enum class vertex_family : std::uint8_t { gemini, anthropic, openai };
[[nodiscard]] vertex_family vertex_family_of(std::string_view model) noexcept;

// "us-central1-aiplatform.googleapis.com"
[[nodiscard]] std::string vertex_host(std::string_view region);

// target::own of every target of the provider.
struct vertex_part final : target_part {
    vertex_family family = vertex_family::gemini;
    // Of Gemini and Claude, with the path of the operator's base before it: a verb goes behind it
    // (":generateContent"). Of others the path of the openapi endpoint ("/chat/completions").
    std::string path;
};

} // namespace sluice::providers
