// The services that give out access tokens: Google's for a signed assertion, Microsoft Entra's for a client's
// secret.
#pragma once

#include "tools/provider/dialect.hpp"

namespace sluice::sim {

[[nodiscard]] answer google_token(const exchange& of);
[[nodiscard]] answer entra_token(const exchange& of);

// Is it an RS256 signature of `text` by the key (PEM, public)?
[[nodiscard]] bool
verify_rs256(std::string_view public_key, std::string_view text, std::string_view signature);

} // namespace sluice::sim
