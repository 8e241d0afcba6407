#include "providers/registry.hpp"

#include <algorithm>
#include <array>

namespace sluice::providers {

std::span<const entry> all_providers() noexcept {
    static const std::array<entry, 9> table = {{
        {"openai", "openai_config", &openai_provider()},
        {"anthropic", "anthropic_config", &anthropic_provider()},
        {"cohere", "cohere_config", &cohere_provider()},
        {"ai21labs", "ai21labs_config", &ai21_provider()},
        {"amazon-bedrock", "amazon_bedrock_config", &bedrock_provider()},
        {"google-cloud-vertex-ai", "google_cloud_vertex_ai_config", &vertex_provider()},
        {"databricks-model-serving", "databricks_model_serving_config", &databricks_provider()},
        {"palm", "palm_config", &palm_provider()},
        {"custom", "custom_provider_config", &custom_provider()},
    }};
    return table;
}

const entry* find_provider(std::string_view name) noexcept {
    const auto all = all_providers();
    const auto found =
        std::find_if(all.begin(), all.end(), [name](const entry& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace sluice::providers
