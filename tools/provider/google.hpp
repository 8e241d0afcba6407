// What the dialects of Google's services share.
#pragma once

#include "tools/provider/dialect.hpp"

namespace sluice::sim::google {

// {"error":{"code":…,"message":…,"status":"INVALID_ARGUMENT"}}; the name follows the status.
[[nodiscard]] std::string error_body(const api_error& e);

// Nothing when the request shows an access token that was given out, or the key that is asked for.
[[nodiscard]] std::optional<api_error> refuse_token(const exchange& of);

} // namespace sluice::sim::google
