// Every rule about the body of a create or config call, seen as HTTP status and error_code.
#include "tests/unit/proxy/control/validation_support.hpp"

namespace sluice::control::endpoint_validation_test {
namespace {

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
        {"external model and environment variables",
         with_config(R"({"served_entities":[{"environment_vars":{"A":"b"},)" + good.substr(1) + "]}")},
        {"external model and an instance profile",
         with_config(R"({"served_entities":[{"instance_profile_arn":"arn:x",)" + good.substr(1) + "]}")},
        {"external model and a throughput",
         with_config(R"({"served_entities":[{"min_provisioned_throughput":"5",)" + good.substr(1) + "]}")},
        {"external model and burst scaling",
         with_config(R"({"served_entities":[{"burst_scaling_enabled":true,)" + good.substr(1) + "]}")},
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
} // namespace sluice::control::endpoint_validation_test
