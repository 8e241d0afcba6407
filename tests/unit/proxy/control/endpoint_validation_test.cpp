// Every rule about the body of a create or config call, seen as HTTP status and error_code.
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::control {
namespace {

struct rejected {
    std::string what;
    std::string body;
    int status = 400;
    std::string code = "INVALID_PARAMETER_VALUE";
};

const std::string good = entity("one");

std::string routes_of(std::string_view routes) {
    return R"(,"traffic_config":{"routes":[)" + std::string(routes) + "]}";
}

std::string route(std::string_view name, std::string_view percentage) {
    return R"({"served_model_name":")" + std::string(name) + R"(","traffic_percentage":)" +
           std::string(percentage) + "}";
}

std::string with_config(std::string_view config) {
    return R"({"name":"x","config":)" + std::string(config) + "}";
}

std::string external(std::string_view members) {
    return with_config(R"({"served_entities":[{"name":"one","external_model":{)" + std::string(members) +
                       "}}]}");
}

std::string with_limits(std::string_view limits) {
    return endpoint_body("x", good, R"(,"rate_limits":)" + std::string(limits));
}

std::string with_gateway(std::string_view gateway) {
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

TEST_F(endpoint_validation, malformed_bodies_are_bad_requests) {
    const std::string code = "BAD_REQUEST";
    expect_rejected({
        {"not JSON", "{", 400, code},
        {"trailing text", R"({"name":"x"} x)", 400, code},
        {"a list", "[]", 400, code},
        {"null", "null", 400, code},
        {"a repeated key", R"({"name":"x","name":"x"})", 400, code},
        {"a repeated key below", endpoint_body("x", R"({"name":"a","name":"b"})"), 400, code},
    });
}

TEST_F(endpoint_validation, names_are_checked) {
    expect_rejected({
        {"empty body", ""},
        {"no name", "{}"},
        {"null name", R"({"name":null})"},
        {"empty name", R"({"name":""})"},
        {"name of 64", R"({"name":")" + std::string(64, 'a') + R"("})"},
        {"name with a dot", R"({"name":"a.b"})"},
        {"name with a blank", R"({"name":"a b"})"},
        {"name with an umlaut", R"({"name":"ä"})"},
        {"name as number", R"({"name":5})"},
        {"reserved prefix", R"({"name":"databricks-x"})"},
        {"entity name with a dot", endpoint_body("x", entity("gpt-4.1"))},
        {"entity name with a slash", endpoint_body("x", entity("a/b"))},
    });
    EXPECT_EQ(create(R"({"name":")" + std::string(63, 'a') + R"("})").status, 200);
}

TEST_F(endpoint_validation, entities_are_checked) {
    std::string sixteen;
    for (int i = 0; i < 16; ++i)
        sixteen += (i == 0 ? "" : ",") + entity("e" + std::to_string(i));
    expect_rejected({
        {"config is a text", with_config(R"("x")")},
        {"no entities", with_config("{}")},
        {"empty entities", with_config(R"({"served_entities":[]})")},
        {"an entity is a text", with_config(R"({"served_entities":["x"]})")},
        {"an entity is null", with_config(R"({"served_entities":[null]})")},
        {"an empty entity", with_config(R"({"served_entities":[{}]})")},
        {"sixteen", endpoint_body("x", sixteen)},
        {"both lists",
         with_config(R"({"served_entities":[)" + good + R"(],"served_models":[)" + good + "]}")},
        {"equal names", endpoint_body("x", good + "," + good), 400, "BAD_REQUEST"},
        {"two entities, no traffic", endpoint_body("x", good + "," + entity("two"))},
        {"two tasks",
         with_config(
             config_of(good + "," + entity("two", R"({"openai_api_key_plaintext":"k"})", "llm/v1/embeddings"),
                       routes_of(route("one", "50") + "," + route("two", "50"))))},
        {"mixed with a registered model",
         with_config(config_of(good + R"(,{"name":"two","entity_name":"m","entity_version":"1"})",
                               routes_of(route("one", "50") + "," + route("two", "50"))))},
        {"external model and entity_name",
         with_config(R"({"served_entities":[{"entity_name":"m",)" + good.substr(1) + "]}")},
        {"external model and workload_size",
         with_config(R"({"served_entities":[{"workload_size":"Small",)" + good.substr(1) + "]}")},
        {"external model that scales to zero",
         with_config(R"({"served_entities":[{"scale_to_zero_enabled":true,)" + good.substr(1) + "]}")},
        {"equal versions of a registered model",
         with_config(R"({"served_entities":[{"name":"a","entity_name":"m","entity_version":"1"},)"
                     R"({"name":"b","entity_name":"m","entity_version":"1"}])" +
                     routes_of(route("a", "50") + "," + route("b", "50")) + "}"),
         400,
         "BAD_REQUEST"},
    });
}

TEST_F(endpoint_validation, traffic_must_total_100_over_known_entities) {
    const std::string two = good + "," + entity("two");
    const auto traffic = [&two](const std::string& routes) {
        return with_config(config_of(two, routes_of(routes)));
    };
    expect_rejected({
        {"99", traffic(route("one", "50") + "," + route("two", "49"))},
        {"101", traffic(route("one", "50") + "," + route("two", "51"))},
        {"negative", traffic(route("one", "-1") + "," + route("two", "101"))},
        {"above 100", traffic(route("one", "200") + "," + route("two", "-100"))},
        {"a fraction", traffic(route("one", "99.5") + "," + route("two", "0.5"))},
        {"a text", traffic(route("one", R"("half")") + "," + route("two", "50"))},
        {"huge", traffic(route("one", "4294967396") + "," + route("two", "0"))},
        {"unknown entity", traffic(route("one", "50") + "," + route("three", "50"))},
        {"twice the same", traffic(route("one", "50") + "," + route("one", "50"))},
        {"no name", traffic(R"({"traffic_percentage":100})")},
        {"no percentage", traffic(R"({"served_model_name":"one"})")},
        {"names differ",
         traffic(R"({"served_model_name":"one","served_entity_name":"two","traffic_percentage":100})")},
        {"99 for one entity", with_config(config_of(good, routes_of(route("one", "99"))))},
    });
}

TEST_F(endpoint_validation, external_models_are_checked) {
    const std::string key = R"("openai_config":{"openai_api_key":"{{secrets/my_scope/my_openai_api_key}}"})";
    expect_rejected({
        {"no provider", external(R"("name":"m","task":"llm/v1/chat",)" + key)},
        {"unknown provider", external(R"("provider":"closedai","name":"m","task":"llm/v1/chat",)" + key)},
        {"provider in capitals", external(R"("provider":"OpenAI","name":"m","task":"llm/v1/chat",)" + key)},
        {"no model name", external(R"("provider":"openai","task":"llm/v1/chat",)" + key)},
        {"empty model name", external(R"("provider":"openai","name":"","task":"llm/v1/chat",)" + key)},
        {"line end in a model name",
         external(R"("provider":"openai","name":"a\r\nb","task":"llm/v1/chat",)" + key)},
        {"no task", external(R"("provider":"openai","name":"m",)" + key)},
        {"unknown task", external(R"("provider":"openai","name":"m","task":"chat",)" + key)},
        {"no block", external(R"("provider":"openai","name":"m","task":"llm/v1/chat")")},
        {"another block",
         external(R"("provider":"openai","name":"m","task":"llm/v1/chat","cohere_config":{})")},
        {"two blocks",
         external(R"("provider":"openai","name":"m","task":"llm/v1/chat","cohere_config":{},)" + key)},
        {"block is a text",
         external(R"("provider":"openai","name":"m","task":"llm/v1/chat","openai_config":"x")")},
        {"anthropic with openai's block",
         external(R"("provider":"anthropic","name":"m","task":"llm/v1/chat",)" + key)},
    });
    const auto answer = create(external(R"("provider":"closedai","name":"m","task":"llm/v1/chat",)" + key));
    EXPECT_NE(at(answer.body, "/message").find("anthropic"), std::string::npos)
        << "the known ones are listed";
}

TEST_F(endpoint_validation, keys_are_references_or_plaintext_but_not_both) {
    const auto block = [](std::string_view config) { return endpoint_body("x", entity("one", config)); };
    expect_rejected({
        {"neither", block("{}")},
        {"both",
         block(
             R"({"openai_api_key":"{{secrets/my_scope/my_openai_api_key}}","openai_api_key_plaintext":"k"})")},
        {"a bare key", block(R"({"openai_api_key":"sk-bare-key"})")},
        {"an empty key", block(R"({"openai_api_key":""})")},
        {"an empty plaintext key", block(R"({"openai_api_key_plaintext":""})")},
        {"a key as number", block(R"({"openai_api_key_plaintext":5})")},
        {"line end in a plaintext key", block(R"({"openai_api_key_plaintext":"a\r\nX: y"})")},
        {"unknown scope", block(R"({"openai_api_key":"{{secrets/nowhere/my_openai_api_key}}"})")},
        {"unknown key", block(R"({"openai_api_key":"{{secrets/my_scope/nothing}}"})")},
        {"reference inside a text", block(R"({"openai_api_key":"x{{secrets/my_scope/my_openai_api_key}}"})")},
        {"reference with three parts", block(R"({"openai_api_key":"{{secrets/my_scope/a/b}}"})")},
        {"reference with inner blanks", block(R"({"openai_api_key":"{{secrets/my scope/a}}"})")},
        {"reference without key", block(R"({"openai_api_key":"{{secrets/my_scope/}}"})")},
        {"line end in a plain field",
         block(R"({"openai_api_key_plaintext":"k","openai_organization":"a\nb"})")},
        {"unknown type", block(R"({"openai_api_key_plaintext":"k","openai_api_type":"other"})")},
        {"azure without its fields", block(R"({"openai_api_key_plaintext":"k","openai_api_type":"azure"})")},
    });
    EXPECT_EQ(create(endpoint_body(
                         "blanks",
                         entity("one", R"({"openai_api_key":"{{ secrets/MY_SCOPE/my_openai_api_key }}"})")))
                  .status,
              200);
}

TEST_F(endpoint_validation, messages_name_the_scope_and_key_but_never_repeat_a_key) {
    const auto unknown =
        create(endpoint_body("x", entity("one", R"({"openai_api_key":"{{secrets/my_scope/nothing}}"})")));
    EXPECT_NE(unknown.body.find("my_scope"), std::string::npos);
    EXPECT_NE(unknown.body.find("nothing"), std::string::npos);
    for (const std::string_view config :
         {R"({"openai_api_key":"sk-do-not-show"})",
          R"({"openai_api_key_plaintext":"sk-do-not-show\r\n"})",
          R"({"openai_api_key":"sk-do-not-show","openai_api_key_plaintext":"sk-do-not-show"})"}) {
        const auto answer = create(endpoint_body("x", entity("one", config)));
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.body.find("sk-do-not-show"), std::string::npos) << answer.body;
    }
}

TEST_F(endpoint_validation, upstreams_must_be_https_and_public) {
    const auto base = [](std::string_view url) {
        return endpoint_body(
            "x",
            entity("one",
                   R"({"openai_api_key_plaintext":"k","openai_api_base":")" + std::string(url) + R"("})"));
    };
    std::vector<rejected> cases;
    for (const std::string_view url : {"http://api.openai.com/v1",
                                       "http://127.0.0.1:8000/v1",
                                       "http://localhost/v1",
                                       "https://127.0.0.1/v1",
                                       "https://localhost/v1",
                                       "https://LocalHost./v1",
                                       "https://a.localhost/v1",
                                       "https://10.1.2.3/v1",
                                       "https://169.254.169.254/v1",
                                       "https://[::1]/v1",
                                       "https://[::ffff:10.0.0.1]/v1",
                                       "https://[fe80::1]/v1",
                                       "https://0.0.0.0/v1",
                                       "https://127.1/v1",
                                       "https://2130706433/v1",
                                       "https://0x7f000001/v1",
                                       "https://127.0.0.1./v1",
                                       "ftp://example.com",
                                       "https://user@example.com/",
                                       "https://example.com/#f",
                                       "example.com",
                                       "https://"}) {
        cases.push_back({std::string(url), base(url)});
    }
    expect_rejected(cases);
    EXPECT_EQ(
        create(
            endpoint_body(
                "ok",
                entity("one",
                       R"({"openai_api_key_plaintext":"k","openai_api_base":"https://llm.example.com/v1"})")))
            .status,
        200);
}

TEST_F(endpoint_validation, rate_limits_are_checked) {
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
        {"a group",
         with_gateway(
             R"({"rate_limits":[{"calls":1,"key":"user_group","principal":"g","renewal_period":"minute"}]})"),
         501,
         "NOT_IMPLEMENTED"},
        {"a principal",
         with_gateway(
             R"({"rate_limits":[{"calls":1,"key":"user","principal":"p","renewal_period":"minute"}]})"),
         501,
         "NOT_IMPLEMENTED"},
    });
}

TEST_F(endpoint_validation, what_later_versions_bring_is_refused_when_it_is_switched_on) {
    const std::string code = "NOT_IMPLEMENTED";
    expect_rejected({
        {"usage tracking", with_gateway(R"({"usage_tracking_config":{"enabled":true}})"), 501, code},
        {"inference table",
         with_gateway(R"({"inference_table_config":{"catalog_name":"c","schema_name":"s","enabled":true}})"),
         501,
         code},
        {"fallback", with_gateway(R"({"fallback_config":{"enabled":"true"}})"), 501, code},
        {"safety", with_gateway(R"({"guardrails":{"input":{"safety":true}}})"), 501, code},
        {"pii", with_gateway(R"({"guardrails":{"output":{"pii":{"behavior":"MASK"}}}})"), 501, code},
        {"keywords", with_gateway(R"({"guardrails":{"input":{"invalid_keywords":["x"]}}})"), 501, code},
        {"unknown pii behavior", with_gateway(R"({"guardrails":{"output":{"pii":{"behavior":"HIDE"}}}})")},
        {"route optimized", endpoint_body("x", good, R"(,"route_optimized":true)"), 501, code},
        {"route optimized inside config",
         with_config(config_of(good, R"(,"route_optimized":true)")),
         501,
         code},
        {"telemetry", endpoint_body("x", good, R"(,"telemetry_config":{})"), 501, code},
        {"auto capture",
         with_config(config_of(good, R"(,"auto_capture_config":{"catalog_name":"c"})")),
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
        {"a provider that is not built",
         external(
             R"("provider":"anthropic","name":"m","task":"llm/v1/chat","anthropic_config":{"anthropic_api_key":"{{secrets/a/b}}"})"),
         501,
         code},
        {"a mistake beside it counts first",
         with_config(R"({"served_entities":[{"entity_name":"m"}],"traffic_config":{"routes":[)" +
                     route("m-", "99") + "]}}")},
    });
}

TEST_F(endpoint_validation, switched_off_parts_are_accepted_and_not_shown) {
    const auto answer = create(with_gateway(
        R"({"usage_tracking_config":{"enabled":false},"fallback_config":{"enabled":"false"},"inference_table_config":{},)"
        R"("guardrails":{"input":{"safety":false,"pii":{"behavior":"NONE"},"invalid_keywords":[]},"output":null}})"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(at(answer.body, "/ai_gateway"), "(none)");
}

TEST_F(endpoint_validation, other_members_are_checked) {
    expect_rejected({
        {"long description", R"({"name":"x","description":")" + std::string(1001, 'd') + R"("})"},
        {"tag without key", R"({"name":"x","tags":[{"value":"v"}]})"},
        {"tag with an empty key", R"({"name":"x","tags":[{"key":""}]})"},
        {"tags is an object", R"({"name":"x","tags":{"a":"b"}})"},
        {"notifications", R"({"name":"x","email_notifications":{"on_update_success":"a@b"}})"},
        {"route_optimized is a number", R"({"name":"x","route_optimized":1})"},
    });
    std::string wide;
    for (int i = 0; i < 1000; ++i)
        wide += "가";
    EXPECT_EQ(create(R"({"name":"wide","description":")" + wide + R"("})").status, 200)
        << "characters count, not bytes";
}

TEST_F(endpoint_validation, requests_are_read_leniently) {
    const auto answer = create(
        R"({"name":"x","unknown":{"a":[1]},"tags":null,"route_optimized":"false","config":{"name":"other","task":"x","served_models":null,)"
        R"("served_entities":[{"scale_to_zero_enabled":"false","unknown":1,)" +
        good.substr(1) +
        R"(],"traffic_config":{"routes":[{"served_entity_name":"one","traffic_percentage":"100"}]}},)"
        R"("rate_limits":[{"calls":"7","key":null,"renewal_period":"minute"}]})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(at(answer.body, "/name"), "x");
    EXPECT_EQ(at(answer.body, "/config/traffic_config/routes/0/traffic_percentage"), "100");
    EXPECT_EQ(at(answer.body, "/ai_gateway/rate_limits"),
              R"([{"calls":7,"key":"endpoint","renewal_period":"minute"}])");
}

TEST_F(endpoint_validation, tags_and_limits_inside_config_count_when_there_are_none_outside) {
    const std::string inside =
        R"(,"tags":[{"key":"in","value":"1"}],"rate_limits":[{"calls":3,"renewal_period":"minute"}])";
    const auto taken = create(with_config(config_of(good, inside)));
    EXPECT_EQ(at(taken.body, "/tags/0/key"), "in") << taken.body;
    EXPECT_EQ(at(taken.body, "/ai_gateway/rate_limits/0/calls"), "3");
    const auto outside =
        create(R"({"name":"y","tags":[],"rate_limits":[],"config":)" + config_of(good, inside) + "}");
    EXPECT_EQ(at(outside.body, "/tags"), "[]");
    EXPECT_EQ(at(outside.body, "/ai_gateway"), "(none)");
}

} // namespace
} // namespace sluice::control
