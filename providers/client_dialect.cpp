#include "providers/client_dialect.hpp"

namespace sluice::providers {

const client_translator* translator_of(dialect) noexcept {
    return nullptr;
}

} // namespace sluice::providers
