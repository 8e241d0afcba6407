// JSON schemas for APIs that want every object of them closed.
#pragma once

#include "providers/slices.hpp"

#include <string>

namespace sluice::providers {

// Appends the schema with additionalProperties:false on every object that does not say anything about it
// (providers.md §3.3). All else stays as it is.
void append_closed_schema(std::string& out, slices::node schema);

} // namespace sluice::providers
