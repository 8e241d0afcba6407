// Usage counts of OpenAI-shaped answers and chunks (providers.md §1.8).
#pragma once

#include "providers/provider.hpp"
#include "providers/walk.hpp"

namespace sluice::providers {

// Reads the value of a member `usage`, walked to its end, `depth` containers open around it. Null, or an
// object without counts that can be, leaves `out` as it is. The names of OpenAI's Responses count where those
// of a chat say nothing. False: not JSON.
[[nodiscard]] bool
read_usage(walk::text& text, walk::value& v, const walk::item& seen, usage& out, int depth = 1);

} // namespace sluice::providers
