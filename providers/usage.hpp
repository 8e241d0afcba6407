// Usage counts of OpenAI-shaped answers and chunks (providers.md §1.8).
#pragma once

#include "providers/provider.hpp"
#include "providers/walk.hpp"

namespace sluice::providers {

// Reads the value of a top-level member `usage`, walked to its end. Null, or an object without counts that
// can be, leaves `out` as it is. False: not JSON.
[[nodiscard]] bool read_usage(walk::text& text, walk::value& v, const walk::item& seen, usage& out);

} // namespace sluice::providers
