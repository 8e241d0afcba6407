#include "tools/provider/call.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace sluice::sim::call_test {
namespace {

constexpr std::string_view json_type = "application/json";

api_result<call> chat(std::string_view body) {
    return read_call(task_kind::chat, {}, json_type, body);
}
api_result<call> complete(std::string_view body) {
    return read_call(task_kind::completions, {}, json_type, body);
}
api_result<call> embed(std::string_view body) {
    return read_call(task_kind::embeddings, {}, json_type, body);
}

TEST(call, a_chat_is_read_with_its_last_user_text) {
    const auto c =
        chat(R"({"model":"gpt-4o","n":2,"stream":true,"stream_options":{"include_usage":true},"max_tokens":9,
        "messages":[{"role":"user","content":"first"},{"role":"user","content":[{"type":"text","text":"a "},
        {"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":"b"}]},{"role":"assistant","content":null}]})");
    ASSERT_TRUE(c.has_value()) << c.error().message;
    EXPECT_EQ(c->model, "gpt-4o");
    EXPECT_EQ(c->choices, 2U);
    EXPECT_TRUE(c->stream);
    EXPECT_TRUE(c->include_usage);
    EXPECT_EQ(c->max_tokens, 9U);
    EXPECT_EQ(c->inputs, std::vector<std::string>{"a b"});
    EXPECT_EQ(c->prompt_tokens, 3U + 3U * 3U + 3U);
}

TEST(call, the_seed_depends_on_the_conversation_and_not_on_how_it_is_to_be_answered) {
    const auto plain = chat(R"({"model":"a","messages":[{"role":"user","content":"hi"}]})");
    const auto other =
        chat(R"({"messages":[{"content":"hi","role":"user"}],"model":"b","stream":true,"temperature":1})");
    const auto changed = chat(R"({"model":"a","messages":[{"role":"user","content":"ho"}]})");
    ASSERT_TRUE(plain && other && changed);
    EXPECT_EQ(plain->seed, other->seed);
    EXPECT_NE(plain->seed, changed->seed);
}

TEST(call, on_an_azure_path_the_deployment_is_the_model) {
    const auto c = read_call(task_kind::chat,
                             "my-dep",
                             "Application/JSON; charset=utf-8",
                             R"({"messages":[{"role":"user","content":"x"}]})");
    ASSERT_TRUE(c.has_value());
    EXPECT_EQ(c->model, "my-dep");
}

TEST(call, prompts_and_inputs_may_be_texts_or_token_ids) {
    EXPECT_EQ(complete(R"({"model":"m","prompt":"a b"})")->inputs, std::vector<std::string>{"a b"});
    EXPECT_EQ(complete(R"({"model":"m","prompt":["a","b"]})")->inputs, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(embed(R"({"model":"m","input":[1,2,3]})")->inputs, std::vector<std::string>{"1 2 3"});
    const auto lists = embed(R"({"model":"m","input":[[1,2],[3]]})");
    EXPECT_EQ(lists->inputs, (std::vector<std::string>{"1 2", "3"}));
    EXPECT_EQ(lists->prompt_tokens, 3U);
}

TEST(call, embeddings_know_dimensions_and_encoding) {
    const auto c = embed(R"({"model":"m","input":"x","dimensions":4,"encoding_format":"base64"})");
    ASSERT_TRUE(c.has_value());
    EXPECT_EQ(c->dimensions, 4U);
    EXPECT_TRUE(c->base64);
}

TEST(call, what_the_real_service_refuses_is_refused_with_the_parameter_named) {
    const std::vector<std::pair<std::string, std::string>> bodies{
        {"", ""},
        {"[]", ""},
        {R"({"model":"m","messages":[{"role":"user","content":"x"}]} x)", ""},
        {R"({"messages":[{"role":"user","content":"x"}]})", ""},
        {R"({"model":5,"messages":[{"role":"user","content":"x"}]})", "model"},
        {R"({"model":"m"})", "messages"},
        {R"({"model":"m","messages":[]})", "messages"},
        {R"({"model":"m","messages":"x"})", "messages"},
        {R"({"model":"m","messages":["x"]})", "messages"},
        {R"({"model":"m","messages":[{"content":"x"}]})", "messages[].role"},
        {R"({"model":"m","messages":[{"role":"user"}],"stream":"yes"})", "stream"},
        {R"({"model":"m","messages":[{"role":"user"}],"stream_options":{"include_usage":true}})",
         "stream_options"},
        {R"({"model":"m","messages":[{"role":"user"}],"stream":true,"stream_options":3})", "stream_options"},
        {R"({"model":"m","messages":[{"role":"user"}],"n":0})", "n"},
        {R"({"model":"m","messages":[{"role":"user"}],"n":1.5})", "n"},
        {R"({"model":"m","messages":[{"role":"user"}],"n":129})", "n"},
        {R"({"model":"m","messages":[{"role":"user"}],"max_tokens":-1})", "max_tokens"},
        {R"({"model":"o3-mini","messages":[{"role":"user"}],"max_tokens":5})", "max_tokens"},
        {R"({"model":"m","messages":[{"role":"user"}],"temperature":3})", "temperature"},
        {R"({"model":"m","messages":[{"role":"user"}],"top_p":"x"})", "top_p"},
    };
    for (const auto& [body, param] : bodies) {
        const auto c = chat(body);
        ASSERT_FALSE(c.has_value()) << body;
        EXPECT_EQ(c.error().status, 400);
        EXPECT_EQ(c.error().param, param) << body;
        EXPECT_FALSE(c.error().message.empty());
    }
}

TEST(call, bad_prompts_and_inputs_are_refused) {
    EXPECT_FALSE(complete(R"({"model":"m"})").has_value());
    EXPECT_FALSE(complete(R"({"model":"m","prompt":{}})").has_value());
    EXPECT_FALSE(complete(R"({"model":"m","prompt":["a",1]})").has_value());
    EXPECT_FALSE(embed(R"({"model":"m","input":[]})").has_value());
    EXPECT_FALSE(embed(R"({"model":"m","input":[1,-2]})").has_value());
    EXPECT_FALSE(embed(R"({"model":"m","input":"x","dimensions":0})").has_value());
    EXPECT_FALSE(embed(R"({"model":"m","input":"x","encoding_format":"hex"})").has_value());
}

TEST(call, another_content_type_is_refused) {
    for (const std::string_view type :
         {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"}) {
        const auto c = read_call(task_kind::chat, {}, type, R"({"model":"m","messages":[{"role":"user"}]})");
        ASSERT_FALSE(c.has_value()) << type;
        EXPECT_EQ(c.error().code, "unsupported_content_type");
    }
}

TEST(call, reasoning_models_take_max_completion_tokens) {
    const auto c =
        chat(R"({"model":"o1","messages":[{"role":"user","content":"x"}],"max_completion_tokens":5})");
    ASSERT_TRUE(c.has_value());
    EXPECT_EQ(c->max_tokens, 5U);
    EXPECT_TRUE(chat(R"({"model":"gpt-5-chat","messages":[{"role":"user"}],"max_tokens":5})").has_value());
}

} // namespace
} // namespace sluice::sim::call_test
