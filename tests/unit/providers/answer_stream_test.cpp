#include "providers/answer_stream.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::providers::answer_stream_test {
namespace {

std::string streamed(task kind, std::string_view body, bool wants_usage = false) {
    unified::call call;
    call.kind = kind;
    call.include_usage = wants_usage;
    const padded bytes(body);
    std::string out;
    if (!append_as_stream(out, call, bytes.view())) {
        EXPECT_EQ(out, "");
        return "(refused)";
    }
    return out;
}

std::string chunk(std::string_view choices, std::string_view usage = "") {
    return std::string(
               R"(data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[)")
        .append(choices)
        .append("]")
        .append(usage)
        .append("}\n\n");
}

TEST(answer_stream, a_chat_becomes_the_chunks_of_its_parts) {
    EXPECT_EQ(
        streamed(task::chat,
                 R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,)"
                 R"("message":{"role":"assistant","content":"a\"b","reasoning_content":"hm","tool_calls":[)"
                 R"({"id":"t","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},)"
                 R"("finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})"),
        chunk(R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})") +
            chunk(R"({"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null})") +
            chunk(R"({"index":0,"delta":{"content":"a\"b"},"finish_reason":null})") +
            chunk(R"({"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":)"
                  R"({"name":"f","arguments":"{\"x\":1}"}}]},"finish_reason":null})") +
            chunk(R"({"index":0,"delta":{},"finish_reason":"tool_calls"})") + "data: [DONE]\n\n");
}

TEST(answer_stream, signed_thinking_keeps_its_signatures) {
    const std::string got = streamed(
        task::chat,
        R"({"id":"c1","created":7,"model":"m","choices":[{"message":{"content":null,"reasoning_content":"tu",)"
        R"("thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"},)"
        R"({"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"u","signature":"r"}]},)"
        R"("finish_reason":"stop"}]})");
    const auto delta = [](std::string_view inside) {
        return chunk(
            std::string(R"({"index":0,"delta":)").append(inside).append(R"(,"finish_reason":null})"));
    };
    EXPECT_EQ(
        got,
        delta(R"({"role":"assistant","content":""})") +
            delta(
                R"({"reasoning_content":"t","thinking_blocks":[{"index":0,"type":"thinking","thinking":"t"}]})") +
            delta(R"({"thinking_blocks":[{"index":0,"type":"thinking","thinking":"","signature":"s"}]})") +
            delta(R"({"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"d"}]})") +
            delta(
                R"({"reasoning_content":"u","thinking_blocks":[{"index":2,"type":"thinking","thinking":"u"}]})") +
            delta(R"({"thinking_blocks":[{"index":2,"type":"thinking","thinking":"","signature":"r"}]})") +
            chunk(R"({"index":0,"delta":{},"finish_reason":"stop"})") + "data: [DONE]\n\n");
}

TEST(answer_stream, usage_comes_when_it_was_asked_for) {
    const std::string got = streamed(
        task::chat,
        R"({"id":"c1","created":7,"model":"m","choices":[{"message":{"content":null},"finish_reason":"length"}],)"
        R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})",
        true);
    EXPECT_EQ(got,
              chunk(R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})",
                    R"(,"usage":null)") +
                  chunk(R"({"index":0,"delta":{},"finish_reason":"length"})", R"(,"usage":null)") +
                  chunk("", R"(,"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})") +
                  "data: [DONE]\n\n");
}

TEST(answer_stream, every_choice_of_a_completion_has_its_text_and_its_end) {
    const std::string got = streamed(task::completions,
                                     R"({"id":"c","created":7,"model":"m","choices":[{"text":"x",)"
                                     R"("finish_reason":"stop"},{"text":"y","finish_reason":"stop"}]})");
    const auto front =
        std::string(R"(data: {"id":"c","object":"text_completion","created":7,"model":"m","choices":[)");
    EXPECT_EQ(got,
              front + R"({"index":0,"text":"x","logprobs":null,"finish_reason":null}]})" + "\n\n" + front +
                  R"({"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]})" + "\n\n" + front +
                  R"({"index":1,"text":"y","logprobs":null,"finish_reason":null}]})" + "\n\n" + front +
                  R"({"index":1,"text":"","logprobs":null,"finish_reason":"stop"}]})" + "\n\n" +
                  "data: [DONE]\n\n");
}

TEST(answer_stream, another_shape_is_left_alone) {
    EXPECT_EQ(streamed(task::chat, "[]"), "(refused)");
    EXPECT_EQ(streamed(task::chat, R"({"choices":7})"), "(refused)");
}

} // namespace
} // namespace sluice::providers::answer_stream_test
