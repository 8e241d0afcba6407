// Answers without a choice, a candidate or a vector that was asked for.
#include "providers/native.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"
#include "tests/unit/providers/half_answers_fixture.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::missing_choices_test {

namespace {

using testing::EndsWith;
using testing::HasSubstr;

target ai21_target() {
    return ai21_provider()
        .resolve("jamba-large", task::chat, config_with({}, {{"ai21labs_api_key", "k-0123456789"}}), "")
        .value();
}

TEST(missing_choices, a_stream_needs_all_that_were_asked_for) {
    const std::string two = R"({"messages":[{"role":"user","content":"x"}],"n":2,"stream":true})";
    for (const target& to : {openai_target(), custom_target()}) {
        const std::string first = choice(0, ended);
        const std::string second = choice(1, ended);
        EXPECT_THAT(streamed(to, two, first), HasSubstr("stream ended early"));
        EXPECT_EQ(streamed(to, two, first + second + std::string(done)), first + second + std::string(done));
    }
    const std::string first = choice(0, ended) + std::string(done);
    EXPECT_THAT(streamed(openai_target(), two, first), HasSubstr("stream ended early"));
    EXPECT_EQ(streamed(custom_target(), two, first), first) << "small servers do not know n";
    for (const std::string_view extra :
         {R"({"x":"{\"n\":7}","n":"2"})", R"({"\u006e":"2","y":"a,\"n\":1"})"}) {
        const std::string asked =
            R"({"messages":[{"role":"user","content":"x"}],"stream":true,"extra_params":)" +
            std::string(extra) + "}";
        EXPECT_THAT(streamed(openai_target(), asked, first), HasSubstr("stream ended early")) << extra;
        EXPECT_THAT(streamed(openai_target(), asked, choice(0, ended) + choice(1, ended)), EndsWith(done));
    }
    const std::string prompts = R"({"prompt":["a","b"],"stream":true})";
    const std::string text = event(R"({"choices":[{"index":0,"text":"a","finish_reason":"stop"}]})");
    const target completions = openai_target(task::completions);
    EXPECT_THAT(streamed(completions, prompts, text), HasSubstr("stream ended early"));
    const std::string second = event(R"({"choices":[{"index":1,"text":"b","finish_reason":"stop"}]})");
    EXPECT_EQ(streamed(completions, prompts, text + second), text + second + std::string(done));
}

TEST(missing_choices, so_does_a_translated_stream) {
    const std::string two = R"({"messages":[{"role":"user","content":"x"}],"n":2,"stream":true})";
    const target ai21 = ai21_target();
    const std::string end(done);
    EXPECT_THAT(streamed(ai21, two, choice(0, ended) + end), HasSubstr("stream ended early"));
    EXPECT_THAT(streamed(ai21, two, choice(1, ended) + end), HasSubstr("stream ended early"));
    EXPECT_THAT(streamed(ai21, two, choice(1, ended) + choice(0, ended) + end), EndsWith(end));
    const target gemini = vertex_target();
    const auto candidate = [](std::string_view index) {
        return event(
            std::string(R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP")")
                .append(index)
                .append("}]}"));
    };
    const std::string blocked = event(R"({"promptFeedback":{"blockReason":"SAFETY"}})");
    EXPECT_THAT(streamed(gemini, two, candidate("")), HasSubstr("stream ended early"));
    EXPECT_THAT(streamed(gemini, two, candidate("") + candidate(R"(,"index":1)")), EndsWith(end));
    EXPECT_THAT(streamed(gemini, two, candidate("") + blocked), EndsWith(end));
}

TEST(missing_choices, so_does_geminis_own_stream) {
    target to = vertex_target();
    to.via = &native::gemini_api();
    const auto gets = [&to](std::string_view client, const std::string& stream) {
        const padded body(client);
        unified::call call;
        EXPECT_TRUE(native::parse(dialect::gemini, body.view(), call)) << client;
        const auto decoder = to.via->make_decoder(call, to);
        const padded bytes(stream);
        std::string out;
        auto good = decoder->body(bytes.view(), out);
        if (good && !decoder->finished()) good = decoder->end(out);
        return good.has_value();
    };
    const std::string first = event(R"({"candidates":[{"finishReason":"STOP"}]})");
    const std::string second = event(R"({"candidates":[{"index":1,"finishReason":"STOP"}]})");
    for (const std::string_view client : {R"({"generationConfig":{"candidateCount":2}})",
                                          R"({"contents":[],"generation_config":{"candidate_count":2.0}})"}) {
        EXPECT_FALSE(gets(client, first)) << client;
        EXPECT_TRUE(gets(client, first + second)) << client;
        EXPECT_TRUE(gets(client, first + event(R"({"promptFeedback":{"blockReason":"SAFETY"}})"))) << client;
    }
    for (const std::string_view client : {R"({"generationConfig":{"candidateCount":null}})",
                                          R"({"generationConfig":{"candidateCount":-2}})",
                                          R"({"generationConfig":7})"})
        EXPECT_TRUE(gets(client, first)) << client;
}

TEST(missing_choices, a_whole_answer_has_all_that_were_asked_for) {
    const std::string_view two = R"({"messages":[{"role":"user","content":"x"}],"n":2})";
    const std::string one_choice = R"({"message":{"content":"a"},"finish_reason":"stop"})";
    const auto is_good = [](const target& to, std::string_view client, std::string_view choices) {
        const padded body(client);
        unified::call call;
        EXPECT_TRUE(unified::parse(to.kind, body.view(), call)) << client;
        const padded bytes(std::string(R"({"choices":[)").append(choices).append("]}"));
        answer_context context;
        context.id_stem = "s";
        return to.via->read_answer(call, to, context, bytes.view()).has_value();
    };
    const std::string both = one_choice + "," + one_choice;
    for (const target& to : {openai_target(), azure_target(), ai21_target()}) {
        EXPECT_FALSE(is_good(to, two, one_choice)) << to.provider_name;
        EXPECT_FALSE(is_good(to, two, one_choice + ",{}")) << to.provider_name;
        EXPECT_TRUE(is_good(to, two, both)) << to.provider_name;
    }
    EXPECT_TRUE(is_good(custom_target(), two, one_choice)) << "small servers do not know n";
    const target completions = openai_target(task::completions);
    EXPECT_FALSE(is_good(completions, R"({"prompt":["a","b"]})", R"({"text":"a"})"));
    EXPECT_TRUE(is_good(completions, R"({"prompt":["a","b"]})", R"({"text":"a"},{"text":"b"})"));
    target small = custom_target();
    small.kind = task::completions;
    EXPECT_FALSE(is_good(small, R"({"prompt":["a","b"]})", R"({"text":"a"})"));
    EXPECT_TRUE(is_good(small, R"({"prompt":["a","b"],"n":2})", R"({"text":"a"},{"text":"b"})"));
}

TEST(missing_choices, every_input_has_its_vector) {
    const target to = openai_target(task::embeddings);
    const auto is_good = [&to](std::string_view client, std::string_view answer) {
        const padded body(client);
        unified::call call;
        EXPECT_TRUE(unified::parse(to.kind, body.view(), call)) << client;
        const padded bytes(answer);
        return to.via->read_answer(call, to, bytes.view()).has_value();
    };
    const std::string_view one = R"({"data":[{"embedding":[1]}]})";
    const std::string_view two = R"({"data":[{"embedding":[1]},{"embedding":[2]}]})";
    EXPECT_TRUE(is_good(R"({"input":"a"})", one));
    EXPECT_FALSE(is_good(R"({"input":["a","b"]})", one));
    EXPECT_TRUE(is_good(R"({"input":["a","b"]})", two));
    EXPECT_TRUE(is_good(R"({"input":[ 1, 2, 3 ]})", one)) << "ids of tokens are one input";
    EXPECT_FALSE(is_good(R"({"input":[[1,2],[3]]})", one));
    EXPECT_TRUE(is_good(R"({"input":[[1,2],[3]]})", two));
}

} // namespace

} // namespace sluice::providers::missing_choices_test
