// Base64 of RFC 4648: §4, standard alphabet with padding, and §5, the alphabet for URLs, here without
// padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

[[nodiscard]] std::string base64_encode(std::string_view bytes);

// Nothing for a text that is not exactly the encoding of some bytes: wrong length, characters outside the
// alphabet (blanks and line ends too), missing padding, or bits set that the padding should have cleared.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

// '-' and '_' in place of '+' and '/', and no '=' (RFC 7515 §2). As strict as the others.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

} // namespace sluice
