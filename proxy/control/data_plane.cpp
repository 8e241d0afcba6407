#include "proxy/control/data_plane.hpp"

#include "core/json/writer.hpp"

namespace sluice::control {

std::string authorization_details_for(std::string_view endpoint_id) {
    std::string out = "[";
    json::object_writer detail(out);
    detail.text("type", "workspace_permission");
    detail.text("object_type", "serving-endpoints");
    detail.text("object_path", "/serving-endpoints/" + std::string(endpoint_id));
    detail.raw("actions", R"(["query_inference_endpoint"])");
    detail.close();
    return out + ']';
}

std::string base_url_of(const model::management_request& request) {
    return (request.https ? "https://" : "http://") + request.host;
}

} // namespace sluice::control
