#include "providers/client_dialect.hpp"

namespace sluice::providers {

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
