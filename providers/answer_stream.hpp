// A whole answer as a stream, for clients that asked for one from an upstream that has none (providers.md
// §1.9).
#pragma once

#include "core/base/error.hpp"
#include "providers/unified.hpp"

#include <string>
#include <string_view>

namespace sluice::providers {

// Appends the stream of an OpenAI-shaped answer to a chat or completion: role, contents, calls, finish, usage
// if the client asked for it, [DONE]. json::padding bytes behind `body` must be readable. False: it is not of
// the shape, and nothing is appended.
[[nodiscard]] bool append_as_stream(std::string& out, const unified::call& call, std::string_view body);

} // namespace sluice::providers
