// The list of messages of a v2 chat; only cohere*.cpp use this.
#pragma once

#include "providers/cohere.hpp"

#include <string>

namespace sluice::providers::cohere {

// Appends the list: system texts first, then the turns; of completions the prompt as one user message. Error
// bad_request for parts that the API does not take.
[[nodiscard]] result<void>
append_messages(const neutral::request& in, const neutral::dialect& of, std::string& out);

} // namespace sluice::providers::cohere
