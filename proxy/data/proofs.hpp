// The credentials that a request carries and that no text may show; they are not among the target's keys.
#pragma once

#include "core/base/secret_string.hpp"

#include <string_view>
#include <vector>

namespace sluice::providers {
struct credential; // providers/credential.hpp
} // namespace sluice::providers

namespace sluice::data {

// Of field lines, each ended: bearer tokens, signatures, and the session and metadata tokens of AWS.
[[nodiscard]] std::vector<secret_string> proofs_of(std::string_view lines);

// Those, and the short-lived credential that they were made of; null: none.
[[nodiscard]] std::vector<secret_string> proofs_of(std::string_view lines, const providers::credential* with);

} // namespace sluice::data
