// The explicit table of providers. A new one is one .cpp and one line in registry.cpp.
#pragma once

#include "providers/provider.hpp"

#include <span>
#include <string_view>

namespace sluice::providers {

// A provider of the API that this version knows by name. `built` is null as long as it answers 501.
struct entry {
    std::string_view name;
    std::string_view config_block;
    const provider* built = nullptr;
};

[[nodiscard]] std::span<const entry> all_providers() noexcept;
// Null when the name is unknown.
[[nodiscard]] const entry* find_provider(std::string_view name) noexcept;

// Defined in each provider's file; named only by registry.cpp.
[[nodiscard]] const provider& openai_provider() noexcept;
[[nodiscard]] const provider& anthropic_provider() noexcept;
[[nodiscard]] const provider& cohere_provider() noexcept;
[[nodiscard]] const provider& ai21_provider() noexcept;
[[nodiscard]] const provider& bedrock_provider() noexcept;
[[nodiscard]] const provider& vertex_provider() noexcept;
[[nodiscard]] const provider& databricks_provider() noexcept;
[[nodiscard]] const provider& palm_provider() noexcept;
[[nodiscard]] const provider& custom_provider() noexcept;

} // namespace sluice::providers
