// The answer of GET /api/2.0/sluice/providers: what the providers' tables say, for a form that asks for an
// external model.
#pragma once

#include "providers/provider.hpp"

#include <string>

namespace sluice::control {

// Appends {"name","config_block","tasks","fields","one_of"}. Members that are always refused are left out;
// kinds of URLs are one kind.
void append_provider(std::string& out, const providers::provider& of);

// {"providers":[…]}, those that this version has.
[[nodiscard]] std::string provider_schema();

} // namespace sluice::control
