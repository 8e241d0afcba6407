#include "core/http/framing.hpp"
#include "tests/unit/providers/openai_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::openai_test {

namespace {

using testing::HasSubstr;
using testing::Not;

const provider& openai() {
    return openai_provider();
}

constexpr std::string_view azure_base = "https://res.openai.azure.com";

struct bad_config {
    resolved_config config;
    errc code;
    std::string_view message;
};

TEST(openai, combinations_of_fields_are_checked) {
    const fields no_secret = {};
    const fields trio = {{"openai_api_type", "azuread"},
                         {"openai_api_base", azure_base},
                         {"openai_api_version", "v"},
                         {"openai_deployment_name", "d"},
                         {"microsoft_entra_client_id", "c"},
                         {"microsoft_entra_tenant_id", "t"}};
    const errc bad = errc::invalid_parameter_value;
    const std::vector<bad_config> table = {
        {config_with({}, no_secret), bad, "'openai_api_key' or"},
        {config_with({{"openai_api_type", "aws"}}), bad, "'openai_api_type' must be"},
        {config_with({{"openai_deployment_name", "d"}}), bad, "'openai_deployment_name' is only for"},
        {config_with({{"openai_api_base", "api.openai.com"}}), bad, "'openai_api_base': "},
        {config_with({{"openai_api_base", "https://h/v1?x=1"}}),
         bad,
         "'openai_api_base' must not have a query"},
        {config_with({{"openai_api_type", "azure"}}), bad, "'openai_api_base' is missing"},
        {config_with({{"openai_api_type", "azure"}, {"openai_api_base", azure_base}}),
         bad,
         "'openai_api_version' is missing"},
        {config_with(
             {{"openai_api_type", "azure"}, {"openai_api_base", azure_base}, {"openai_api_version", "v"}}),
         bad,
         "'openai_deployment_name' is missing"},
        {config_with({{"openai_api_type", "azure"},
                      {"openai_api_base", azure_base},
                      {"openai_api_version", "v"},
                      {"openai_deployment_name", "d"},
                      {"openai_organization", "o"}}),
         bad,
         "'openai_organization' is only for"},
        {config_with({{"openai_api_type", "azure"},
                      {"openai_api_base", azure_base},
                      {"openai_api_version", "v"},
                      {"openai_deployment_name", "d"}},
                     no_secret),
         bad,
         "'openai_api_key' or"},
        {config_with(trio, no_secret), bad, "'microsoft_entra_client_secret' or"},
        {config_with(trio, no_secret), bad, "'openai_api_type' azuread needs it"},
        {config_with(trio), bad, "'openai_api_key' is only for 'openai_api_type' openai or azure."},
    };
    for (const bad_config& each : table) {
        const auto checked = openai().check(each.config);
        ASSERT_FALSE(checked) << each.message;
        EXPECT_EQ(checked.error().code, each.code) << each.message;
        EXPECT_THAT(checked.error().message, HasSubstr(std::string(each.message)));
        const auto resolved = openai().resolve("m", task::chat, each.config, "");
        ASSERT_FALSE(resolved);
        EXPECT_EQ(resolved.error().message, checked.error().message);
    }
    EXPECT_TRUE(openai().check(config_with({}, {{"openai_api_key", ""}})));
    EXPECT_TRUE(openai().check(config_with({{"openai_api_type", "OpenAI"}, {"openai_organization", "o"}})));
}

TEST(openai, the_head_is_ready_to_be_sent) {
    const auto to =
        openai().resolve("gpt-4o", task::chat, config_with({{"openai_organization", "org-1"}}), "");
    ASSERT_TRUE(to);
    EXPECT_EQ(to->head.reveal(),
              "POST /v1/chat/completions HTTP/1.1\r\n"
              "Host: api.openai.com\r\n"
              "Authorization: Bearer sk-unit-0123456789\r\n"
              "OpenAI-Organization: org-1\r\n"
              "Content-Type: application/json\r\n"
              "Accept: application/json, text/event-stream\r\n"
              "Accept-Encoding: identity\r\n"
              "User-Agent: sluice/" SLUICE_VERSION "\r\n");
    EXPECT_EQ(to->to, (origin{true, "api.openai.com", 443}));
    EXPECT_EQ(to->via, &openai());
    EXPECT_EQ(to->provider_name, "openai");
    EXPECT_EQ(to->model_json, "\"gpt-4o\"");
    ASSERT_EQ(to->keys.size(), 1U);
    EXPECT_EQ(to->keys[0], secret_string("sk-unit-0123456789"));
}

std::string head_start(const result<target>& to) {
    const std::string_view head = to.value().head.reveal();
    return std::string(head.substr(0, head.find("\r\n", head.find("Host:"))));
}

TEST(openai, the_base_comes_from_the_entity_then_from_the_operator_then_from_openai) {
    const auto own = config_with({{"openai_api_base", "http://[::1]:8080/my/v1///"}});
    EXPECT_EQ(head_start(openai().resolve("m", task::embeddings, own, "https://other")),
              "POST /my/v1/embeddings HTTP/1.1\r\nHost: [::1]:8080");
    EXPECT_EQ(
        head_start(openai().resolve("m", task::completions, config_with({}), "https://sim.test:8443/v1")),
        "POST /v1/completions HTTP/1.1\r\nHost: sim.test:8443");
    EXPECT_EQ(head_start(openai().resolve("m", task::chat, config_with({}), "http://h:443")),
              "POST /chat/completions HTTP/1.1\r\nHost: h:443");
}

TEST(openai, azure_puts_the_deployment_into_the_path_and_the_key_into_its_own_field) {
    const auto config = config_with({{"openai_api_type", "AZURE"},
                                     {"openai_api_base", "https://res.openai.azure.com/"},
                                     {"openai_api_version", "2024-10-21&x"},
                                     {"openai_deployment_name", "my dep/1"}});
    const auto to = openai().resolve("gpt-4o", task::chat, config, "https://ignored");
    ASSERT_TRUE(to);
    EXPECT_EQ(head_start(to),
              "POST /openai/deployments/my%20dep%2F1/chat/completions?api-version=2024-10-21%26x HTTP/1.1\r\n"
              "Host: res.openai.azure.com");
    EXPECT_THAT(std::string(to->head.reveal()), HasSubstr("\r\napi-key: sk-unit-0123456789\r\n"));
    EXPECT_THAT(std::string(to->head.reveal()), Not(HasSubstr("Bearer")));
    EXPECT_TRUE(to->is_azure);
    EXPECT_FALSE(to->sends_model);
}

TEST(openai, a_key_that_would_break_the_head_is_refused_and_not_shown) {
    for (const std::string_view key : {"sk-secret\r\nX: y",
                                       "sk-secret\n",
                                       "sk secret",
                                       "sk-s\xc3\xa9"
                                       "cret",
                                       "sk-secret\x7f",
                                       ""}) {
        const auto to = openai().resolve("m", task::chat, config_with({}, {{"openai_api_key", key}}), "");
        ASSERT_FALSE(to);
        EXPECT_EQ(to.error().code, errc::invalid_parameter_value);
        EXPECT_THAT(to.error().message, HasSubstr("'openai_api_key' must be visible"));
        EXPECT_THAT(to.error().message, Not(HasSubstr("secret")));
    }
    const auto to =
        openai().resolve("m", task::chat, config_with({{"openai_organization", "o\r\nX: y"}}), "");
    ASSERT_FALSE(to);
    EXPECT_THAT(to.error().message, HasSubstr("'openai_organization'"));
}

TEST(openai, an_operators_base_that_is_no_url_is_an_error) {
    EXPECT_FALSE(openai().resolve("m", task::chat, config_with({}), "ftp://x"));
}

TEST(openai, it_does_all_tasks_and_names_its_secrets) {
    for (const task kind : {task::chat, task::completions, task::embeddings})
        EXPECT_TRUE(openai().does(kind));
    std::vector<std::string_view> secrets;
    for (const config_field& each : openai().fields()) {
        if (each.secret) secrets.push_back(each.name);
    }
    EXPECT_THAT(secrets, testing::ElementsAre("openai_api_key", "microsoft_entra_client_secret"));
    EXPECT_EQ(openai().fields().size(), 10U);
}

result<answer> read(std::string_view body, const target& to = openai_target()) {
    const padded bytes(body);
    return to.via->read_answer({}, to, bytes.view());
}

// What an answer with these members besides its choice used.
usage used_by(std::string_view members) {
    const auto got = read(std::string(R"({"choices":[{"message":{}}])").append(members).append("}"));
    EXPECT_TRUE(got) << members;
    return got ? got->used : usage();
}

TEST(openai_answer, usage_is_read_and_the_bytes_stay) {
    const auto got = read(
        R"({"choices":[{"message":{}}],"a":[1,{"usage":7}],"usage":{"prompt_tokens":5,"completion_tokens":2.0,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":3,"x":null},"completion_tokens_details":{"reasoning_tokens":1}},"z":null} )");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->rewritten, std::nullopt);
    EXPECT_EQ(got->used, (usage{true, 5, 2, 7, 3, 1}));
}

TEST(openai_answer, odd_usage_does_no_harm) {
    for (const std::string_view members : {R"(,"usage":null)",
                                           R"(,"usage":{})",
                                           R"(,"usage":[1])",
                                           "",
                                           R"(,"usage":{"prompt_tokens":null,"total_tokens":"7"})",
                                           R"(,"usage":{"prompt_tokens":-3,"completion_tokens":1.5})",
                                           R"(,"usage":{"prompt_tokens":1e30,"total_tokens":1e300})",
                                           R"(,"usage":{"prompt_tokens":9223372036854775807})"}) {
        EXPECT_EQ(used_by(members), usage{}) << members;
    }
    EXPECT_EQ(
        used_by(R"(,"usage":{"prompt_tokens":3,"completion_tokens":1.2e1,"prompt_tokens_details":null})"),
        (usage{true, 3, 12, 15, 0, 0}));
    EXPECT_EQ(used_by(R"(,"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2,"total_tokens":2})"),
              (usage{true, 2, 0, 2, 0, 0}));
}

TEST(openai_answer, counts_that_are_missing_come_from_the_total) {
    EXPECT_EQ(used_by(R"(,"usage":{"total_tokens":9})"), (usage{true, 9, 0, 9, 0, 0}));
    EXPECT_EQ(used_by(R"(,"usage":{"completion_tokens":4,"total_tokens":9})"), (usage{true, 5, 4, 9, 0, 0}));
    EXPECT_EQ(used_by(R"(,"usage":{"prompt_tokens":4,"completion_tokens":-1,"total_tokens":9})"),
              (usage{true, 4, 5, 9, 0, 0}));
    EXPECT_EQ(used_by(R"(,"usage":{"prompt_tokens":12,"total_tokens":9})"), (usage{true, 12, 0, 9, 0, 0}));
}

TEST(openai_answer, what_is_no_whole_json_object_is_a_bad_upstream) {
    for (const std::string_view body :
         {"",
          "[]",
          "7",
          "\"x\"",
          "null",
          "<html>oops</html>",
          "{\"a\":01}",
          "{\"a\":[1,]}",
          "{} {}",
          "{\"a\":",
          "{\"a\":\"\\x\"}",
          "{\"a\":\"\xff\"}",
          "{\"a\":tru}",
          "{\"choices\":[{\"message\":{}}],\"usage\":{\"prompt_tokens\":01}}",
          "{\"choices\":[{\"message\":{}}],\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":}}}"}) {
        const auto got = read(body);
        ASSERT_FALSE(got) << body;
        EXPECT_EQ(got.error().code, errc::bad_upstream) << body;
        EXPECT_THAT(got.error().message,
                    HasSubstr(R"({"external_model_provider":"openai","external_model_error":)"));
    }
    EXPECT_EQ(read("<html>oops</html>").error().message,
              R"({"external_model_provider":"openai","external_model_error":"<html>oops</html>"})");
    EXPECT_EQ(read("[ 1 ]").error().message,
              R"({"external_model_provider":"openai","external_model_error":[1]})");
}

} // namespace
} // namespace sluice::providers::openai_test
