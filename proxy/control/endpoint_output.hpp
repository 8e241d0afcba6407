// Endpoints as the API shows them, members in the order of the Databricks samples. Nothing here ever reads a
// plaintext key. Pure.
#pragma once

#include "core/base/string_map.hpp"
#include "proxy/control/endpoint_record.hpp"
#include "proxy/model/identity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

// Entities of the active config that cannot serve: name to reason.
using broken_entities = string_map<std::string>;

// ServingEndpointDetailed, as `who` sees it. `base_url`: that of the gateway (base_url_of), for the URL of a
// route optimized endpoint.
[[nodiscard]] std::string show_endpoint(const endpoint_record& record,
                                        const broken_entities& broken,
                                        const model::principal& who,
                                        std::string_view base_url);

// ServingEndpoint, the element of the list.
[[nodiscard]] std::string summarize_endpoint(const endpoint_record& record, const broken_entities& broken);

// A config of the history: {"served_entities":[…],"traffic_config":{…}}
[[nodiscard]] std::string show_config(const endpoint_config& config);

// AiGatewayConfig; {} when nothing is set.
[[nodiscard]] std::string show_ai_gateway(const endpoint_record& record);
// {"name","email_notifications"}, the latter when set.
[[nodiscard]] std::string show_notifications(const endpoint_record& record);
// {"rate_limits":[…]} and {"tags":[…]}
[[nodiscard]] std::string show_limits(const std::vector<model::rate_limit>& limits);
[[nodiscard]] std::string show_tags(const std::vector<tag>& tags);

} // namespace sluice::control
