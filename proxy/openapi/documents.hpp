// OpenAPI 3.1 documents: of the whole server, and of one endpoint's queries. What they say is data, in
// proxy/openapi/document; here its parts are merged, and what differs from server to server is filled in.
// Pure.
#pragma once

#include "providers/unified.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::openapi {

// `base_url`: how the client reaches this server ("https://host:port").
[[nodiscard]] std::string server_document(std::string_view base_url);

// An endpoint as far as its document shows it. Names are those of the API: they need no escape in a path.
struct described_endpoint {
    std::string name;
    int config_version = 0; // 0: nothing serves yet
    providers::task task = providers::task::chat;
    std::vector<std::string> entities; // empty: the document has no paths
};
[[nodiscard]] std::string endpoint_document(const described_endpoint& endpoint, std::string_view base_url);

} // namespace sluice::openapi
