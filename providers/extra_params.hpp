// extra_params: a map text -> text whose members go into the upstream body (api.md §10.1).
#pragma once

#include "providers/unified.hpp"

#include <span>
#include <string_view>

namespace sluice::providers::unified {

// Fills out.extra from the member `extra_params`, an object of texts or null that has been checked. Values
// that are JSON numbers, booleans, objects or arrays go in parsed, all others as text. Error bad_request for
// a key that the body has already, that the gateway sets or that is `reserved`.
[[nodiscard]] result<void>
read_extra_params(const member& extra_params, call& out, std::span<const std::string_view> reserved = {});

} // namespace sluice::providers::unified
