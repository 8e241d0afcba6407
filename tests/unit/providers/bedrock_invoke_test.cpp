// InvokeModel, and whole answers of it and of Converse (providers.md §6.4, §6.6, §6.7).
#include "providers/list_parts.hpp"
#include "tests/unit/providers/bedrock_fixture.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::bedrock_invoke_test {

namespace {

using testing::HasSubstr;

target titan() {
    return bedrock_target("amazon.titan-text-express-v1", "amazon", task::completions);
}
target cohere() {
    return bedrock_target("cohere.command-text-v14", "cohere", task::completions);
}
target jurassic() {
    return bedrock_target("ai21.j2-mid-v1", "ai21labs", task::completions);
}
target embed(std::string_view model, std::string_view family) {
    return bedrock_target(model, family, task::embeddings);
}

TEST(bedrock_invoke, titan_is_asked_in_its_own_words) {
    EXPECT_EQ(bedrock_body(R"({"prompt":"p"})", titan()), R"({"inputText":"p","textGenerationConfig":{}})");
    EXPECT_EQ(
        bedrock_body(R"({"prompt":["p"],"max_tokens":5,"temperature":1,"top_p":0.9,"stop":"a"})", titan()),
        R"({"inputText":"p","textGenerationConfig":{"maxTokenCount":5,"temperature":0.5,"topP":0.9,"stopSequences":["a"]}})");
    EXPECT_EQ(bedrock_body(R"({"prompt":"p","top_p":0,"top_k":4})", titan()),
              R"({"inputText":"p","textGenerationConfig":{}})");
    EXPECT_EQ(bedrock_body(R"({"prompt":"p","n":2})", titan()),
              "Parameter n must be 1 for provider amazon-bedrock.");
    EXPECT_EQ(bedrock_body(R"({"prompt":["p","q"]})", titan()),
              "'prompt' must be one text for provider amazon-bedrock, not a list of several.");
}

TEST(bedrock_invoke, cohere_is_asked_in_its_own_words) {
    EXPECT_EQ(
        bedrock_body(
            R"({"prompt":"p","max_tokens":5,"temperature":1,"top_p":0.9,"top_k":4,"stop":["a"],"n":2})",
            cohere()),
        R"({"prompt":"p","num_generations":2,"max_tokens":5,"temperature":2.5,"p":0.9,"k":4,"stop_sequences":["a"]})");
    EXPECT_EQ(bedrock_body(R"({"prompt":"p","stream":true})", cohere()), R"({"prompt":"p","stream":true})");
    EXPECT_EQ(bedrock_body(R"({"prompt":"p","stream":true,"n":2})", cohere()),
              "Parameter n must be 1 for provider amazon-bedrock.");
}

TEST(bedrock_invoke, jurassic_is_asked_in_its_own_words) {
    EXPECT_EQ(
        bedrock_body(
            R"({"prompt":"p","max_tokens":5,"temperature":0.7,"top_p":0.9,"top_k":4,"stop":["a"],"n":2,"presence_penalty":1,"frequency_penalty":0.5})",
            jurassic()),
        R"({"prompt":"p","numResults":2,"maxTokens":5,"temperature":0.7,"topP":0.9,"topKReturn":4,"stopSequences":["a"],"presencePenalty":{"scale":1},"frequencyPenalty":{"scale":0.5}})");
    EXPECT_EQ(bedrock_body(R"({"prompt":"p","stream":true})", jurassic()), R"({"prompt":"p"})");
}

TEST(bedrock_invoke, embeddings_are_asked_in_two_ways) {
    const target first = embed("amazon.titan-embed-text-v1", "amazon");
    const target second = embed("amazon.titan-embed-text-v2:0", "amazon");
    EXPECT_EQ(bedrock_body(R"({"input":"a","dimensions":256})", first), R"({"inputText":"a"})");
    EXPECT_EQ(bedrock_body(R"({"input":["a"],"dimensions":256,"encoding_format":"base64"})", second),
              R"({"inputText":"a","dimensions":256})");
    EXPECT_EQ(bedrock_body(R"({"input":["a","b"]})", second),
              "'input' must be one text for provider amazon-bedrock, not a list of several.");
    EXPECT_EQ(bedrock_body(R"({"input":[1,2]})", second),
              "Parameter input is not supported for provider amazon-bedrock.");
    const target english = embed("cohere.embed-english-v3", "cohere");
    EXPECT_EQ(bedrock_body(R"({"input":["a","b"],"dimensions":256})", english),
              R"({"texts":["a","b"],"input_type":"search_document"})");
    EXPECT_EQ(bedrock_body(R"({"input":"a","input_type":"search_query","truncate":"END","dimensions":512})",
                           embed("cohere.embed-v4:0", "cohere")),
              R"({"texts":["a"],"input_type":"search_query","output_dimension":512,"truncate":"END"})");
    EXPECT_EQ(bedrock_body(R"({"input":"a","input_type":7})", english), "'input_type' must be a text.");
}

TEST(bedrock_invoke, a_part_of_a_list_is_asked_by_itself) {
    const padded body(R"({"input":["a","b","c"]})");
    unified::call call;
    ASSERT_TRUE(unified::parse(task::embeddings, body.view(), call));
    list_parts parts(call, 1);
    ASSERT_FALSE(parts.next().empty());
    unified::call second;
    ASSERT_TRUE(unified::parse(task::embeddings, parts.next(), second));
    const target to = embed("amazon.titan-embed-text-v2:0", "amazon");
    upstream_request request;
    ASSERT_TRUE(to.via->encode(second, to, request));
    EXPECT_EQ(request.body.front(), R"({"inputText":"b"})");
    const padded answer(R"({"embedding":[1.50],"inputTextTokenCount":2})");
    const auto read = to.via->read_answer(second, to, bedrock_context(), answer.view());
    ASSERT_TRUE(read);
    EXPECT_THAT(read->rewritten.value_or(""), HasSubstr(R"("index":0,"embedding":[1.50])"));
}

// What the client gets, or "!" and the error's message.
std::string client_answer(const target& to,
                          std::string_view client,
                          std::string_view upstream,
                          const http::field_list& fields = {}) {
    const padded body(client);
    unified::call call;
    if (auto parsed = unified::parse(to.kind, body.view(), call); !parsed) return parsed.error().message;
    answer_context context = bedrock_context();
    context.fields = &fields;
    const padded answer(upstream);
    const auto read = to.via->read_answer(call, to, context, answer.view());
    if (!read) {
        EXPECT_EQ(read.error().code, errc::bad_upstream);
        return "!" + read.error().message;
    }
    return read->rewritten.value_or("");
}

const std::string prompt = R"({"prompt":"p"})";

TEST(bedrock_invoke, several_results_are_several_choices_and_their_counts_a_sum) {
    EXPECT_THAT(
        client_answer(
            titan(),
            prompt,
            R"({"inputTextTokenCount":3,"results":[{"tokenCount":5,"outputText":"a","completionReason":"LENGTH"},{"tokenCount":2,"outputText":"b","completionReason":"CONTENT_FILTERED"}]})"),
        HasSubstr(
            R"("choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":"length"},{"index":1,"text":"b","logprobs":null,"finish_reason":"content_filter"}],"usage":{"prompt_tokens":3,"completion_tokens":7,"total_tokens":10}})"));
    EXPECT_THAT(
        client_answer(
            cohere(),
            prompt,
            R"({"id":"g","generations":[{"id":"1","text":" a","finish_reason":"MAX_TOKENS"},{"text":"b","finish_reason":"ERROR_TOXIC"}]})",
            {{"X-Amzn-Bedrock-Input-Token-Count", "2"}, {"x-amzn-bedrock-output-token-count", "1"}}),
        HasSubstr(
            R"("choices":[{"index":0,"text":" a","logprobs":null,"finish_reason":"length"},{"index":1,"text":"b","logprobs":null,"finish_reason":"content_filter"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}})"));
    EXPECT_THAT(
        client_answer(
            jurassic(),
            prompt,
            R"({"id":"x","completions":[{"data":{"text":"a"},"finishReason":{"reason":"length"}}]})",
            {{"x-amzn-bedrock-input-token-count", "2"}, {"x-amzn-bedrock-output-token-count", "-1"}}),
        HasSubstr(
            R"({"id":"x","object":"text_completion","created":7,"model":"ai21.j2-mid-v1","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":0,"total_tokens":2}})"));
}

TEST(bedrock_invoke, answers_without_what_they_must_have_are_refused) {
    for (const std::string_view upstream :
         {"{}", "[]", "", R"({"results":[]})", R"({"results":7})", R"({"message":"m"})"})
        EXPECT_THAT(client_answer(titan(), prompt, upstream), testing::StartsWith("!{")) << upstream;
    EXPECT_THAT(client_answer(cohere(), prompt, R"({"generations":[{"text":"a","finish_reason":"ERROR"}]})"),
                testing::StartsWith("!{"));
    EXPECT_THAT(client_answer(jurassic(), prompt, R"({"completions":null})"), testing::StartsWith("!{"));
    const target english = embed("cohere.embed-english-v3", "cohere");
    for (const std::string_view upstream : {R"({"embeddings":[[1]]})",
                                            R"({"embeddings":[[1],[2],[3]]})",
                                            R"({"embeddings":[[1],["x"]]})",
                                            R"({"embeddings":[[1],2]})",
                                            R"({"embeddings":{}})"})
        EXPECT_THAT(client_answer(english, R"({"input":["a","b"]})", upstream), testing::StartsWith("!{"))
            << upstream;
}

TEST(bedrock_invoke, vectors_are_copied_or_packed) {
    const target english = embed("cohere.embed-english-v3", "cohere");
    EXPECT_THAT(client_answer(english, R"({"input":"a"})", R"({"embeddings":{"float":[[0.10, 2]]}})"),
                HasSubstr(R"("embedding":[0.10, 2])"));
    EXPECT_THAT(
        client_answer(english, R"({"input":"a","encoding_format":"base64"})", R"({"embeddings":[[1,-0.5]]})"),
        HasSubstr(R"("embedding":"AACAPwAAAL8=")"));
    EXPECT_THAT(client_answer(embed("amazon.titan-embed-text-v2:0", "amazon"),
                              R"({"input":"a"})",
                              R"({"embedding":[1]})",
                              {{"x-amzn-bedrock-input-token-count", "9"}}),
                HasSubstr(R"("usage":{"prompt_tokens":9,"total_tokens":9})"));
}

TEST(bedrock_invoke, a_result_says_why_it_ended_and_a_vector_has_numbers) {
    EXPECT_THAT(
        client_answer(titan(), prompt, R"({"results":[{"outputText":"half","completionReason":null}]})"),
        HasSubstr("does not say why it ended"));
    EXPECT_THAT(client_answer(bedrock_target("amazon.titan-embed-text-v2:0", "amazon", task::embeddings),
                              R"({"input":"a"})",
                              R"({"embedding":[],"inputTextTokenCount":1})"),
                testing::StartsWith("!{"));
}

TEST(bedrock_converse_answer, all_kinds_of_blocks_are_read) {
    const std::string chat = R"({"messages":[{"role":"user","content":"x"}]})";
    EXPECT_THAT(
        client_answer(
            bedrock_target(),
            chat,
            R"({"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"r"}}},{"reasoningContent":{"redactedContent":"x"}},{"text":"a"},{"citationsContent":{"content":[{"text":"b"},{"text":"c"}]}},{"toolUse":{"toolUseId":"t","name":"f","input":{"k": 1.0}}},{"toolUse":{"name":"g"}},{"later":1}]}},"stopReason":"max_tokens","usage":null})"),
        HasSubstr(
            R"("message":{"role":"assistant","content":"abc","reasoning_content":"r","thinking_blocks":[{"type":"redacted_thinking","data":"x"}],"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"k\":1.0}"}},{"id":"call_u0001","type":"function","function":{"name":"g","arguments":"{}"}}]},"finish_reason":"length"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})"));
    EXPECT_THAT(client_answer(bedrock_target(),
                              chat,
                              R"({"output":{"message":{"content":[]}},"stopReason":"guardrail_intervened"})"),
                HasSubstr(R"("content":null},"finish_reason":"content_filter")"));
    for (const std::string_view upstream : {"{}",
                                            R"({"output":{}})",
                                            R"({"output":{"message":{"content":"x"}}})",
                                            R"({"output":{"message":{"content":[{"text":"half"}]}}})"})
        EXPECT_THAT(client_answer(bedrock_target(), chat, upstream), testing::StartsWith("!{")) << upstream;
}

TEST(bedrock_converse_answer, completions_are_texts) {
    const target to = bedrock_target("amazon.nova-lite-v1:0", "amazon", task::completions);
    EXPECT_THAT(client_answer(to,
                              prompt,
                              R"({"output":{"message":{"content":[{"text":"a"}]}},"stopReason":"end_turn"})"),
                HasSubstr(R"("choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":"stop"}])"));
}

} // namespace
} // namespace sluice::providers::bedrock_invoke_test
