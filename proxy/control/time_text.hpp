// Time stamps as text, where the API wants that. Pure.
#pragma once

#include "core/base/clock.hpp"

#include <string>

namespace sluice::control {

// "2026-11-26T10:32:33.250Z". For times from 1970 to 9999.
[[nodiscard]] std::string rfc3339(wall_ms time);

} // namespace sluice::control
