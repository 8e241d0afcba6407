// What Converse is sent (providers.md §6.3).
#include "tests/unit/providers/bedrock_fixture.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::bedrock_request_test {

namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view tool =
    R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}}}}])";
constexpr std::string_view tool_spec =
    R"({"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object","properties":{}}}}})";

std::string with_tool(std::string_view members, const target& to = bedrock_target()) {
    return bedrock_body_with(std::string(",").append(tool).append(members), to);
}

std::string tools_and(std::string_view choice) {
    return std::string(R"(,"toolConfig":{"tools":[)")
        .append(tool_spec)
        .append("]")
        .append(choice)
        .append("}");
}

TEST(bedrock_request, sampling_goes_into_the_inference_config_unscaled) {
    const target other = bedrock_target("cohere.command-r-v1:0", "cohere");
    EXPECT_EQ(
        bedrock_body_with(R"(,"max_tokens":5,"temperature":0.50,"top_p":0.9,"stop":["a","b"])", other),
        R"(,"inferenceConfig":{"maxTokens":5,"temperature":0.50,"topP":0.9,"stopSequences":["a","b"]})");
    EXPECT_EQ(
        bedrock_body_with(R"(,"stop":[""],"seed":1,"user":"u","logit_bias":{},"presence_penalty":1)", other),
        "");
    EXPECT_EQ(bedrock_body_with(R"(,"stop":"END","max_completion_tokens":9,"max_tokens":5)", other),
              R"(,"inferenceConfig":{"maxTokens":9,"stopSequences":["END"]})");
}

TEST(bedrock_request, claude_takes_temperature_or_top_p_and_newer_ones_neither) {
    EXPECT_EQ(bedrock_body_with(R"(,"temperature":1,"top_p":0.5)"),
              R"(,"inferenceConfig":{"temperature":1})");
    EXPECT_EQ(bedrock_body_with(R"(,"top_p":0.5)"), R"(,"inferenceConfig":{"topP":0.5})");
    EXPECT_EQ(bedrock_body_with(R"(,"temperature":1,"top_k":3,"max_tokens":2)",
                                bedrock_target("anthropic.claude-opus-4-7-v1:0")),
              R"(,"inferenceConfig":{"maxTokens":2})");
}

TEST(bedrock_request, top_k_is_a_field_of_its_own_in_each_family) {
    EXPECT_EQ(bedrock_body_with(R"(,"top_k":40)"), R"(,"additionalModelRequestFields":{"top_k":40})");
    EXPECT_EQ(bedrock_body_with(R"(,"top_k":40)", bedrock_target("amazon.nova-pro-v1:0", "amazon")),
              R"(,"additionalModelRequestFields":{"inferenceConfig":{"topK":40}})");
    EXPECT_EQ(bedrock_body_with(R"(,"top_k":40)", bedrock_target("amazon.titan-text-lite-v1", "amazon")), "");
    EXPECT_EQ(bedrock_body_with(R"(,"top_k":40)", bedrock_target("cohere.command-r-v1:0", "cohere")), "");
}

TEST(bedrock_request, every_family_thinks_by_its_own_field) {
    const auto more = [](std::string_view fields) {
        return std::string(R"(,"additionalModelRequestFields":{)").append(fields).append("}");
    };
    constexpr std::string_view high = R"(,"reasoning_effort":"high")";
    EXPECT_EQ(bedrock_body_with(high), more(R"("thinking":{"type":"enabled","budget_tokens":4096})"));
    EXPECT_EQ(bedrock_body_with(R"(,"reasoning_effort":"high","max_tokens":2000,"temperature":1,"top_k":2)"),
              R"(,"inferenceConfig":{"maxTokens":2000})" +
                  more(R"("thinking":{"type":"enabled","budget_tokens":1999})"));
    EXPECT_EQ(bedrock_body_with(R"(,"reasoning_effort":"high","max_tokens":1000)"),
              R"(,"inferenceConfig":{"maxTokens":1000})");
    EXPECT_EQ(
        bedrock_body_with(R"(,"reasoning_effort":"minimal")",
                          bedrock_target("us.anthropic.claude-opus-4-6-v1")),
        more(R"("thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"low"})"));
    EXPECT_EQ(bedrock_body_with(R"(,"reasoning_effort":"max")",
                                bedrock_target("amazon.nova-2-lite-v1:0", "amazon")),
              more(R"("reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"})"));
    EXPECT_EQ(bedrock_body_with(R"(,"reasoning_effort":"minimal")",
                                bedrock_target("openai.gpt-oss-120b-1:0", "amazon")),
              more(R"("reasoning_effort":"low")"));
    EXPECT_EQ(bedrock_body_with(high, bedrock_target("deepseek.v3-v1:0", "amazon")),
              more(R"("reasoning_effort":"high")"));
    EXPECT_EQ(
        bedrock_body_with(R"(,"reasoning_effort":"minimal")", bedrock_target("openai.gpt-5.1", "amazon")),
        more(R"("reasoning":{"effort":"minimal"})"));
    EXPECT_EQ(bedrock_body_with(high, bedrock_target("us.deepseek.r1-v1:0", "amazon")), "");
    EXPECT_EQ(bedrock_body_with(high, bedrock_target("amazon.nova-pro-v1:0", "amazon")), "");
    EXPECT_EQ(bedrock_body_with(R"(,"reasoning_effort":"none")"), "");
}

TEST(bedrock_request, the_family_is_that_of_the_configuration) {
    constexpr std::string_view arn =
        "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc";
    EXPECT_EQ(bedrock_body_with(R"(,"top_k":40)", bedrock_target(arn)),
              R"(,"additionalModelRequestFields":{"top_k":40})");
    EXPECT_EQ(bedrock_body_with(R"(,"top_k":40)", bedrock_target(arn, "AI21labs")), "");
}

TEST(bedrock_request, choices_of_tools_have_names_of_their_own) {
    EXPECT_EQ(with_tool(""), tools_and(""));
    EXPECT_EQ(with_tool(R"(,"tool_choice":"auto")"), tools_and(R"(,"toolChoice":{"auto":{}})"));
    EXPECT_EQ(with_tool(R"(,"tool_choice":"required")"), tools_and(R"(,"toolChoice":{"any":{}})"));
    EXPECT_EQ(with_tool(R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"),
              tools_and(R"(,"toolChoice":{"tool":{"name":"f"}})"));
    EXPECT_EQ(with_tool(R"(,"tool_choice":"none")"), "");
    EXPECT_EQ(with_tool(R"(,"parallel_tool_calls":false)"), tools_and(""));
}

TEST(bedrock_request, who_thinks_is_not_forced_to_call) {
    EXPECT_THAT(with_tool(R"(,"tool_choice":"required","reasoning_effort":"low")"),
                HasSubstr(R"("toolChoice":{"auto":{}})"));
    EXPECT_THAT(with_tool(R"(,"tool_choice":"required")", bedrock_target("anthropic.claude-sonnet-5-5-v1:0")),
                HasSubstr(R"("toolChoice":{"auto":{}})"));
    EXPECT_THAT(with_tool(R"(,"tool_choice":"required","reasoning_effort":"low")",
                          bedrock_target("amazon.nova-2-lite-v1:0", "amazon")),
                HasSubstr(R"("toolChoice":{"auto":{}})"));
}

constexpr std::string_view history =
    R"({"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"","tool_calls":[{"id":"a/b#1","type":"function","function":{"name":"f","arguments":""}},{"id":"c","type":"function","function":{"name":"g","arguments":"{\"k\": 1.0}"}}]},{"role":"tool","tool_call_id":"c","content":"2"},{"role":"tool","tool_call_id":"a/b#1","content":""},{"role":"user","content":"y"})";
constexpr std::string_view history_messages =
    R"({"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"a_b_1","name":"f","input":{}}},{"toolUse":{"toolUseId":"c","name":"g","input":{"k":1.0}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"a_b_1","content":[]}},{"toolResult":{"toolUseId":"c","content":[{"text":"2"}]}},{"text":"y"}]}])";
constexpr std::string_view minimal_tools =
    R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}},{"toolSpec":{"name":"g","inputSchema":{"json":{"type":"object","properties":{}}}}}]}})";

TEST(bedrock_request, a_history_with_calls_has_tools_whatever_the_client_sent) {
    const std::string open(history);
    EXPECT_EQ(bedrock_body(open + "]}"), std::string(history_messages).append(minimal_tools));
    EXPECT_EQ(bedrock_body(open + R"(],"tool_choice":"none"})"),
              std::string(history_messages).append(minimal_tools));
    EXPECT_EQ(bedrock_body(open + "]," + std::string(tool) + R"(,"tool_choice":"none"})"),
              std::string(history_messages).append(tools_and("")).append("}"));
}

TEST(bedrock_request, ids_of_calls_are_made_usable_and_stay_different) {
    EXPECT_EQ(bedrock::family::amazon, bedrock::parse_family("AMAZON"));
    const std::string longer(100, 'a');
    const auto body_of = [](const std::string& id) {
        return bedrock_body(R"({"messages":[{"role":"assistant","tool_calls":[{"id":")" + id +
                            R"(","type":"function","function":{"name":"f","arguments":"{}"}}]},)" +
                            R"({"role":"tool","tool_call_id":")" + id + R"(","content":"z"}]})");
    };
    const std::string one = body_of(longer + "1");
    EXPECT_NE(one, body_of(longer + "2"));
    const std::size_t at = one.find(R"("toolUseId":")") + 13;
    const std::string id = one.substr(at, one.find('"', at) - at);
    EXPECT_EQ(id.size(), 64U);
    EXPECT_NE(one.find(id, at + 64), std::string::npos) << "call and result have the same";
    EXPECT_EQ(id.find_first_not_of("abcdef0123456789"), std::string::npos);
}

TEST(bedrock_request, turns_of_one_speaker_are_one_and_empty_texts_none) {
    EXPECT_EQ(
        bedrock_body(
            R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"developer","content":"d"},{"role":"assistant","content":" "},{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"b"}]},{"role":"assistant","content":"c \n"}]})"),
        R"({"system":[{"text":"s"},{"text":"d"}],"messages":[{"role":"user","content":[{"text":"a"},{"text":"b"}]},{"role":"assistant","content":[{"text":"c"}]}]})");
}

TEST(bedrock_request, images_are_bytes_of_four_formats) {
    const auto with_url = [](std::string_view url) {
        return bedrock_body(
            std::string(R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":")")
                .append(url)
                .append(R"("}}]}]})"));
    };
    EXPECT_EQ(
        with_url("data:image/jpeg;base64,AAAA"),
        R"({"messages":[{"role":"user","content":[{"image":{"format":"jpeg","source":{"bytes":"AAAA"}}}]}]})");
    EXPECT_EQ(with_url("data:image/tiff;base64,AAAA"),
              "An image must be of type image/jpeg, image/png, image/gif or image/webp.");
    EXPECT_EQ(with_url("https://example.com/a.png"),
              "Parameter image_url.url (other than data:) is not supported for provider amazon-bedrock.");
    EXPECT_THAT(
        bedrock_body(
            R"({"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]})"),
        HasSubstr("not supported for provider amazon-bedrock"));
}

TEST(bedrock_request, json_answers_are_asked_for_by_a_config_or_a_line) {
    EXPECT_EQ(
        bedrock_body_with(
            R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type": "object"}}})"),
        R"(,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"name":"n","schema":"{\"type\":\"object\"}"}}}})");
    EXPECT_EQ(
        bedrock_body(
            R"({"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}})"),
        R"({"system":[{"text":"Answer with exactly one JSON object and nothing before or after it."}],"messages":[{"role":"user","content":[{"text":"x"}]}]})");
}

TEST(bedrock_request, what_converse_cannot_do_is_refused) {
    EXPECT_EQ(bedrock_body_with(R"(,"n":2)"), "Parameter n must be 1 for provider amazon-bedrock.");
    EXPECT_EQ(bedrock_body_with(R"(,"n":1)"), "");
    EXPECT_EQ(bedrock_body_with(R"(,"modalities":["text","audio"])"),
              "Parameter modalities is not supported for provider amazon-bedrock.");
}

TEST(bedrock_request, extra_params_are_merged_into_the_body) {
    EXPECT_EQ(bedrock_body_with(R"(,"extra_params":{"serviceTier":"flex"})"), R"(,"serviceTier":"flex")");
}

TEST(bedrock_request, completions_of_chat_models_are_one_user_message) {
    const target to = bedrock_target("amazon.nova-lite-v1:0", "amazon", task::completions);
    EXPECT_EQ(bedrock_body(R"({"prompt":"p","max_tokens":3})", to),
              R"({"messages":[{"role":"user","content":[{"text":"p"}]}],"inferenceConfig":{"maxTokens":3}})");
    EXPECT_EQ(bedrock_body(R"({"prompt":["p","q"]})", to),
              "'prompt' must be one text for provider amazon-bedrock, not a list of several.");
    EXPECT_EQ(to.most_items, 1U);
}

} // namespace
} // namespace sluice::providers::bedrock_request_test
