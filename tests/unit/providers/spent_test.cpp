// What an answer used that is an error for the client: it was paid for all the same.
#include "providers/native.hpp"
#include "tests/unit/providers/bedrock_fixture.hpp"
#include "tests/unit/providers/openai_fixture.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gtest/gtest.h>

namespace sluice::providers::spent_test {

namespace {

// Of prompt and completion.
constexpr usage four_and_three = {true, 4, 3, 7, 0, 0};
constexpr usage only_four = {true, 4, 0, 4, 0, 0};

constexpr std::string_view two_texts = R"({"input":["a","b"]})";

target keyed(const provider& by, std::string_view model, std::string_view key_field, task kind = task::chat) {
    return by.resolve(model, kind, config_with({}, {{key_field, "k-0123456789"}}), "").value();
}

target ai21_target() {
    return keyed(ai21_provider(), "jamba-large", "ai21labs_api_key");
}

target cohere_target(task kind = task::chat) {
    return keyed(
        cohere_provider(), kind == task::embeddings ? "embed-v4.0" : "command-a", "cohere_api_key", kind);
}

target native_target(const upstream_api& via) {
    target to = openai_target();
    to.via = &via;
    return to;
}

unified::call parsed(const target& to, const padded& client) {
    unified::call call;
    call.kind = to.kind;
    if (client.view() != "{}") {
        EXPECT_TRUE(unified::parse(to.kind, client.view(), call)) << client.view();
    }
    return call;
}

usage spent_on(const target& to,
               std::string_view body,
               std::string_view client = "{}",
               const http::field_list* fields = nullptr) {
    usage spent;
    answer_context context;
    context.id_stem = "s";
    context.fields = fields;
    context.spent = &spent;
    const padded asked(client);
    const unified::call call = parsed(to, asked);
    const padded bytes(body);
    EXPECT_FALSE(to.via->read_answer(call, to, context, bytes.view())) << body;
    return spent;
}

TEST(spent, by_an_error_that_counts) {
    EXPECT_EQ(
        spent_on(
            openai_target(),
            R"({"error":{"message":"m"},"usage":{"prompt_tokens":4,"completion_tokens":3,"total_tokens":7}})"),
        four_and_three);
    EXPECT_EQ(
        spent_on(
            cohere_target(),
            R"({"finish_reason":"TIMEOUT","message":{"content":[]},"usage":{"tokens":{"input_tokens":4,"output_tokens":3}}})"),
        four_and_three);
    EXPECT_EQ(
        spent_on(native_target(native::gemini_api()),
                 R"({"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":3,"totalTokenCount":7}})"),
        four_and_three);
    for (const std::string_view what : {R"("object":"response","status":"failed")", R"("id":"x")"}) {
        EXPECT_EQ(spent_on(native_target(native::responses_api()),
                           std::string("{").append(what).append(
                               R"(,"usage":{"input_tokens":4,"output_tokens":3,"total_tokens":7}})")),
                  four_and_three);
    }
}

TEST(spent, by_an_answer_without_what_was_asked_for) {
    for (const std::string_view output :
         {"null", "{}", R"({"message":null})", R"({"message":{"content":null}})"}) {
        EXPECT_EQ(
            spent_on(bedrock_target(),
                     std::string(R"({"stopReason":"end_turn","usage":{"inputTokens":4,"outputTokens":3},)")
                         .append(R"("output":)")
                         .append(output)
                         .append("}")),
            four_and_three)
            << output;
    }
    const std::string openais = R"("usage":{"prompt_tokens":4,"completion_tokens":3}})";
    EXPECT_EQ(spent_on(ai21_target(), R"({"choices":[],)" + openais), four_and_three);
    EXPECT_EQ(spent_on(ai21_target(), R"({"choices":null,)" + openais), four_and_three);
    EXPECT_EQ(spent_on(cohere_target(),
                       R"({"message":null,"usage":{"tokens":{"input_tokens":4,"output_tokens":3}}})"),
              four_and_three);
    const std::string claudes = R"("usage":{"input_tokens":4,"output_tokens":3}})";
    const target claude = keyed(anthropic_provider(), "claude-sonnet-4-5", "anthropic_api_key");
    for (const target& to :
         {claude, native_target(native::messages_api()), native_target(native::vertex_messages_api())}) {
        EXPECT_EQ(spent_on(to, R"({"type":"message","content":null,)" + claudes), four_and_three);
        EXPECT_EQ(spent_on(to, R"({"type":"error","error":{"message":"m"},)" + claudes), four_and_three);
    }
    EXPECT_EQ(
        spent_on(
            vertex_target(),
            R"({"error":{"message":"m"},"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":3}})"),
        four_and_three);
}

TEST(spent, by_older_models) {
    const http::field_list fields = {{"x-amzn-bedrock-input-token-count", "4"},
                                     {"x-amzn-bedrock-output-token-count", "3"}};
    const std::vector<std::pair<std::string_view, std::string_view>> models = {
        {"amazon.titan-text-express-v1", "amazon"},
        {"cohere.command-text-v14", "cohere"},
        {"ai21.j2-ultra-v1", "ai21labs"},
        {"anthropic.claude-v2:1", "anthropic"}};
    for (const auto& [model, family] : models) {
        const target to = bedrock_target(model, family, task::completions);
        for (const std::string_view body : {"{}", "no JSON"})
            EXPECT_EQ(spent_on(to, body, "{}", &fields), four_and_three) << model << body;
    }
    EXPECT_EQ(spent_on(bedrock_target("amazon.titan-text-express-v1", "amazon", task::completions),
                       R"({"inputTextTokenCount":4,"results":[]})"),
              only_four);
    EXPECT_EQ(spent_on(bedrock_target("ai21.j2-ultra-v1", "ai21labs", task::completions),
                       R"({"prompt":{"tokens":[1,2,3,4]},"completions":[]})"),
              only_four);
}

TEST(spent, by_embeddings_of_which_some_are_missing) {
    const target cohere = cohere_target(task::embeddings);
    for (const std::string_view vectors :
         {R"({"float":[[1]]})", R"({"float":[[1],[]]})", R"({"float":null})", "null"}) {
        EXPECT_EQ(spent_on(cohere,
                           std::string(R"({"embeddings":)")
                               .append(vectors)
                               .append(R"(,"meta":{"billed_units":{"input_tokens":4}}})"),
                           two_texts),
                  only_four)
            << vectors;
    }
    const target gecko = vertex_target("text-embedding-005", task::embeddings);
    const std::string_view first = R"({"embeddings":{"values":[1],"statistics":{"token_count":3}}})";
    const std::string_view empty = R"({"embeddings":{"values":[],"statistics":{"token_count":1}}})";
    const std::string_view none = R"({"embeddings":{"statistics":{"token_count":1}}})";
    const auto predictions = [](std::string_view one, std::string_view other) {
        return std::string(R"({"predictions":[)").append(one).append(",").append(other).append("]}");
    };
    EXPECT_EQ(spent_on(gecko, predictions(first, empty), two_texts), only_four);
    EXPECT_EQ(spent_on(gecko, predictions(empty, first), two_texts), only_four);
    EXPECT_EQ(spent_on(gecko, predictions(none, first), two_texts), only_four);
    EXPECT_EQ(spent_on(gecko, predictions("null", first), two_texts), (usage{true, 3, 0, 3, 0, 0}));
    const target newer = vertex_target("gemini-embedding-2", task::embeddings);
    for (const std::string_view vector :
         {R"({"values":[]})", "null", R"({"values":[1]},"error":{"code":500})"}) {
        EXPECT_EQ(spent_on(newer,
                           std::string(R"({"embedding":)")
                               .append(vector)
                               .append(R"(,"usageMetadata":{"promptTokenCount":4}})"),
                           R"({"input":"a"})"),
                  only_four)
            << vector;
    }
    EXPECT_EQ(spent_on(openai_target(task::embeddings),
                       R"({"data":[{"embedding":[1]}],"usage":{"prompt_tokens":4,"total_tokens":4}})",
                       two_texts),
              only_four);
}

// What a stream used that ends in an error.
usage streamed(const target& to, std::string_view event) {
    unified::call call;
    call.kind = to.kind;
    answer_context context;
    context.id_stem = "s";
    const auto decoder = to.via->make_decoder(call, to, context);
    const padded bytes(std::string("data: ").append(event).append("\n\n"));
    std::string out;
    EXPECT_FALSE(decoder->body(bytes.view(), out)) << event;
    return decoder->used();
}

TEST(spent, by_an_error_in_a_stream_that_counts) {
    EXPECT_EQ(streamed(openai_target(),
                       R"({"error":{"message":"m"},"usage":{"prompt_tokens":4,"completion_tokens":3}})"),
              four_and_three);
    for (const target& to : {vertex_target(), native_target(native::gemini_api())}) {
        EXPECT_EQ(
            streamed(
                to,
                R"({"error":{"message":"m"},"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":3}})"),
            four_and_three);
    }
    EXPECT_EQ(streamed(native_target(native::responses_api()),
                       R"({"type":"error","usage":{"input_tokens":4,"output_tokens":3}})"),
              four_and_three);
    EXPECT_EQ(
        streamed(
            cohere_target(),
            R"({"type":"message-end","delta":{"finish_reason":"ERROR","usage":{"tokens":{"input_tokens":4,"output_tokens":3}}}})"),
        four_and_three);
}

} // namespace

} // namespace sluice::providers::spent_test
