// The rules about what an endpoint has beside external models and their traffic: limits, ai_gateway, what
// this version lacks.
#include "tests/unit/proxy/control/validation_support.hpp"

namespace sluice::control::endpoint_gateway_validation_test {
namespace {

class gateway_validation : public endpoint_validation {};

TEST_F(gateway_validation, rate_limits_are_checked) {
    std::string many;
    for (int i = 0; i < 21; ++i)
        many += (i == 0 ? "" : ",") + std::string(R"({"calls":1,"renewal_period":"minute"})");
    expect_rejected({
        {"not a list", with_limits("5")},
        {"no calls", with_limits(R"([{"renewal_period":"minute"}])")},
        {"negative", with_limits(R"([{"calls":-1,"renewal_period":"minute"}])")},
        {"a fraction", with_limits(R"([{"calls":1.5,"renewal_period":"minute"}])")},
        {"no period", with_limits(R"([{"calls":1}])")},
        {"an hour", with_limits(R"([{"calls":1,"renewal_period":"hour"}])")},
        {"unknown key", with_limits(R"([{"calls":1,"renewal_period":"minute","key":"planet"}])")},
        {"same key twice",
         with_limits(
             R"([{"calls":1,"renewal_period":"minute"},{"calls":2,"renewal_period":"minute","key":"endpoint"}])")},
        {"21 of them", with_limits("[" + many + "]")},
        {"in both places", endpoint_body("x", good, R"(,"rate_limits":[],"ai_gateway":{"rate_limits":[]})")},
        {"gateway limit without calls", with_gateway(R"({"rate_limits":[{"renewal_period":"minute"}]})")},
        {"tokens",
         with_gateway(R"({"rate_limits":[{"tokens":5,"renewal_period":"minute"}]})"),
         501,
         "NOT_IMPLEMENTED"},
        {"calls and tokens",
         with_gateway(R"({"rate_limits":[{"calls":1,"tokens":5,"renewal_period":"minute"}]})"),
         501,
         "NOT_IMPLEMENTED"},
        {"tokens in the deprecated form",
         with_limits(R"([{"calls":1,"tokens":5,"renewal_period":"minute"}])"),
         501,
         "NOT_IMPLEMENTED"},
        {"a text for tokens", with_gateway(R"({"rate_limits":[{"tokens":"x","renewal_period":"minute"}]})")},
        {"negative tokens", with_gateway(R"({"rate_limits":[{"tokens":-1,"renewal_period":"minute"}]})")},
    });
}

TEST_F(gateway_validation, what_later_versions_bring_is_refused_when_it_is_switched_on) {
    const std::string code = "NOT_IMPLEMENTED";
    expect_rejected({
        {"inference table",
         with_gateway(R"({"inference_table_config":{"catalog_name":"c","schema_name":"s","enabled":true}})"),
         501,
         code},
        {"fallback", with_gateway(R"({"fallback_config":{"enabled":"true"}})"), 501, code},
        {"safety", with_gateway(R"({"guardrails":{"input":{"safety":true}}})"), 501, code},
        {"pii", with_gateway(R"({"guardrails":{"output":{"pii":{"behavior":"MASK"}}}})"), 501, code},
        {"keywords", with_gateway(R"({"guardrails":{"input":{"invalid_keywords":["x"]}}})"), 501, code},
        {"unknown pii behavior", with_gateway(R"({"guardrails":{"output":{"pii":{"behavior":"HIDE"}}}})")},
        {"auto capture",
         with_config(config_of(good, R"(,"auto_capture_config":{"catalog_name":"c","schema_name":"s"})")),
         501,
         code},
        {"a registered model",
         with_config(R"({"served_entities":[{"entity_name":"m","entity_version":"1"}]})"),
         501,
         code},
        {"a registered model in the old form",
         with_config(
             R"({"served_models":[{"model_name":"m","model_version":"1","scale_to_zero_enabled":true}]})"),
         501,
         code},
        {"a mistake beside it counts first",
         with_config(R"({"served_entities":[{"entity_name":"m"}],"traffic_config":{"routes":[)" +
                     route("m-", "99") + "]}}")},
    });
}

TEST_F(gateway_validation, what_is_switched_on_must_be_whole_before_it_is_told_to_be_missing) {
    expect_rejected({
        {"inference table without a schema",
         with_gateway(R"({"inference_table_config":{"enabled":true,"catalog_name":"c"}})")},
        {"auto capture without a catalog",
         with_config(config_of(good, R"(,"auto_capture_config":{"enabled":true,"schema_name":"s"})"))},
        {"fallback without enabled", with_gateway(R"({"fallback_config":{}})")},
        {"fallback as text", with_gateway(R"({"fallback_config":"yes"})")},
        {"usage tracking as number", with_gateway(R"({"usage_tracking_config":{"enabled":1}})")},
        {"guardrails as list", with_gateway(R"({"guardrails":[]})")},
        {"keywords as text", with_gateway(R"({"guardrails":{"input":{"invalid_keywords":"x"}}})")},
    });
}

TEST_F(gateway_validation, the_keys_of_limits_and_their_principals_go_together) {
    const auto limit = [](std::string_view members) {
        return with_gateway(R"({"rate_limits":[{"calls":1,"renewal_period":"minute",)" +
                            std::string(members) + "}]}");
    };
    std::string groups;
    for (int i = 0; i < 6; ++i) {
        groups += i == 0 ? "" : ",";
        groups += R"({"calls":1,"renewal_period":"minute","key":"user_group","principal":"g)" +
                  std::to_string(i) + R"("})";
    }
    expect_rejected({
        {"endpoint with a principal", limit(R"("key":"endpoint","principal":"admin")")},
        {"no key with a principal", limit(R"("principal":"admin")")},
        {"group without one", limit(R"("key":"user_group")")},
        {"group with an empty one", limit(R"("key":"user_group","principal":"")")},
        {"service principal without one", limit(R"("key":"service_principal")")},
        {"user with an empty one", limit(R"("key":"user","principal":"")")},
        {"principal as number", limit(R"("key":"user","principal":5)")},
        {"capitals", limit(R"("key":"USER")")},
        {"an unknown user", limit(R"("key":"user","principal":"nobody@example.com")")},
        {"an unknown group", limit(R"("key":"user_group","principal":"nobodies")")},
        {"an unknown service principal", limit(R"("key":"service_principal","principal":"no-such-app")")},
        {"a user as service principal", limit(R"("key":"service_principal","principal":"admin")")},
        {"six groups", with_gateway(R"({"rate_limits":[)" + groups + "]}")},
        {"the same user twice",
         with_gateway(
             R"({"rate_limits":[{"calls":1,"renewal_period":"minute","key":"user","principal":"admin"},)"
             R"({"calls":2,"renewal_period":"minute","key":"user","principal":"admin"}]})")},
        {"the same user in capitals",
         with_gateway(
             R"({"rate_limits":[{"calls":1,"renewal_period":"minute","key":"user","principal":"admin"},)"
             R"({"calls":2,"renewal_period":"minute","key":"user","principal":"ADMIN"}]})")},
    });
}

TEST_F(gateway_validation, telemetry_is_not_for_external_models_nor_for_endpoints_without_a_config) {
    expect_rejected({
        {"external", endpoint_body("x", good, R"(,"telemetry_config":{"telemetry_profile_id":"p"})")},
        {"no config", R"({"name":"x","telemetry_config":{"telemetry_profile_id":"p"}})"},
        {"unknown feature",
         R"({"name":"x","telemetry_config":{"enabled_telemetry_features":["TELEMETRY_FEATURE_DREAMS"]}})"},
        {"both places", R"({"name":"x","telemetry_config":{"table_names":{},"telemetry_profile_id":"p"}})"},
        {"a text", R"({"name":"x","telemetry_config":"on"})"},
    });
    EXPECT_EQ(create(R"({"name":"y","telemetry_config":{}})").status, 200) << "nothing is asked for";
}

TEST_F(gateway_validation, registered_models_are_checked_before_they_are_told_to_be_missing) {
    const auto registered = [](std::string_view members) {
        return with_config(R"({"served_entities":[{"entity_name":"m","entity_version":"1",)" +
                           std::string(members) + "}]}");
    };
    const auto old_form = [](std::string_view members) {
        return with_config(R"({"served_models":[{)" + std::string(members) + "}]}");
    };
    std::string variables;
    for (int i = 0; i < 31; ++i)
        variables += (i == 0 ? "\"v" : ",\"v") + std::to_string(i) + R"(":"x")";
    expect_rejected({
        {"variables as list", registered(R"("environment_vars":[])")},
        {"a variable as number", registered(R"("environment_vars":{"A":1})")},
        {"31 variables", registered(R"("environment_vars":{)" + variables + "}")},
        {"profile as number", registered(R"("instance_profile_arn":1)")},
        {"size as number", registered(R"("workload_size":1)")},
        {"unknown type", registered(R"("workload_type":"TPU")")},
        {"size and concurrency", registered(R"("workload_size":"Small","max_provisioned_concurrency":4)")},
        {"negative throughput", registered(R"("min_provisioned_throughput":-1)")},
        {"scale to zero as number", registered(R"("scale_to_zero_enabled":1)")},
        {"old form without version", old_form(R"("model_name":"m","scale_to_zero_enabled":true)")},
        {"old form without scale to zero", old_form(R"("model_name":"m","model_version":"1")")},
        {"good",
         registered(R"("environment_vars":{"A":"{{secrets/a/b}}"},"workload_size":"Small",)"
                    R"("workload_type":"GPU_SMALL","scale_to_zero_enabled":"true")"),
         501,
         "NOT_IMPLEMENTED"},
    });
}

} // namespace
} // namespace sluice::control::endpoint_gateway_validation_test
