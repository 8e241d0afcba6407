#include "tests/unit/providers/openai_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::openai_request_test {

namespace {

struct example {
    std::string_view client;
    std::string_view upstream;
};

void expect_spliced(const std::vector<example>& table, const target& to) {
    for (const example& each : table)
        EXPECT_EQ(spliced(each.client, to), each.upstream) << each.client;
}

TEST(openai_request, the_model_is_replaced_or_put_in_and_nothing_else_moves) {
    expect_spliced(
        {
            {R"({"messages":[{}]})", R"({"model":"gpt-4o-mini","messages":[{}]})"},
            {R"( {  "messages" : [ {} ] } )", R"( {  "model":"gpt-4o-mini","messages" : [ {} ] } )"},
            {R"({"model":"x","messages":[{}]})", R"({"model":"gpt-4o-mini","messages":[{}]})"},
            {R"({"messages":[{}], "model" : {"a":[1]} ,"z":1e400})",
             R"({"messages":[{}], "model" : "gpt-4o-mini" ,"z":1e400})"},
            {R"({"mod\u0065l":null,"messages":[{"content":"\ud83d"}]})",
             R"({"mod\u0065l":"gpt-4o-mini","messages":[{"content":"\ud83d"}]})"},
        },
        openai_target());
}

TEST(openai_request, members_of_the_gateway_go_with_one_comma) {
    expect_spliced(
        {
            {R"({"client_request_id":"a","usage_context":{"a":"b"},"messages":[{}]})",
             R"({"model":"gpt-4o-mini","messages":[{}]})"},
            {R"({"messages":[{}],"client_request_id":"a","usage_context":{"a":"b"}})",
             R"({"model":"gpt-4o-mini","messages":[{}]})"},
            {R"({ "extra_params":null , "messages":[{}] , "client_request_id":"a" , "n":1 , "usage_context":null })",
             R"({ "model":"gpt-4o-mini","messages":[{}] , "n":1 })"},
            {R"({"client_request_id":"a","model":"m","messages":[{}]})",
             R"({"model":"gpt-4o-mini","messages":[{}]})"},
        },
        openai_target());
}

TEST(openai_request, extra_params_are_merged_at_the_end) {
    expect_spliced(
        {
            {R"({"messages":[{}],"extra_params":{"a":"1","b":"x"}})",
             R"({"model":"gpt-4o-mini","messages":[{}],"a":1,"b":"x"})"},
            {R"({"extra_params":{"a":"1"},"messages":[{}] })",
             R"({"model":"gpt-4o-mini","messages":[{}],"a":1 })"},
            {R"({"messages":[{}],"extra_params":{}})", R"({"model":"gpt-4o-mini","messages":[{}]})"},
            {R"({"stream":true,"extra_params":{"a":"1"},"messages":[{}]})",
             R"({"model":"gpt-4o-mini","stream":true,"messages":[{}],"a":1,"stream_options":{"include_usage":true}})"},
        },
        openai_target());
}

TEST(openai_request, a_stream_always_asks_for_usage) {
    const auto body = [](std::string_view options) {
        return std::string(R"({"model":"gpt-4o-mini","messages":[{}],"stream":true,"stream_options":)")
            .append(options)
            .append("}");
    };
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {"null", R"({"include_usage":true})"},
        {"{}", R"({"include_usage":true})"},
        {"{ }", R"({"include_usage":true })"},
        {R"({"include_usage":true})", R"({"include_usage":true})"},
        {R"({"include_usage":false})", R"({"include_usage":true})"},
        {R"({ "a":1, "include_usage" : null })", R"({ "a":1, "include_usage" : true })"},
        {R"({"include_obfuscation":false})", R"({"include_usage":true,"include_obfuscation":false})"},
    };
    for (const auto& [client, upstream] : table)
        EXPECT_EQ(spliced(body(client)), body(upstream)) << client;
    EXPECT_EQ(
        spliced(R"({"messages":[{}],"stream":true})"),
        R"({"model":"gpt-4o-mini","messages":[{}],"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(openai_request, stream_options_without_a_stream_are_dropped) {
    expect_spliced(
        {
            {R"({"stream_options":{"include_usage":true},"messages":[{}]})",
             R"({"model":"gpt-4o-mini","messages":[{}]})"},
            {R"({"messages":[{}],"stream":false,"stream_options":null})",
             R"({"model":"gpt-4o-mini","messages":[{}],"stream":false})"},
            {R"({"messages":[{}],"stream":null,"stream_options":{}})",
             R"({"model":"gpt-4o-mini","messages":[{}],"stream":null})"},
        },
        openai_target());
}

TEST(openai_request, max_tokens_goes_under_its_new_name_to_models_that_refuse_the_old_one) {
    const std::string_view client = R"({"messages":[{}],"max_tokens":5})";
    for (const std::string_view model :
         {"o1", "o1-mini", "o3", "o4-mini", "gpt-5", "gpt-5.1", "openai/o3", "openai/gpt-5-mini"}) {
        EXPECT_THAT(spliced(client, openai_target(task::chat, model)),
                    testing::HasSubstr(R"("max_completion_tokens":5)"))
            << model;
    }
    for (const std::string_view model :
         {"gpt-4o", "gpt-5-chat-latest", "openai/gpt-5-chat", "omni", "davinci-o1"}) {
        EXPECT_THAT(spliced(client, openai_target(task::chat, model)),
                    testing::HasSubstr(R"("max_tokens":5)"))
            << model;
    }
    EXPECT_EQ(spliced(R"({"max_tokens":5,"messages":[{}],"max_completion_tokens":6})",
                      openai_target(task::chat, "o3")),
              R"({"model":"o3","messages":[{}],"max_completion_tokens":6})");
    EXPECT_EQ(spliced(R"({"prompt":"x","max_tokens":5})", openai_target(task::completions, "o1-x")),
              R"({"model":"o1-x","prompt":"x","max_tokens":5})");
}

TEST(openai_request, azure_bodies_carry_no_model) {
    expect_spliced(
        {
            {R"({"model":"x","messages":[{}]})", R"({"messages":[{}]})"},
            {R"({"messages":[{}],"model":"x"})", R"({"messages":[{}]})"},
            {R"({"client_request_id":"1","model":"x","messages":[{}],"n":1})", R"({"messages":[{}],"n":1})"},
            {R"({"messages":[{}],"max_tokens":1})", R"({"messages":[{}],"max_tokens":1})"},
        },
        azure_target());
    EXPECT_EQ(spliced(R"({"messages":[{}],"max_tokens":1})", azure_target(task::chat, "o3-mini")),
              R"({"messages":[{}],"max_completion_tokens":1})");
}

TEST(openai_request, a_model_name_is_written_as_json) {
    EXPECT_EQ(spliced(R"({"messages":[{}]})", openai_target(task::chat, "a\"b\\")),
              R"({"model":"a\"b\\","messages":[{}]})");
}

} // namespace
} // namespace sluice::providers::openai_request_test
