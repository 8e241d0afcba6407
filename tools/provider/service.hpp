// From a received HTTP request to the script of its answer: routes, API key, knobs, dialect. No socket, no
// clock.
#pragma once

#include "tools/provider/access.hpp"
#include "tools/provider/request.hpp"
#include "tools/provider/script.hpp"
#include "tools/provider/stats.hpp"

#include <cstdint>

namespace sluice::sim {

// Counts requests, streams and redirected calls in `counters`. `now`: seconds since 1970.
[[nodiscard]] script
respond(const http_request& request, const access& who, std::int64_t now, stats& counters);

} // namespace sluice::sim
