// The member `error` of an answer with status 200. Some servers have one in every answer: null, false, "" or
// {} tell of no error.
#pragma once

#include "providers/slices.hpp"
#include "providers/walk.hpp"

namespace sluice::providers {

// Walks the value of a member `error` to its end; `depth` as text::pass() has it. `tells`: it tells of an
// error. False: not JSON, or too deep.
[[nodiscard]] bool
read_error(walk::text& text, walk::value& v, const walk::item& seen, int depth, bool& tells);

// The same of a value in a tree.
[[nodiscard]] bool tells_error(slices::node value);

} // namespace sluice::providers
