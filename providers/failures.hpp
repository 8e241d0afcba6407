// Texts by which one part of this library knows what another one found.
#pragma once

#include <string_view>

namespace sluice::providers {

// The external_model_error of a stream that ended before its terminal event (providers.md §1.9).
inline constexpr std::string_view ended_early = "stream ended early";

} // namespace sluice::providers
