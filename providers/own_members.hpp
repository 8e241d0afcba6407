// Members of a client's body that are the gateway's own, in every dialect (api.md §10.1): they are logged or
// merged, and never forwarded.
#pragma once

#include "providers/unified.hpp"
#include "providers/walk.hpp"

#include <string>

namespace sluice::providers::unified {

// extra_params, client_request_id or usage_context.
[[nodiscard]] bool is_own(known name) noexcept;

// Walks the value of one of them and checks it; `out` gets a client_request_id. False: `refusal` is a
// sentence, or else `text` has stopped.
[[nodiscard]] bool read_own_member(
    known name, walk::text& text, walk::value& v, const walk::item& seen, call& out, std::string& refusal);

} // namespace sluice::providers::unified
