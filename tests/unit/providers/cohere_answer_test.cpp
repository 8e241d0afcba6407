#include "tests/unit/providers/cohere_fixture.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::cohere_answer_test {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view question = R"({"messages":[{"role":"user","content":"x"}]})";

std::string chat(std::string_view upstream) {
    return answered(cohere_target(), question, upstream);
}

TEST(cohere_answer, all_parts_of_a_message_are_told) {
    EXPECT_EQ(
        chat(R"({"id":"c","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_plan":"p",)"
             R"("content":[{"type":"thinking","thinking":"t"},{"type":"text","text":"a"},)"
             R"({"type":"text","text":"b"},{"type":"new"}],"citations":[{}],"tool_calls":[)"
             R"({"id":"i","type":"function","function":{"name":"f","arguments":"{\"k\": 1.0}"}},)"
             R"({"type":"function","function":{"name":"g"}},)"
             R"({"id":"j","function":{"name":"h","arguments":"{\"k\":"}}]}})"),
        R"({"id":"c","object":"chat.completion","created":7,"model":"command-a-03-2025","choices":[)"
        R"({"index":0,"message":{"role":"assistant","content":"pab","reasoning_content":"t","tool_calls":[)"
        R"({"id":"i","type":"function","function":{"name":"f","arguments":"{\"k\":1.0}"}},)"
        R"({"id":"call_u0001","type":"function","function":{"name":"g","arguments":"{}"}},)"
        R"({"id":"j","type":"function","function":{"name":"h","arguments":"{\"k\":"}}]},)"
        R"("finish_reason":"tool_calls"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})");
}

TEST(cohere_answer, what_is_missing_is_made_or_left_out) {
    EXPECT_EQ(
        chat(R"({"message":{},"finish_reason":"COMPLETE"})"),
        R"({"id":"chatcmpl-u0001","object":"chat.completion","created":7,"model":"command-a-03-2025",)"
        R"("choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})");
}

TEST(cohere_answer, what_failed_with_a_good_status_is_an_error) {
    for (const std::string_view upstream : {R"({"finish_reason":"ERROR","message":{"content":[]}})",
                                            R"({"finish_reason":"TIMEOUT","message":{"content":[]}})",
                                            R"({"message":"lost"})",
                                            R"({"id":"c"})",
                                            R"([])",
                                            R"({"message":{}} x)",
                                            "<html>"}) {
        EXPECT_THAT(chat(upstream), StartsWith(R"(!{"external_model_provider":"cohere",)")) << upstream;
    }
    for (const std::string_view upstream : {R"({"generations":[]})",
                                            R"({"generations":[{"text":"a","finish_reason":"ERROR"}]})",
                                            R"({"generations":[{"text":"a","finish_reason":"ERROR_LIMIT"}]})",
                                            R"({"generations":7})"}) {
        EXPECT_THAT(answered(generate_target(), R"({"prompt":"p"})", upstream), StartsWith("!")) << upstream;
    }
}

TEST(cohere_answer, generations_are_choices) {
    EXPECT_EQ(answered(generate_target(),
                       R"({"prompt":"p"})",
                       R"({"id":"g","generations":[{"text":"a","finish_reason":"MAX_TOKENS"},)"
                       R"({"text":"b","finish_reason":"ERROR_TOXIC"}],"meta":{"tokens":{"input_tokens":3},)"
                       R"("billed_units":{"input_tokens":2,"output_tokens":4}}})"),
              R"({"id":"g","object":"text_completion","created":7,"model":"command","choices":[)"
              R"({"index":0,"text":"a","logprobs":null,"finish_reason":"length"},)"
              R"({"index":1,"text":"b","logprobs":null,"finish_reason":"content_filter"}],)"
              R"("usage":{"prompt_tokens":3,"completion_tokens":0,"total_tokens":3}})");
}

std::string embedded(std::string_view client, std::string_view upstream) {
    return answered(cohere_target("embed-v4.0", task::embeddings), client, upstream);
}

TEST(cohere_answer, vectors_come_by_type_or_bare) {
    const std::string wanted =
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.50]}],)"
        R"("model":"embed-v4.0","usage":{"prompt_tokens":2,"total_tokens":2}})";
    EXPECT_EQ(embedded(R"({"input":"a"})",
                       R"({"embeddings":{"float":[[0.50]]},"meta":{"billed_units":{"input_tokens":2}}})"),
              wanted);
    EXPECT_EQ(embedded(R"({"input":"a"})", R"({"embeddings":[[0.50]],"meta":{"tokens":{"input_tokens":2}}})"),
              wanted);
    EXPECT_THAT(
        embedded(R"({"input":"a","encoding_f\u006frmat":"base\u00364"})", R"({"embeddings":[[0.50]]})"),
        HasSubstr(R"("embedding":"AAAAPw==")"));
}

TEST(cohere_answer, every_text_needs_its_vector) {
    for (const std::string_view upstream : {R"({"embeddings":{"float":[[1]]}})",
                                            R"({"embeddings":[[1],[2],[3]]})",
                                            R"({"embeddings":[[1],["a"]]})",
                                            R"({"embeddings":[[1],2]})",
                                            R"({"embeddings":{"int8":[[1],[2]]}})",
                                            R"({"embeddings":null})",
                                            R"({})"}) {
        EXPECT_THAT(embedded(R"({"input":["a","b"]})", upstream), StartsWith("!")) << upstream;
    }
}

} // namespace
} // namespace sluice::providers::cohere_answer_test
