// A request's usage_context, as it is stored.
#pragma once

#include <string>
#include <string_view>

namespace sluice::observe {

// The object that the client wrote, without blanks, each key once (the last one counts) and all text well
// formed. Empty when there is none.
[[nodiscard]] std::string compact_context(std::string_view raw);

} // namespace sluice::observe
