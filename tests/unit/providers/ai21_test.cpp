#include "tests/unit/providers/cohere_fixture.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace sluice::providers::ai21_test {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string chunk(std::string_view delta, std::string_view reason = "null") {
    return chat_chunk("j", "jamba-large", delta, reason);
}

std::string said(std::string_view delta, std::string_view reason = "null") {
    return data_event(std::string(R"({"id":"j","choices":[{"index":0,"delta":)")
                          .append(delta)
                          .append(R"(,"logprobs":null,"finish_reason":)")
                          .append(reason)
                          .append("}]}"));
}

const std::string role = chunk(R"({"role":"assistant","content":""})");

TEST(ai21_request, messages_are_texts) {
    EXPECT_EQ(
        translated(
            R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
            R"({"role":"system","content":"s"},{"role":"developer","content":"t"},)"
            R"({"role":"assistant","content":"c","tool_calls":[{"id":"i","function":{"name":"f","arguments":""}}]},)"
            R"({"role":"tool","tool_call_id":"i","content":"r"},{"role":"assistant","content":null,)"
            R"("tool_calls":[{"id":"k","function":{"name":"f","arguments":"{ }"}}]}]})",
            ai21_target()),
        R"({"model":"jamba-large","messages":[{"role":"system","content":"s\nt"},{"role":"user","content":"ab"},)"
        R"({"role":"assistant","content":"c","tool_calls":[{"id":"i","type":"function",)"
        R"("function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"i","content":"r"},)"
        R"({"role":"assistant","tool_calls":[{"id":"k","type":"function",)"
        R"("function":{"name":"f","arguments":"{}"}}]}]})");
    EXPECT_EQ(
        translated(
            R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}]})",
            ai21_target()),
        "Parameter image_url is not supported for provider ai21labs.");
}

TEST(ai21_request, members_are_openais_as_far_as_known) {
    EXPECT_THAT(
        translated_with(
            R"("max_completion_tokens":5,"temperature":0.40,"top_p":1,"top_k":3,"stop":"e","n":2,"seed":7,)"
            R"("presence_penalty":1,"user":"u","reasoning_effort":"low","parallel_tool_calls":false,)"
            R"("response_format":{"type":"json_object"},"stream":true,)"
            R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"function":{"name":"f"}})",
            ai21_target()),
        HasSubstr(R"("max_tokens":5,"temperature":0.40,"top_p":1,"stop":["e"],"n":2,"seed":7,)"
                  R"("tools":[{"type":"function","function":{"name":"f"}}],)"
                  R"("tool_choice":{"type":"function","function":{"name":"f"}},)"
                  R"("response_format":{"type":"json_object"},"stream":true})"));
    EXPECT_EQ(
        translated_with(R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}})",
                        ai21_target()),
        "Parameter response_format.json_schema is not supported for provider ai21labs.");
    for (const std::string_view choice : {"auto", "none", "required"}) {
        EXPECT_THAT(
            translated_with(
                std::string(R"("functions":[{"name":"f"}],"tool_choice":")").append(choice).append("\""),
                ai21_target()),
            HasSubstr(std::string(R"("tool_choice":")").append(choice)));
    }
}

TEST(ai21_request, a_prompt_is_a_message_or_of_old_models_a_prompt) {
    const target jamba = ai21_target("jamba-mini", task::completions);
    EXPECT_EQ(translated(R"({"prompt":"p","n":2})", jamba),
              R"({"model":"jamba-mini","messages":[{"role":"user","content":"p"}],"n":2})");
    EXPECT_THAT(jamba.head.reveal(), HasSubstr("POST /studio/v1/chat/completions "));
    const target old = ai21_target("j2-mid", task::completions);
    EXPECT_EQ(translated(R"({"prompt":"p","frequency_penalty":1.50,"top_k":3,"stream":true})", old),
              R"({"prompt":"p","frequencyPenalty":{"scale":1.50}})");
    EXPECT_THAT(old.head.reveal(), HasSubstr("POST /studio/v1/j2-mid/complete "));
    EXPECT_EQ(translated(R"({"prompt":["a","b"]})", old),
              "'prompt' must be one text for provider ai21labs, not a list of several.");
    EXPECT_FALSE(ai21_provider().does(task::embeddings));
}

TEST(ai21_answer, choices_stand_in_their_order) {
    EXPECT_EQ(
        answered(
            ai21_target(),
            R"({"messages":[{"role":"user","content":"x"}],"n":2})",
            R"({"id":"j","choices":[{"index":1,"message":{"content":"b"},"finish_reason":"length"},)"
            R"({"index":0,"message":{"content":null,"tool_calls":[{"id":"i","function":{"name":"f",)"
            R"("arguments":"{ \"a\" : 1 }"}},{"function":{"name":"g","arguments":{"b": 2}}}]},)"
            R"("finish_reason":"tool_calls"}],"usage":{"prompt_tokens":2,"completion_tokens":3.0,"total_tokens":9}})"),
        R"({"id":"j","object":"chat.completion","created":7,"model":"jamba-large","choices":[)"
        R"({"index":0,"message":{"role":"assistant","content":null,"tool_calls":[)"
        R"({"id":"i","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},)"
        R"({"id":"call_u0001","type":"function","function":{"name":"g","arguments":"{\"b\":2}"}}]},)"
        R"("finish_reason":"tool_calls"},{"index":1,"message":{"role":"assistant","content":"b"},)"
        R"("finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":9}})");
}

TEST(ai21_answer, old_models_count_by_their_tokens) {
    EXPECT_EQ(
        answered(
            ai21_target("j2-ultra", task::completions),
            R"({"prompt":"p"})",
            R"({"id":1234,"prompt":{"text":"p","tokens":[{},{}]},"completions":[{"data":)"
            R"({"text":"a","tokens":[{}]},"finishReason":{"reason":"stop"}},{"data":{"text":"b"},"finishReason":)"
            R"({"reason":"endoftext"}}]})"),
        R"({"id":"1234","object":"text_completion","created":7,"model":"j2-ultra","choices":[)"
        R"({"index":0,"text":"a","logprobs":null,"finish_reason":"stop"},)"
        R"({"index":1,"text":"b","logprobs":null,"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}})");
}

TEST(ai21_answer, what_has_no_choices_is_an_error) {
    for (const std::string_view upstream :
         {R"({"choices":[]})", R"({"completions":[]})", R"({"detail":"x"})", "[]", "{", ""}) {
        EXPECT_THAT(answered(ai21_target(), R"({"messages":[{"role":"user","content":"x"}]})", upstream),
                    StartsWith(R"(!{"external_model_provider":"ai21labs",)"))
            << upstream;
    }
}

TEST(ai21_stream, a_last_chunk_is_taken_apart) {
    const std::string last =
        data_event(R"({"id":"j","choices":[{"index":0,"delta":{"content":"."},"finish_reason":"length"}],)"
                   R"("usage":{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}})");
    const std::string events = said(R"({"role":"assistant"})") + said(R"({"content":"a\n"})") + last;
    const std::string wanted =
        role + chunk(R"({"content":"a\n"})") + chunk(R"({"content":"."})") + chunk("{}", "\"length\"");
    EXPECT_EQ(decoded_of(ai21_target(), {events + done_event}), wanted + done_event);
    EXPECT_EQ(decoded_of(ai21_target(), {events}), wanted + done_event);
    EXPECT_EQ(decoded_of(ai21_target(), {events + data_event(R"({"choices":[]})") + "data: [DONE]"}),
              wanted + done_event);
    EXPECT_THAT(
        decoded_of(ai21_target(), {events}, true),
        HasSubstr(R"("choices":[],"usage":{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}})"));
}

TEST(ai21_stream, usage_may_come_behind_the_finish) {
    EXPECT_THAT(
        decoded_of(ai21_target(),
                   {said(R"({"content":"a"})", "\"stop\"") +
                    data_event(R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})") +
                    done_event},
                   true),
        HasSubstr(R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"));
}

std::string call_chunk(std::string_view call) {
    return chunk(std::string(R"({"tool_calls":[)").append(call).append("]}"));
}

TEST(ai21_stream, calls_come_in_pieces_or_whole) {
    const std::string wanted =
        role +
        call_chunk(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})") +
        call_chunk(R"({"index":0,"function":{"arguments":"{\"k\":"}})") +
        call_chunk(R"({"index":0,"function":{"arguments":"1}"}})") +
        call_chunk(R"({"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}})") +
        call_chunk(R"({"index":1,"function":{"arguments":"{}"}})") + chunk("{}", "\"tool_calls\"") +
        done_event;
    EXPECT_EQ(
        decoded_of(
            ai21_target(),
            {said(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"k\":"}}]})") +
             said(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}},)"
                  R"({"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]})") +
             said("{}", "\"tool_calls\"")}),
        wanted);
    // Without an index, and with everything repeated.
    EXPECT_EQ(
        decoded_of(
            ai21_target(),
            {said(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"k\":"}}]})") +
             said(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":"1}"}}]})") +
             said(R"({"tool_calls":[{"id":"b","function":{"name":"g","arguments":""}}]})", "\"stop\"")}),
        wanted);
    EXPECT_THAT(decoded_of(ai21_target(),
                           {said(R"({"tool_calls":[{"index":1,"id":"a","function":{"name":"f"}},)"
                                 R"({"index":0,"id":"b","function":{"name":"f"}}]})")}),
                HasSubstr("mixed"));
}

TEST(ai21_stream, every_choice_needs_its_reason) {
    const std::string first = said(R"({"content":"a"})", "\"stop\"");
    const std::string second =
        data_event(R"({"id":"j","choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]})");
    const std::string end =
        data_event(R"({"id":"j","choices":[{"index":1,"delta":{},"finish_reason":"content_filter"}]})");
    EXPECT_THAT(decoded_of(ai21_target(), {first + second + done_event}), HasSubstr("stream ended early"));
    EXPECT_THAT(decoded_of(ai21_target(), {first + second + end}), HasSubstr("[DONE]"));
}

TEST(ai21_stream, failures_are_errors_and_never_done) {
    for (const std::string& last : {data_event(R"({"detail":"lost"})"),
                                    data_event(R"({"error":{"message":"lost"}})"),
                                    data_event(R"({"type":"error"})"),
                                    data_event("[]"),
                                    data_event(R"({"choices":[)"),
                                    done_event,
                                    std::string()}) {
        const std::string out = decoded_of(ai21_target(), {said(R"({"content":"a"})") + last});
        EXPECT_THAT(
            out,
            StartsWith(role + chunk(R"({"content":"a"})") + R"(!{"external_model_provider":"ai21labs",)"))
            << last;
        EXPECT_THAT(out, Not(HasSubstr("[DONE]\n\n"))) << last;
    }
}

TEST(ai21_stream, odd_values_do_no_harm) {
    EXPECT_EQ(
        decoded_of(
            ai21_target(),
            {data_event(R"({"id":"j","choices":[7,{"index":-1,"delta":{"content":["x"],)"
                        R"("tool_calls":{"a":1}}},{"delta":null,"finish_reason":"stop"}],"usage":null})")}),
        role + chunk("{}", "\"stop\"") + done_event);
    EXPECT_THAT(decoded_of(ai21_target(),
                           {data_event(R"({"choices":[{"index":1e30,"delta":{}},{"index":4294967296,)"
                                       R"("delta":{"content":"x"},"finish_reason":"stop"}]})")}),
                HasSubstr("stream ended early"));
}

} // namespace
} // namespace sluice::providers::ai21_test
