// Reading JSON. What comes back are values of their own: nothing of simdjson leaves this module, whose
// documents die with the next parse.
#pragma once

#include "core/base/error.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace sluice::json {

// Bytes of readable memory that must lie behind every text that is parsed where it lies.
inline constexpr std::size_t padding = 64;
inline constexpr int max_depth = 64;

// A small management text (request bodies, config files) as a tree. Strict: a repeated key anywhere, depth
// over max_depth, trailing bytes, a lone surrogate or bad UTF-8 are errors (bad_request, the message says
// what). Integers keep 64 bits.
[[nodiscard]] result<boost::json::value> parse_tree(std::string_view text);

// One whole JSON text of RFC 8259, of any type. Checks every byte; numbers of any size and up to 1,024 levels
// are good. No padding is needed.
[[nodiscard]] bool is_json(std::string_view text);

} // namespace sluice::json
