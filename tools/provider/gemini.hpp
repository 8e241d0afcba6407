// What Gemini asks of a request.
#pragma once

#include "tools/provider/call.hpp"
#include "tools/provider/schema.hpp"

namespace sluice::sim::gemini {

// A body of generateContent or streamGenerateContent; `out` names the model already, as the path does.
[[nodiscard]] api_result<void> read_contents(const json::object& body, call& out);

} // namespace sluice::sim::gemini
