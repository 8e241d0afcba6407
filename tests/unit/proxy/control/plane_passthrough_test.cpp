// The config blocks of databricks-model-serving and custom, through the management calls.
#include "tests/unit/proxy/control/validation_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::control::plane_passthrough_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view reference = R"("{{secrets/my_scope/my_openai_api_key}}")";
constexpr std::string_view url = R"("custom_provider_url":"https://llm.example.com/v1/chat/completions")";
constexpr std::string_view workspace = R"("databricks_workspace_url":"https://adb-1.example.net/")";
constexpr std::string_view block_at = "/config/served_entities/0/external_model/custom_provider_config";

std::string model_of(std::string_view provider, std::string_view block_name, std::string_view block) {
    return R"("provider":")" + std::string(provider) + R"(","name":"m","task":"llm/v1/chat",")" +
           std::string(block_name) + "\":{" + std::string(block) + '}';
}

std::string custom(std::string_view block) {
    return external(model_of("custom", "custom_provider_config", std::string(url) + std::string(block)));
}

std::string databricks(std::string_view block) {
    return external(model_of("databricks-model-serving", "databricks_model_serving_config", block));
}

std::string value_of(std::string_view name, std::string_view value) {
    return ",\"" + std::string(name) + "\":" + std::string(value);
}

std::string header_auth(std::string_view key, std::string_view more) {
    return value_of("api_key_auth", R"({"key":")" + std::string(key) + '"' + std::string(more) + "}");
}

const std::string value_reference = value_of("value", reference);

class passthrough_blocks : public endpoint_validation {};

TEST_F(passthrough_blocks, what_is_wrong_is_refused) {
    const std::string bearer = value_of("bearer_token_auth", R"({"token_plaintext":"t"})");
    expect_rejected({
        {"no url", external(model_of("custom", "custom_provider_config", bearer.substr(1)))},
        {"no credential", custom("")},
        {"both kinds", custom(bearer + header_auth("x", value_reference))},
        {"an empty object", custom(value_of("bearer_token_auth", "{}"))},
        {"a text instead of an object", custom(value_of("bearer_token_auth", R"("t")"))},
        {"both forms of a token",
         custom(value_of("bearer_token_auth",
                         R"({"token_plaintext":"t","token":)" + std::string(reference) + "}"))},
        {"a token that is no reference", custom(value_of("bearer_token_auth", R"({"token":"t"})"))},
        {"no key", custom(value_of("api_key_auth", "{" + value_reference.substr(1) + "}"))},
        {"no value", custom(header_auth("x", ""))},
        {"the header host", custom(header_auth("Host", value_reference))},
        {"a header with a line end", custom(header_auth(R"(x\r\ny)", value_reference))},
        {"dotted names", custom(value_of("bearer_token_auth.token", reference))},
        {"a line end in a value", custom(header_auth("x", R"(,"value_plaintext":"a\r\nb")"))},
        {"plain http",
         external(model_of(
             "custom", "custom_provider_config", R"("custom_provider_url":"http://h/v1")" + bearer))},
        {"a private address",
         external(model_of(
             "custom", "custom_provider_config", R"("custom_provider_url":"https://10.0.0.1/")" + bearer))},
        {"no workspace", databricks(value_of("databricks_api_token_plaintext", R"("t")").substr(1))},
        {"no token", databricks(workspace)},
        {"a workspace with a query",
         databricks(R"("databricks_workspace_url":"https://h/?o=1","databricks_api_token_plaintext":"t")")},
        {"an unknown secret",
         databricks(std::string(workspace) +
                    value_of("databricks_api_token", R"("{{secrets/my_scope/other}}")"))},
    });
    const auto both = create(custom(
        value_of("bearer_token_auth", R"({"token_plaintext":"t","token":)" + std::string(reference) + "}")));
    EXPECT_THAT(at(both.body, "/message"), HasSubstr("bearer_token_auth.token' and 'token_plaintext'"));
}

TEST_F(passthrough_blocks, a_nested_reference_is_resolved_shown_and_kept_over_a_restart) {
    ASSERT_EQ(create(custom(header_auth("X-Api-Key", value_reference))).status, 200);
    const std::string wanted =
        R"({"custom_provider_url":"https://llm.example.com/v1/chat/completions",)"
        R"("api_key_auth":{"key":"X-Api-Key","value":"{{secrets/my_scope/my_openai_api_key}}"}})";
    EXPECT_EQ(at(get("x").body, block_at), wanted);
    EXPECT_THAT(published_head("x"), HasSubstr("\r\nX-Api-Key: sk-first-key\r\n"));
    put_secret("my_scope", "my_openai_api_key", "sk-second-key");
    EXPECT_THAT(published_head("x"), HasSubstr("\r\nX-Api-Key: sk-second-key\r\n"));
    restart();
    EXPECT_EQ(at(get("x").body, block_at), wanted);
    EXPECT_THAT(published_head("x"), HasSubstr("\r\nX-Api-Key: sk-second-key\r\n"));
}

TEST_F(passthrough_blocks, plaintext_leaves_no_trace) {
    ASSERT_EQ(create(custom(header_auth("X-Api-Key", R"(,"value_plaintext":"do-not-show-1")"))).status, 200);
    EXPECT_EQ(
        at(get("x").body, block_at),
        R"({"custom_provider_url":"https://llm.example.com/v1/chat/completions","api_key_auth":{"key":"X-Api-Key"}})");
    EXPECT_THAT(published_head("x"), HasSubstr("\r\nX-Api-Key: do-not-show-1\r\n"));
    const auto changed =
        put_config("x",
                   R"({"served_entities":[{"name":"one","external_model":{)" +
                       model_of("custom",
                                "custom_provider_config",
                                std::string(url) +
                                    value_of("bearer_token_auth", R"({"token_plaintext":"do-not-show-2"})")) +
                       "}}]}");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_THAT(changed.body, Not(HasSubstr("do-not-show")));
    EXPECT_EQ(at(get("x").body, block_at),
              R"({"custom_provider_url":"https://llm.example.com/v1/chat/completions"})");
    EXPECT_THAT(published_head("x"), HasSubstr("\r\nAuthorization: Bearer do-not-show-2\r\n"));
}

TEST_F(passthrough_blocks, a_custom_model_without_a_task_does_chat) {
    const std::string body = R"("provider":"custom","name":"m","custom_provider_config":{)" +
                             std::string(url) + value_of("bearer_token_auth", R"({"token_plaintext":"t"})") +
                             '}';
    ASSERT_EQ(create(external(body)).status, 200);
    EXPECT_EQ(at(get("x").body, "/config/served_entities/0/external_model/task"), "llm/v1/chat");
}

TEST_F(passthrough_blocks, a_workspace_is_called_with_its_token) {
    ASSERT_EQ(create(databricks(std::string(workspace) + value_of("databricks_api_token", reference))).status,
              200);
    EXPECT_EQ(at(get("x").body, "/config/served_entities/0/external_model/databricks_model_serving_config"),
              R"({"databricks_workspace_url":"https://adb-1.example.net/",)"
              R"("databricks_api_token":"{{secrets/my_scope/my_openai_api_key}}"})");
    EXPECT_THAT(
        published_head("x"),
        testing::StartsWith("POST /serving-endpoints/m/invocations HTTP/1.1\r\nHost: adb-1.example.net\r\n"
                            "Authorization: Bearer sk-first-key\r\n"));
}

} // namespace
} // namespace sluice::control::plane_passthrough_test
