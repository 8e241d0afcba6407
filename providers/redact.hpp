// Takes credentials out of a text that somebody else wrote and that leaves the gateway.
#pragma once

#include "core/base/secret_string.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sluice::providers {

// Replaces by "[redacted]": every run of 8 or more characters of a key (a shorter key only whole, from 4
// characters on), as it stands or in one case of letters, JSON-escaped or percent-encoded, also one in the
// other, in base64 or in hex; and a masked key such as "sk-ab***wxyz" or "sk-ab[hidden]" that shows at least
// 4 characters of a key's start or end. May break the JSON of `text`. Cost: for short texts of the error
// path.
[[nodiscard]] std::string redact(std::string_view text, std::span<const secret_string> keys);

} // namespace sluice::providers
