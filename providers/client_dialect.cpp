#include "providers/client_dialect.hpp"

#include "providers/bedrock.hpp"
#include "providers/registry.hpp"
#include "providers/vertex.hpp"

namespace sluice::providers {

bool takes_thoughts(const target& to) noexcept {
    if (to.kind != task::chat) return false;
    if (to.via == &anthropic_provider()) return true;
    if (to.via == &bedrock_provider()) return bedrock::settings_of(to).of == bedrock::family::anthropic;
    return to.via == &vertex_provider() && vertex_family_of(to.model) == vertex_family::anthropic;
}

const client_translator* translator_of(dialect speaks) noexcept {
    switch (speaks) {
    case dialect::messages: return &messages_translator();
    case dialect::responses: return &responses_translator();
    case dialect::openai:
    case dialect::gemini: return nullptr;
    }
    return nullptr;
}

} // namespace sluice::providers
