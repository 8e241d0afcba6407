#include "proxy/control/data_plane.hpp"

#include <gtest/gtest.h>

namespace sluice::control::data_plane_test {
namespace {

TEST(data_plane, the_details_name_the_endpoint_by_its_id) {
    EXPECT_EQ(authorization_details_for("0123456789abcdef0123456789abcdef"),
              R"([{"type":"workspace_permission","object_type":"serving-endpoints",)"
              R"("object_path":"/serving-endpoints/0123456789abcdef0123456789abcdef",)"
              R"("actions":["query_inference_endpoint"]}])");
}

TEST(data_plane, the_url_is_what_the_client_dialled) {
    model::management_request request;
    request.host = "gateway.example:8080";
    EXPECT_EQ(base_url_of(request), "http://gateway.example:8080");
    request.https = true;
    EXPECT_EQ(base_url_of(request), "https://gateway.example:8080");
}

} // namespace
} // namespace sluice::control::data_plane_test
