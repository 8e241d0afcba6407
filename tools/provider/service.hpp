// From a received HTTP request to the script of its answer: routes, API key, knobs, dialect. No socket, no
// clock.
#pragma once

#include "tools/provider/script.hpp"
#include "tools/provider/stats.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sluice::sim {

struct header_field {
    std::string_view name;
    std::string_view value;
};

// All views live as long as the call of respond().
struct http_request {
    std::string_view method;
    std::string_view target;
    std::span<const header_field> fields;
    std::string_view body;
    bool keep_alive = true;
    bool http_1_0 = false;
};

// The value of the first field of that name (compared without case), or "".
[[nodiscard]] std::string_view field_value(const http_request& request, std::string_view name) noexcept;

// `api_key` empty: no key is asked for. Counts requests, streams and redirected calls in `counters`.
[[nodiscard]] script respond(const http_request& request, std::string_view api_key, stats& counters);

} // namespace sluice::sim
