// Bodies of create calls that are wrong in one place, and what they are answered.
#pragma once

#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

struct rejected {
    std::string what;
    std::string body;
    int status = 400;
    std::string code = "INVALID_PARAMETER_VALUE";
};

inline const std::string good = entity("one");

inline std::string routes_of(std::string_view routes) {
    return R"(,"traffic_config":{"routes":[)" + std::string(routes) + "]}";
}

inline std::string route(std::string_view name, std::string_view percentage) {
    return R"({"served_model_name":")" + std::string(name) + R"(","traffic_percentage":)" +
           std::string(percentage) + "}";
}

inline std::string with_config(std::string_view config) {
    return R"({"name":"x","config":)" + std::string(config) + "}";
}

inline std::string external(std::string_view members) {
    return with_config(R"({"served_entities":[{"name":"one","external_model":{)" + std::string(members) +
                       "}}]}");
}

inline std::string with_limits(std::string_view limits) {
    return endpoint_body("x", good, R"(,"rate_limits":)" + std::string(limits));
}

inline std::string with_gateway(std::string_view gateway) {
    return endpoint_body("x", good, R"(,"ai_gateway":)" + std::string(gateway));
}

class endpoint_validation : public plane_test {
protected:
    void SetUp() override { open_with_secret(); }

    void expect_rejected(const std::vector<rejected>& cases) {
        for (const rejected& each : cases) {
            const auto answer = create(each.body);
            EXPECT_EQ(answer.status, each.status) << each.what << ": " << answer.body;
            EXPECT_EQ(at(answer.body, "/error_code"), each.code) << each.what << ": " << answer.body;
            EXPECT_EQ(get("x").status, 404) << each.what << " left an endpoint behind";
        }
    }
};

} // namespace sluice::control
