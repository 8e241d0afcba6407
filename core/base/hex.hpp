// Base16 of RFC 4648 §8, in lower case as AWS and git write it.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

[[nodiscard]] std::string hex_encode(std::string_view bytes);

} // namespace sluice
