// How a client wants its vectors, for the reading of an answer: by then the call is no tree any more.
#pragma once

#include "providers/unified.hpp"

namespace sluice::providers {

// encoding_format is base64.
[[nodiscard]] bool wants_base64(const unified::call& call);

} // namespace sluice::providers
