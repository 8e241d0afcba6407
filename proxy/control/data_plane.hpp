// The data plane of route-optimised endpoints (api.md §14.3): a client reads where and with what a token to
// query one from its description, and hands the latter text to POST /oidc/v1/token as it is. Pure.
#pragma once

#include "proxy/model/management.hpp"

#include <string>
#include <string_view>

namespace sluice::control {

// data_plane_info.query_info.authorization_details: asks for a token that may query this endpoint only.
[[nodiscard]] std::string authorization_details_for(std::string_view endpoint_id);

// "https://gateway.example", without a slash behind it: how this client reaches the gateway.
[[nodiscard]] std::string base_url_of(const model::management_request& request);

} // namespace sluice::control
