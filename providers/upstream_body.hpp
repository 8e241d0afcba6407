// The end of a body that a provider has written itself.
#pragma once

#include "providers/provider.hpp"

namespace sluice::providers {

// Closes a request whose whole body, one JSON object, stands in out.storage: merges the client's extra_params
// into it, which replace members of the same name (api.md §10.1), and fills `body` and `head_tail`.
void finish_request(const unified::call& call, upstream_request& out);

} // namespace sluice::providers
