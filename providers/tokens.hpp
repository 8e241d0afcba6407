// The grammar of JSON's scalars (RFC 8259 §6, §7) on tokens that stage 1 of simdjson has found.
#pragma once

#include <string_view>

namespace sluice::providers::walk {

[[nodiscard]] bool is_number(std::string_view token) noexcept;

// Every backslash between the quotes starts a good escape. Control characters, bad UTF-8 and open strings are
// refused by stage 1.
[[nodiscard]] bool has_good_escapes(std::string_view raw) noexcept;

} // namespace sluice::providers::walk
