#include "tests/unit/proxy/control/plane_fixture.hpp"

namespace sluice::control::plane_mlflow_test {
namespace {

class mlflow_calls : public plane_test {
protected:
    mlflow_calls() { open_with_secret(); }
};

TEST_F(mlflow_calls, endpoints_that_serve_something_are_listed_in_the_gateway_servers_shape) {
    create(endpoint_body("chat", entity("one")));
    create(R"({"name":"empty"})");
    const auto listed = call("GET", "/api/2.0/endpoints/");
    EXPECT_EQ(listed.status, 200);
    EXPECT_EQ(listed.body,
              R"({"endpoints":[{"name":"chat","endpoint_type":"llm/v1/chat",)"
              R"("model":{"name":"gpt-4","provider":"openai"},)"
              R"("endpoint_url":"/endpoints/chat/invocations","limit":null}],"next_page_token":null})");
    EXPECT_EQ(call("GET", "/api/2.0/endpoints").body, listed.body);
}

TEST_F(mlflow_calls, one_endpoint_is_the_element_of_the_list) {
    create(endpoint_body("chat", entity("one")));
    const auto got = call("GET", "/api/2.0/endpoints/chat");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(R"({"endpoints":[)" + got.body + R"(],"next_page_token":null})",
              call("GET", "/api/2.0/endpoints/").body);
}

TEST_F(mlflow_calls, errors_have_a_detail_beside_the_apis_own_members) {
    const auto unknown = call("GET", "/api/2.0/endpoints/nothing");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(at(unknown.body, "/detail"), at(unknown.body, "/message"));
    EXPECT_EQ(at(unknown.body, "/error_code"), "RESOURCE_DOES_NOT_EXIST");
    EXPECT_EQ(call("GET", "/api/2.0/endpoints/limits/").status, 501);
    create(R"({"name":"empty"})");
    EXPECT_EQ(call("GET", "/api/2.0/endpoints/empty").status, 404);
}

} // namespace
} // namespace sluice::control::plane_mlflow_test
