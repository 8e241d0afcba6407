// Answers that look like whole ones and are not: without the reason why they ended, or with calls that nobody
// can make.
#include "providers/native.hpp"
#include "providers/registry.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"
#include "tests/unit/providers/half_answers_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::half_answers_test {

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(half_answers, a_stream_that_is_cut_before_the_counts_that_were_asked_for_is_none) {
    const std::string front = R"({"messages":[{"role":"user","content":"x"}],"stream":true)";
    const std::string asked = front + R"(,"stream_options":{"include_usage":true}})";
    const std::string whole = choice(0, ended);
    const std::string counts = event(R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":3}})");
    const std::string no_counts = event(R"({"choices":[],"usage":{}})");
    const std::string end(done);
    const target openai = openai_target();
    EXPECT_THAT(streamed(openai, asked, whole), HasSubstr("stream ended early"));
    EXPECT_EQ(streamed(openai, asked, whole + counts), whole + counts + end);
    EXPECT_EQ(streamed(openai, asked, whole + no_counts), whole + no_counts + end);
    EXPECT_EQ(streamed(openai, asked, whole + end), whole + end) << "it gives none";
    EXPECT_EQ(streamed(openai, front + "}", whole), whole + end) << "nobody asked";
    EXPECT_EQ(streamed(custom_target(), asked, whole), whole + end) << "small servers give none";
}

TEST(half_answers, an_end_that_a_server_forgets_is_put_in_only_where_it_forgets_all) {
    const std::string two = R"({"messages":[{"role":"user","content":"x"}],"n":2,"stream":true})";
    const std::string begun = choice(0, "") + choice(1, "");
    EXPECT_THAT(streamed(custom_target(), two, begun + std::string(done)),
                HasSubstr(R"("index":1,"delta":{},"finish_reason":"stop")"));
    const std::string one_ended = begun + choice(0, ended);
    EXPECT_EQ(streamed(custom_target(), two, one_ended + std::string(done)),
              one_ended +
                  R"(!{"external_model_provider":"custom","external_model_error":"stream ended early"})");
    const std::string error = event(R"({"object":"error","message":"m"})");
    EXPECT_THAT(streamed(custom_target(), two, begun + error + std::string(done)),
                StartsWith(begun + R"(!{"external_model_provider":"custom")"));
}

TEST(half_answers, the_end_that_is_put_in_says_that_tools_were_called) {
    const std::string one = R"({"messages":[{"role":"user","content":"x"}],"stream":true})";
    const std::string call = event(
        R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]},"index":0}]})");
    EXPECT_EQ(streamed(custom_target(), one, call + std::string(done)),
              call + event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})") +
                  std::string(done));
    const std::string none = event(R"({"choices":[{"index":0,"delta":{"content":"a","tool_calls":[]}}]})");
    EXPECT_THAT(streamed(custom_target(), one, none + std::string(done)),
                HasSubstr(R"("finish_reason":"stop")"));
}

TEST(half_answers, the_end_that_a_small_server_forgets_is_put_into_its_whole_answer) {
    const target to = custom_target();
    const auto client_gets = [&to](std::string_view choices) {
        const padded body(R"({"messages":[{"role":"user","content":"x"}]})");
        unified::call call;
        EXPECT_TRUE(unified::parse(to.kind, body.view(), call));
        const std::string text = R"({"choices":[)" + std::string(choices) + "]}";
        const padded bytes(text);
        auto got = to.via->read_answer(call, to, bytes.view());
        EXPECT_TRUE(got.has_value()) << choices;
        return got ? got->rewritten.value_or(text) : "";
    };
    EXPECT_EQ(client_gets(R"({"finish_reason":null,"message":{"content":[{"type":"text","text":"a"}]}})"),
              R"({"choices":[{"finish_reason":"stop","message":{"content":"a"}}]})");
    EXPECT_EQ(client_gets(R"({"message":{"content":[{"type":"text","text":"a"}]},"index":0})"),
              R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop","index":0}]})");
    EXPECT_EQ(client_gets(R"({"message":{"tool_calls":[{"id":"c"}]},"finish_reason":""})"),
              R"({"choices":[{"message":{"tool_calls":[{"id":"c"}]},"finish_reason":"tool_calls"}]})");
    const std::string_view good = R"({"message":{"content":"a"},"finish_reason":"length"})";
    EXPECT_EQ(client_gets(good), R"({"choices":[)" + std::string(good) + "]}");
}

std::string chat_with(std::string_view arguments, std::string_view reason) {
    return std::string(
               R"({"choices":[{"message":{"content":"t","tool_calls":[{"id":"c","function":{"name":"f","arguments":)")
        .append(arguments)
        .append(R"(}}]},"finish_reason":)")
        .append(reason)
        .append("}]}");
}

TEST(half_answers, a_call_whose_arguments_are_no_object_is_no_message) {
    for (const std::string_view arguments :
         {R"("{\"city\":")", R"("no")", R"("[1]")", R"("7")", R"("{} {}")", R"("\"x\"")"}) {
        const std::string got =
            answer_of(messages_translator(), "{}", chat_with(arguments, R"("tool_calls")"));
        EXPECT_THAT(got, StartsWith("!")) << arguments;
        EXPECT_THAT(got, HasSubstr("not a JSON object")) << arguments;
    }
    for (const std::string_view arguments : {R"("{}")", R"("")", R"(" ")", R"("null")"})
        EXPECT_THAT(answer_of(messages_translator(), "{}", chat_with(arguments, R"("tool_calls")")),
                    HasSubstr(R"("input":{})"))
            << arguments;
    const std::string cut =
        answer_of(messages_translator(), "{}", chat_with(R"("{\"city\":")", R"("length")"));
    EXPECT_THAT(cut, HasSubstr(R"("stop_reason":"max_tokens")"));
    EXPECT_THAT(cut, Not(HasSubstr("tool_use")));
}

std::string calling(std::string_view arguments, std::string_view reason) {
    return chunk_of(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]})") +
           chunk_of(std::string(R"({"tool_calls":[{"index":0,"function":{"arguments":)")
                        .append(arguments)
                        .append("}}]}")) +
           chunk_of("{}", reason) + std::string(done);
}

TEST(half_answers, nor_is_a_stream_of_such_calls) {
    for (const std::string_view arguments : {R"("{\"city\":")", R"("no")", R"("[1]")"}) {
        const events_made made =
            events_of(messages_translator(), "{}", calling(arguments, R"("tool_calls")"));
        EXPECT_THAT(made.failure, HasSubstr("not a JSON object")) << arguments;
        EXPECT_THAT(made.out, Not(HasSubstr("message_stop"))) << arguments;
    }
    const events_made next = events_of(
        messages_translator(),
        "{}",
        chunk_of(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"no"}}]})") +
            chunk_of(R"({"tool_calls":[{"index":1,"id":"d","function":{"name":"g","arguments":"{}"}}]})") +
            chunk_of("{}", R"("tool_calls")"));
    EXPECT_THAT(next.failure, HasSubstr("not a JSON object"));
    EXPECT_EQ(events_of(messages_translator(), "{}", calling(R"("{\"a\":1}")", R"("tool_calls")")).failure,
              "");
    const events_made cut = events_of(messages_translator(), "{}", calling(R"("{\"a\":")", R"("length")"));
    EXPECT_EQ(cut.failure, "");
    EXPECT_THAT(cut.out, HasSubstr(R"("stop_reason":"max_tokens")"));
}

// A provider's whole answer around the member that says why it ended.
struct whole {
    const provider* by;
    std::string_view model;
    std::string_view key_field;
    std::string_view front;
    std::string_view reason;
    std::string_view back;
};

target target_of(const whole& one) {
    return one.by->resolve(one.model, task::chat, config_with({}, {{one.key_field, "k-0123456789"}}), "")
        .value();
}

const std::vector<whole>& whole_answers() {
    static const std::vector<whole> table = {
        {&anthropic_provider(),
         "claude-sonnet-4-5",
         "anthropic_api_key",
         R"({"content":[{"type":"text","text":"a"}],"usage":{"input_tokens":4,"output_tokens":3})",
         R"(,"stop_reason":"end_turn")",
         "}"},
        {&cohere_provider(),
         "command-a",
         "cohere_api_key",
         R"({"message":{"content":"a"},"usage":{"tokens":{"input_tokens":4,"output_tokens":3}})",
         R"(,"finish_reason":"COMPLETE")",
         "}"},
        {&ai21_provider(),
         "jamba-large",
         "ai21labs_api_key",
         R"({"usage":{"prompt_tokens":4,"completion_tokens":3},"choices":[{"message":{"content":"a"})",
         R"(,"finish_reason":"stop")",
         "}]}"},
    };
    return table;
}

TEST(half_answers, a_whole_answer_in_the_clients_own_dialect_says_why_it_ended_too) {
    const auto read = [](const upstream_api& api, const std::string& text) {
        target to;
        to.via = &api;
        usage spent;
        answer_context context;
        context.id_stem = "s";
        context.spent = &spent;
        const padded body(text);
        const auto got = api.read_answer({}, to, context, body.view());
        EXPECT_EQ(spent.known, !got.has_value()) << text;
        return got ? "" : got.error().message;
    };
    const std::string message =
        R"({"type":"message","content":[],"usage":{"input_tokens":4,"output_tokens":3})";
    const std::string candidate =
        R"({"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":3},"candidates":[{"index":0)";
    const auto& messages = native::messages_api();
    const auto& gemini = native::gemini_api();
    EXPECT_EQ(read(messages, message + R"(,"stop_reason":"end_turn"})"), "");
    EXPECT_EQ(read(gemini, candidate + R"(,"finishReason":"STOP"}]})"), "");
    EXPECT_EQ(read(gemini, candidate + R"(}],"promptFeedback":{"blockReason":"SAFETY"}})"), "");
    EXPECT_THAT(read(messages, message + R"(,"stop_reason":null})"), HasSubstr("does not say why it ended"));
    EXPECT_THAT(read(gemini, candidate + "}]}"), HasSubstr("does not say why it ended"));
}

TEST(half_answers, a_whole_answer_says_why_it_ended) {
    for (const whole& each : whole_answers()) {
        const target to = target_of(each);
        unified::call call;
        usage spent;
        answer_context context;
        context.id_stem = "s";
        context.spent = &spent;
        const padded good(std::string(each.front).append(each.reason).append(each.back));
        EXPECT_TRUE(to.via->read_answer(call, to, context, good.view())) << each.model;
        EXPECT_EQ(spent, usage{});
        const padded half(std::string(each.front).append(each.back));
        const auto got = to.via->read_answer(call, to, context, half.view());
        ASSERT_FALSE(got) << each.model;
        EXPECT_EQ(got.error().code, errc::bad_upstream);
        EXPECT_THAT(got.error().message, HasSubstr("does not say why it ended"));
        EXPECT_EQ(spent, (usage{true, 4, 3, 7, 0, 0})) << each.model;
    }
}

TEST(half_answers, nor_is_a_stop_of_a_stream_without_a_reason_an_end) {
    const std::string start =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n";
    const std::string stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    const std::string reason =
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n";
    target to = target_of(whole_answers()[0]);
    const auto both = [&] {
        EXPECT_THAT(decoded({start + stop}, false, to), HasSubstr("stream ended early"));
        EXPECT_THAT(decoded({start + reason + stop}, false, to), Not(HasSubstr("stream ended early")));
    };
    both();
    to.via = &native::messages_api();
    both();
    const target cohere = target_of(whole_answers()[1]);
    EXPECT_THAT(decoded({"data: {\"type\":\"message-start\",\"id\":\"c\"}\n\n"
                         "data: {\"type\":\"message-end\",\"delta\":{}}\n\ndata: [DONE]\n\n"},
                        false,
                        cohere),
                HasSubstr("stream ended early"));
}

TEST(half_answers, a_chat_without_a_reason_is_none_of_another_dialect) {
    for (const client_translator* each : {&messages_translator(), &responses_translator()}) {
        for (const std::string_view reason : {"", R"(,"finish_reason":null)", R"(,"finish_reason":"")"}) {
            EXPECT_THAT(
                answer_of(
                    *each,
                    "{}",
                    std::string(R"({"choices":[{"message":{"content":"a"})").append(reason).append("}]}")),
                HasSubstr("does not say why it ended"));
        }
    }
}

} // namespace

} // namespace sluice::providers::half_answers_test
