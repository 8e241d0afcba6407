#include "tests/unit/providers/client_dialect_fixture.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace sluice::providers::messages_answer_test {

namespace {

std::string message(std::string_view answer) {
    return answer_of(messages_translator(), "{}", answer);
}

events_made events(std::string_view stream) {
    return events_of(messages_translator(), "{}", stream);
}

std::string event(std::string_view type, std::string_view members = {}) {
    std::string out("event: ");
    out.append(type).append("\ndata: {\"type\":\"").append(type).append("\"");
    return out.append(members).append("}\n\n");
}

std::string start() {
    return event(
        "message_start",
        R"(,"message":{"id":"msg_s0001","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}})");
}

std::string end(std::string_view reason, std::string_view usage) {
    return event("message_delta",
                 std::string(R"(,"delta":{"stop_reason":")")
                     .append(reason)
                     .append(R"(","stop_sequence":null},"usage":)")
                     .append(usage)) +
           event("message_stop");
}

constexpr std::string_view no_usage =
    R"({"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0})";

TEST(messages_answer, every_kind_of_block) {
    EXPECT_EQ(
        message(
            R"({"id":"msg_1","created":3,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"A\n","reasoning_content":"t\ud800","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": [1, \"x\"]}"}},{"type":"function","function":{"name":"g","arguments":"null"}},{"id":"c3","function":{"name":"h","arguments":""}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":100,"completion_tokens":7,"total_tokens":107,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},"completion_tokens_details":{"reasoning_tokens":3}}})"),
        R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"t)"
        "\xEF\xBF\xBD"
        R"(","signature":""},{"type":"text","text":"A\n"},{"type":"tool_use","id":"c1","name":"f","input":{"a":[1,"x"]}},{"type":"tool_use","id":"call_s0001","name":"g","input":{}},{"type":"tool_use","id":"c3","name":"h","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":30,"cache_creation_input_tokens":10,"cache_read_input_tokens":60,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}})");
}

TEST(messages_answer, signed_thinking_is_a_block_each) {
    EXPECT_THAT(
        message(
            R"({"id":"msg_1","model":"m","choices":[{"message":{"content":"x","reasoning_content":"tu","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"a\/b"},{"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"u","signature":"s"}]},"finish_reason":"stop"}]})"),
        testing::HasSubstr(
            R"("content":[{"type":"thinking","thinking":"t","signature":"a\/b"},{"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"u","signature":"s"},{"type":"text","text":"x"}])"));
}

TEST(messages_answer, what_is_not_signed_is_not_lost_beside_what_nobody_may_read) {
    EXPECT_THAT(
        message(
            R"({"choices":[{"message":{"content":"x","reasoning_content":"t","thinking_blocks":[{"type":"redacted_thinking","data":"d"}]},"finish_reason":"stop"}]})"),
        testing::HasSubstr(
            R"("content":[{"type":"thinking","thinking":"t","signature":""},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"x"}])"));
}

TEST(messages_events, signed_thinking_is_a_block_each) {
    const auto thinking = [](std::string_view index) {
        return event("content_block_start",
                     std::string(R"(,"index":)")
                         .append(index)
                         .append(R"(,"content_block":{"type":"thinking","thinking":"","signature":""})"));
    };
    const std::string stream =
        chunk_of(
            R"({"reasoning_content":"t","thinking_blocks":[{"index":0,"type":"thinking","thinking":"t"}]})") +
        chunk_of(R"({"thinking_blocks":[{"index":0,"type":"thinking","thinking":"","signature":"a\/b"}]})") +
        chunk_of(R"({"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"d"}]})") +
        chunk_of(R"({"thinking_blocks":[{"index":2,"type":"thinking","thinking":"","signature":"r"}]})") +
        chunk_of(R"({"thinking_blocks":[{"index":3,"type":"thinking","thinking":"","signature":"s"}]})") +
        chunk_of(R"({"content":"x"})") + chunk_of("{}", R"("stop")") + std::string(done);
    EXPECT_EQ(
        events(stream).out,
        start() + thinking("0") +
            event("content_block_delta", R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"t"})") +
            event("content_block_delta",
                  R"(,"index":0,"delta":{"type":"signature_delta","signature":"a\/b"})") +
            event("content_block_stop", R"(,"index":0)") +
            event("content_block_start",
                  R"(,"index":1,"content_block":{"type":"redacted_thinking","data":"d"})") +
            event("content_block_stop", R"(,"index":1)") + thinking("2") +
            event("content_block_delta", R"(,"index":2,"delta":{"type":"signature_delta","signature":"r"})") +
            event("content_block_stop", R"(,"index":2)") + thinking("3") +
            event("content_block_delta", R"(,"index":3,"delta":{"type":"signature_delta","signature":"s"})") +
            event("content_block_stop", R"(,"index":3)") +
            event("content_block_start", R"(,"index":4,"content_block":{"type":"text","text":""})") +
            event("content_block_delta", R"(,"index":4,"delta":{"type":"text_delta","text":"x"})") +
            event("content_block_stop", R"(,"index":4)") + end("end_turn", no_usage));
}

TEST(messages_answer, stop_reasons) {
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {R"("content":"x"},"finish_reason":"stop")", "end_turn"},
        {R"("content":"x"},"finish_reason":"length")", "max_tokens"},
        {R"("content":null},"finish_reason":"content_filter")", "refusal"},
        {R"("content":null,"refusal":"no"},"finish_reason":"stop")", "refusal"},
        {R"("content":"x"},"finish_reason":"odd")", "end_turn"},
        {R"("tool_calls":[{"id":"c","function":{"name":"f"}}]},"finish_reason":"stop")", "tool_use"},
    };
    for (const auto& [inside, reason] : table) {
        const std::string out =
            message(std::string(R"({"choices":[{"message":{)").append(inside).append("}]}"));
        EXPECT_NE(out.find(std::string(R"("stop_reason":")").append(reason).append("\"")), std::string::npos)
            << out;
    }
}

TEST(messages_answer, calls_of_the_old_kind_and_words_that_are_spoken) {
    const std::string old = message(
        R"({"choices":[{"message":{"content":null,"function_call":{"name":"f","arguments":"{\"a\":1}"}},"finish_reason":"function_call"}]})");
    EXPECT_NE(old.find(R"("content":[{"type":"tool_use","id":"call_s0001","name":"f","input":{"a":1}}])"),
              std::string::npos)
        << old;
    EXPECT_NE(old.find(R"("stop_reason":"tool_use")"), std::string::npos) << old;
    const std::string spoken = message(
        R"({"choices":[{"message":{"content":null,"audio":{"id":"a","data":"AAAA","transcript":"Hi"}},"finish_reason":"stop"}]})");
    EXPECT_NE(spoken.find(R"("content":[{"type":"text","text":"Hi"}])"), std::string::npos) << spoken;
}

TEST(messages_answer, what_is_no_chat) {
    for (const std::string_view body : {R"({})",
                                        R"({"choices":[]})",
                                        R"({"choices":[{}]})",
                                        R"({"choices":[7]})",
                                        R"({"choices":[{"message":{"content":[]}}]})",
                                        R"({"choices":[{"message":{"tool_calls":[{}]}}]})",
                                        "x"})
        EXPECT_TRUE(message(body).starts_with("!")) << body;
}

TEST(messages_events, text_then_usage) {
    const std::string stream = chunk_of(R"({"role":"assistant","content":""})") +
                               chunk_of(R"({"content":"Ju"})") + chunk_of(R"({"content":"p\n"})") +
                               chunk_of("{}", R"("stop")") +
                               R"(data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,)"
                               R"("prompt_tokens_details":{"cached_tokens":4}}})"
                               "\n\n" +
                               std::string(done);
    EXPECT_EQ(
        events(stream).out,
        start() + event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
            event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"Ju"})") +
            event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"p\n"})") +
            event("content_block_stop", R"(,"index":0)") +
            end("end_turn",
                R"({"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":2})"));
}

TEST(messages_events, thinking_and_calls_are_blocks_of_their_own) {
    const std::string stream =
        chunk_of(R"({"reasoning_content":"t"})") +
        chunk_of(
            R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]})") +
        chunk_of(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]})") +
        chunk_of(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})") +
        chunk_of(R"({"tool_calls":[{"index":1,"function":{"name":"g","arguments":"{}"}}]})") +
        chunk_of("{}", R"("tool_calls")") + std::string(done);
    EXPECT_EQ(
        events(stream).out,
        start() +
            event("content_block_start",
                  R"(,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""})") +
            event("content_block_delta", R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"t"})") +
            event("content_block_stop", R"(,"index":0)") +
            event("content_block_start",
                  R"(,"index":1,"content_block":{"type":"tool_use","id":"c1","name":"f","input":{}})") +
            event("content_block_delta",
                  R"(,"index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\""})") +
            event("content_block_delta",
                  R"(,"index":1,"delta":{"type":"input_json_delta","partial_json":":1}"})") +
            event("content_block_stop", R"(,"index":1)") +
            event(
                "content_block_start",
                R"(,"index":2,"content_block":{"type":"tool_use","id":"call_s0001","name":"g","input":{}})") +
            event("content_block_delta",
                  R"(,"index":2,"delta":{"type":"input_json_delta","partial_json":"{}"})") +
            event("content_block_stop", R"(,"index":2)") + end("tool_use", no_usage));
}

TEST(messages_events, calls_of_the_old_kind_and_words_that_are_spoken) {
    const std::string old = events(chunk_of(R"({"function_call":{"name":"f","arguments":""}})") +
                                   chunk_of(R"({"function_call":{"arguments":"{\"a\""}})") +
                                   chunk_of(R"({"function_call":{"arguments":":1}"}})") +
                                   chunk_of("{}", R"("function_call")") + std::string(done))
                                .out;
    EXPECT_NE(old.find(R"("content_block":{"type":"tool_use","id":"call_s0001","name":"f","input":{}})"),
              std::string::npos)
        << old;
    EXPECT_NE(old.find(R"("partial_json":":1}")"), std::string::npos) << old;
    EXPECT_NE(old.find(R"("stop_reason":"tool_use")"), std::string::npos) << old;
    const std::string spoken =
        events(chunk_of(R"({"audio":{"id":"a","data":"AAAA"}})") +
               chunk_of(R"({"audio":{"transcript":"Hi"}})") + chunk_of("{}", R"("stop")") + std::string(done))
            .out;
    EXPECT_NE(spoken.find(R"("delta":{"type":"text_delta","text":"Hi"})"), std::string::npos) << spoken;
}

TEST(messages_events, what_cannot_be_told) {
    const std::string call_0 = chunk_of(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]})");
    const std::string call_1 = chunk_of(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g"}}]})");
    const std::string more_0 = chunk_of(R"({"tool_calls":[{"index":0,"function":{"arguments":"{"}}]})");
    const std::string text = chunk_of(R"({"content":"x"})");
    const std::vector<std::string> table = {
        call_0 + call_1 + text + more_0,
        call_0 + text + more_0,
        more_0,
        text + std::string(done), // no finish
        std::string(done),
        "data: {\"error\":{\"message\":\"m\"}}\n\n",
        "data: 7\n\n",
        "data: {\n\n",
        "data: {}",
        "{}\n\n",
        chunk_of(R"({"content":["x"]})"),
        chunk_of(R"({"tool_calls":[{"index":-1}]})"),
    };
    for (const std::string& each : table) {
        const events_made made = events(each);
        EXPECT_FALSE(made.failure.empty()) << each;
        EXPECT_EQ(made.out.find("message_stop"), std::string::npos) << each;
    }
}

TEST(messages_events, a_chunk_with_calls_without_end_is_refused) {
    for (const client_translator* each : {&messages_translator(), &responses_translator()}) {
        std::string calls;
        for (int i = 0; i < 20'000; ++i)
            calls.append(i == 0 ? "" : ",")
                .append(R"({"index":)")
                .append(std::to_string(i))
                .append(R"(,"function":{"name":"a"}})");
        const events_made got = events_of(*each,
                                          "{}",
                                          "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" +
                                              calls + "]},\"finish_reason\":null}]}\n\n",
                                          false);
        EXPECT_FALSE(got.failure.empty());
        EXPECT_LT(got.out.size(), 2'000'000U);
    }
}

TEST(messages_events, nothing_follows_the_end) {
    const std::string stream = chunk_of(R"({"refusal":"no"})") + chunk_of("{}", R"("stop")") +
                               chunk_of(R"({"content":"late"})") + std::string(done) + std::string(done) +
                               chunk_of(R"({"content":"later"})");
    const events_made made = events(stream);
    EXPECT_EQ(made.failure, "");
    EXPECT_TRUE(made.out.ends_with(end("refusal", no_usage))) << made.out;
    EXPECT_EQ(made.out.find("late"), std::string::npos);
}

} // namespace
} // namespace sluice::providers::messages_answer_test
