// Access tokens of Microsoft Entra for Azure OpenAI (providers.md §2.1), by client credentials.
#pragma once

#include "core/base/secret_string.hpp"
#include "providers/credential.hpp"

#include <memory>
#include <string_view>

namespace sluice::providers {

// `base`: the root of /{tenant}/oauth2/v2.0/token; empty: Microsoft's. Error invalid_parameter_value.
[[nodiscard]] result<std::shared_ptr<const credential_source>> make_entra_source(std::string_view base,
                                                                                 std::string_view tenant,
                                                                                 std::string_view client_id,
                                                                                 const secret_string& secret);

} // namespace sluice::providers
