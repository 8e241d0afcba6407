// A provider's stream for a client of another dialect: what its decoder writes as OpenAI's chunks goes
// through the dialect's translation.
#pragma once

#include "providers/client_dialect.hpp"
#include "providers/provider.hpp"

#include <memory>

namespace sluice::providers {

// Both must be there.
[[nodiscard]] std::unique_ptr<decoder> translate_stream(std::unique_ptr<decoder> from,
                                                        std::unique_ptr<event_translation> into);

} // namespace sluice::providers
