// ConverseStream and the streams of InvokeModel into OpenAI's (providers.md §6.5, §6.6, §12.3).
#include "core/base/base64.hpp"
#include "tests/unit/providers/bedrock_fixture.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::bedrock_stream_test {

namespace {

using test::event_frame;
using test::exception_frame;
using test::frame_bytes;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const std::string start = event_frame("messageStart", R"({"role":"assistant","p":"ab"})");
const std::string stop = event_frame("messageStop", R"({"stopReason":"end_turn","p":"a"})");
const std::string metadata =
    event_frame("metadata", R"({"usage":{"inputTokens":3,"outputTokens":2,"totalTokens":5},"p":"a"})");
const std::string done = "data: [DONE]\n\n";

std::string delta(std::string_view inside) {
    return event_frame(
        "contentBlockDelta",
        std::string(R"({"contentBlockIndex":4,"delta":)").append(inside).append(R"(,"p":"a"})"));
}

std::string call_start(std::string_view id) {
    return event_frame("contentBlockStart",
                       std::string(R"({"contentBlockIndex":5,"start":{"toolUse":{"toolUseId":")")
                           .append(id)
                           .append(R"(","name":"f"}},"p":"a"})"));
}

const std::string block_stop = event_frame("contentBlockStop", R"({"contentBlockIndex":5,"p":"a"})");

std::string chunk(std::string_view inside, std::string_view reason = "null") {
    return std::string("data: ")
        .append(R"({"id":"chatcmpl-u0001","object":"chat.completion.chunk","created":7,"model":")")
        .append(bedrock_claude)
        .append(R"(","choices":[{"index":0,"delta":)")
        .append(inside)
        .append(R"(,"finish_reason":)")
        .append(reason)
        .append("}]}\n\n");
}

const std::string role = chunk(R"({"role":"assistant","content":""})");

// What the events between start and stop become.
std::string between(const std::string& events, std::string_view reason = "\"stop\"") {
    std::string out = bedrock_decoded(start + events + stop + metadata);
    const std::string rest = chunk("{}", reason) + done;
    if (!out.starts_with(role) || !out.ends_with(rest)) return out;
    return out.substr(role.size(), out.size() - role.size() - rest.size());
}

TEST(bedrock_stream, texts_and_reasoning_keep_their_escapes) {
    EXPECT_EQ(between(delta(R"({"text":"a\n\"\\"})")), chunk(R"({"content":"a\n\"\\"})"));
    EXPECT_EQ(between(delta(R"({"text":"\ud83d"})")), chunk("{\"content\":\"\xEF\xBF\xBD\"}"));
    EXPECT_EQ(between(delta(R"({"text":""})")), "");
    EXPECT_EQ(between(delta(R"({"citation":{"title":"x"}})")), "");
}

TEST(bedrock_stream, claude_s_reasoning_is_signed_block_by_block) {
    const std::string reasoning = delta(R"({"reasoningContent":{"text":"t\n"}})") +
                                  delta(R"({"reasoningContent":{"signature":"a\/b"}})");
    EXPECT_EQ(
        between(reasoning + block_stop + delta(R"({"reasoningContent":{"redactedContent":"cg=="}})") +
                block_stop + delta(R"({"reasoningContent":{"signature":"s"}})")),
        chunk(
            R"({"reasoning_content":"t\n","thinking_blocks":[{"index":0,"type":"thinking","thinking":"t\n"}]})") +
            chunk(R"({"thinking_blocks":[{"index":0,"type":"thinking","thinking":"","signature":"a\/b"}]})") +
            chunk(R"({"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"cg=="}]})") +
            chunk(R"({"thinking_blocks":[{"index":2,"type":"thinking","thinking":"","signature":"s"}]})"));
    EXPECT_THAT(bedrock_decoded(start + reasoning + stop + metadata,
                                false,
                                bedrock_target("amazon.nova-2-lite-v1:0", "amazon")),
                AllOf(HasSubstr(R"({"reasoning_content":"t\n"})"), Not(HasSubstr("thinking_blocks"))));
}

TEST(bedrock_stream, calls_are_counted_by_themselves) {
    const auto called = [](std::string_view index, std::string_view id) {
        return chunk(std::string(R"({"tool_calls":[{"index":)")
                         .append(index)
                         .append(R"(,"id":")")
                         .append(id)
                         .append(R"(","type":"function","function":{"name":"f","arguments":""}}]})"));
    };
    EXPECT_EQ(between(delta(R"({"text":"x"})") + block_stop + call_start("t1") +
                          delta(R"({"toolUse":{"input":"{\"a\":"}})") +
                          delta(R"({"toolUse":{"input":"1}"}})") + block_stop + call_start("t2") + block_stop,
                      "\"tool_calls\""),
              chunk(R"({"content":"x"})") + called("0", "t1") +
                  chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]})") +
                  chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})") + called("1", "t2") +
                  chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})"));
    EXPECT_EQ(between(call_start("") + block_stop, "\"tool_calls\""),
              called("0", "call_u0001") +
                  chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})"));
}

TEST(bedrock_stream, reasons_for_the_end_are_those_of_openai) {
    const auto reason_of = [](std::string_view theirs) {
        const std::string out = bedrock_decoded(
            start +
            event_frame("messageStop", std::string(R"({"stopReason":")").append(theirs).append("\"}")));
        const std::size_t at = out.rfind(R"("finish_reason":")") + 17;
        return out.substr(at, out.find('"', at) - at);
    };
    for (const std::string_view theirs :
         {"end_turn", "stop_sequence", "malformed_model_output", "malformed_tool_use", "new"})
        EXPECT_EQ(reason_of(theirs), "stop") << theirs;
    EXPECT_EQ(reason_of("max_tokens"), "length");
    EXPECT_EQ(reason_of("model_context_window_exceeded"), "length");
    EXPECT_EQ(reason_of("tool_use"), "tool_calls");
    EXPECT_EQ(reason_of("guardrail_intervened"), "content_filter");
    EXPECT_EQ(reason_of("content_filtered"), "content_filter");
}

TEST(bedrock_stream, usage_comes_behind_the_finish_and_done_waits_for_it) {
    EXPECT_THAT(bedrock_decoded(start + stop + metadata, true),
                EndsWith(R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})"
                         "\n\n" +
                         done));
    EXPECT_THAT(bedrock_decoded(start + metadata + stop, true), HasSubstr(R"("prompt_tokens":3)"));
    const std::string without = bedrock_decoded(start + stop, true);
    EXPECT_THAT(without, EndsWith(done));
    EXPECT_THAT(without, Not(HasSubstr("prompt_tokens")));
    unified::call call;
    const target to = bedrock_target();
    const auto decoder = to.via->make_decoder(call, to, bedrock_context());
    std::string out;
    const padded first(start + stop);
    ASSERT_TRUE(decoder->body(first.view(), out));
    EXPECT_FALSE(decoder->finished());
    EXPECT_FALSE(decoder->used().known);
    const padded second(metadata);
    ASSERT_TRUE(decoder->body(second.view(), out));
    EXPECT_TRUE(decoder->finished());
    EXPECT_EQ(decoder->used().total_tokens, 5);
}

TEST(bedrock_stream, cached_tokens_are_part_of_the_prompt) {
    EXPECT_THAT(
        bedrock_decoded(
            start + stop +
                event_frame(
                    "metadata",
                    R"({"usage":{"inputTokens":3,"outputTokens":2,"cacheReadInputTokens":10,"cacheWriteInputTokens":4}})"),
            true),
        HasSubstr(
            R"({"prompt_tokens":17,"completion_tokens":2,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":4}})"));
}

TEST(bedrock_stream, exceptions_end_it_with_their_status) {
    const auto code_of = [](const std::string& frame) {
        unified::call call;
        const target to = bedrock_target();
        const auto decoder = to.via->make_decoder(call, to, bedrock_context());
        std::string out;
        const padded bytes(start + frame + stop + metadata);
        const auto read = decoder->body(bytes.view(), out);
        EXPECT_FALSE(read);
        EXPECT_EQ(out, role);
        EXPECT_FALSE(decoder->finished());
        return read ? errc::internal_error : read.error().code;
    };
    constexpr std::string_view said = R"({"message":"m"})";
    EXPECT_EQ(code_of(exception_frame("throttlingException", said)), errc::request_limit_exceeded);
    EXPECT_EQ(code_of(exception_frame("validationException", said)), errc::bad_request);
    EXPECT_EQ(code_of(exception_frame("serviceUnavailableException", said)), errc::temporarily_unavailable);
    EXPECT_EQ(code_of(exception_frame("modelStreamErrorException", said)), errc::bad_upstream);
    EXPECT_EQ(code_of(exception_frame("modelTimeoutException", said)), errc::deadline_exceeded);
    EXPECT_EQ(code_of(exception_frame("newException", said)), errc::bad_upstream);
    EXPECT_EQ(code_of(frame_bytes({{":error-code", "InternalServerException"},
                                   {":error-message", "internal failure"},
                                   {":message-type", "error"}},
                                  "")),
              errc::internal_error);
}

TEST(bedrock_stream, an_exception_shows_its_name_beside_what_it_says) {
    const auto shown = [](std::string_view payload) {
        const std::string out = bedrock_decoded(start + exception_frame("internalServerException", payload));
        return out.substr(out.find("external_model_error") + 22);
    };
    EXPECT_EQ(shown(R"({"message":"m"})"), R"({"__type":"internalServerException","message":"m"}})");
    EXPECT_EQ(shown("{ }"), R"({"__type":"internalServerException"}})");
    EXPECT_EQ(shown(""), R"({"__type":"internalServerException","message":""}})");
    EXPECT_EQ(shown("no json"), R"({"__type":"internalServerException","message":"no json"}})");
}

TEST(bedrock_stream, what_is_no_event_is_passed_over_and_what_is_broken_is_not) {
    EXPECT_EQ(between(event_frame("later", R"({"delta":7})") + frame_bytes({}, "") + delta("7") +
                      delta(R"({"text":7,"toolUse":[],"reasoningContent":null})")),
              "");
    EXPECT_THAT(bedrock_decoded(start + event_frame("contentBlockDelta", "[]")),
                HasSubstr("not a JSON object"));
    EXPECT_THAT(bedrock_decoded(start + event_frame("metadata", "{")), HasSubstr("not a JSON object"));
    std::string damaged = start + stop;
    damaged.back() ^= 1;
    EXPECT_THAT(bedrock_decoded(damaged), HasSubstr("checksum"));
}

TEST(bedrock_stream, an_end_without_a_reason_or_inside_of_a_frame_is_none) {
    EXPECT_THAT(bedrock_decoded(start + event_frame("messageStop", "{}")), HasSubstr("stream ended early"));
    for (const std::size_t size : {std::size_t{1}, std::size_t{12}, metadata.size() - 1})
        EXPECT_THAT(bedrock_decoded(start + stop + metadata.substr(0, size)), HasSubstr("stream ended early"))
            << size;
}

TEST(bedrock_stream, an_event_has_a_largest_size) {
    unified::call call;
    const target to = bedrock_target();
    answer_context context = bedrock_context();
    context.max_event_bytes = 64;
    const auto decoder = to.via->make_decoder(call, to, context);
    std::string out;
    const padded bytes(start + delta(R"({"text":")" + std::string(100, 'x') + "\"}"));
    const auto read = decoder->body(bytes.view(), out);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::bad_upstream);
    EXPECT_THAT(read.error().message, HasSubstr("too long"));
}

// An event of InvokeModel.
std::string invoked(std::string_view event) {
    return event_frame("chunk", R"({"bytes":")" + base64_encode(event) + R"(","p":"a"})");
}

std::string completion(std::string_view text, std::string_view reason = "null") {
    return std::string(R"("choices":[{"index":0,"text":)")
        .append(text)
        .append(R"(,"logprobs":null,"finish_reason":)")
        .append(reason)
        .append("}]");
}

TEST(bedrock_stream, titan_says_done_once_and_counts_at_the_end) {
    const target to = bedrock_target("amazon.titan-text-express-v1", "amazon", task::completions);
    const std::string first =
        invoked(R"({"outputText":"a","completionReason":null,"inputTextTokenCount":3})");
    const std::string last = invoked(
        R"({"outputText":"b","completionReason":"LENGTH","totalOutputTextTokenCount":4,"inputTextTokenCount":null})");
    const std::string out = bedrock_decoded(first + last + first, true, to);
    EXPECT_THAT(out, HasSubstr(completion("\"a\"")));
    EXPECT_THAT(out, HasSubstr(completion("\"b\"")));
    EXPECT_THAT(out, HasSubstr(completion("\"\"", "\"length\"")));
    EXPECT_THAT(out,
                EndsWith(R"("usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})"
                         "\n\n" +
                         done));
    EXPECT_THAT(bedrock_decoded(first, true, to), HasSubstr("stream ended early"));
}

TEST(bedrock_stream, cohere_ends_with_its_last_event_whose_text_is_old) {
    const target to = bedrock_target("cohere.command-text-v14", "cohere", task::completions);
    const std::string text = invoked(R"({"text":" Hi","is_finished":false,"event_type":"text-generation"})");
    const std::string end = invoked(
        R"({"is_finished":true,"event_type":"stream-end","finish_reason":"MAX_TOKENS","response":{"id":"g2","generations":[{"text":" Hi"}]},"amazon-bedrock-invocationMetrics":{"inputTokenCount":2,"outputTokenCount":1}})");
    const std::string out = bedrock_decoded(text + end, true, to);
    EXPECT_THAT(out, HasSubstr(completion("\" Hi\"")));
    EXPECT_EQ(out.find(" Hi"), out.rfind(" Hi"));
    EXPECT_THAT(out, HasSubstr(completion("\"\"", "\"length\"")));
    EXPECT_THAT(out, HasSubstr(R"({"prompt_tokens":2,"completion_tokens":1,"total_tokens":3})"));
    EXPECT_THAT(bedrock_decoded(text + invoked(R"({"is_finished":true,"finish_reason":"ERROR"})"), false, to),
                HasSubstr("!{"));
    EXPECT_THAT(bedrock_decoded(text + invoked(R"({"event_type":"stream-error","err":"x"})"), false, to),
                HasSubstr("!{"));
    EXPECT_THAT(bedrock_decoded(text, false, to), HasSubstr("stream ended early"));
}

TEST(bedrock_stream, old_claude_is_counted_by_the_metrics) {
    const target to = bedrock_target("anthropic.claude-v2:1", "anthropic", task::completions);
    const std::string out = bedrock_decoded(
        invoked(R"({"type":"completion","completion":" Hi","stop_reason":null})") +
            invoked(
                R"({"type":"completion","completion":"","stop_reason":"max_tokens","amazon-bedrock-invocationMetrics":{"inputTokenCount":10,"outputTokenCount":5}})"),
        true,
        to);
    EXPECT_THAT(out, HasSubstr(completion("\" Hi\"")));
    EXPECT_THAT(out, HasSubstr(completion("\"\"", "\"length\"")));
    EXPECT_THAT(out, HasSubstr(R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15})"));
}

TEST(bedrock_stream, chunks_that_hold_no_event_are_refused) {
    const target to = bedrock_target("amazon.titan-text-express-v1", "amazon", task::completions);
    EXPECT_THAT(bedrock_decoded(event_frame("chunk", R"({"bytes":"?"})"), false, to),
                HasSubstr("not base64"));
    EXPECT_THAT(bedrock_decoded(event_frame("chunk", "7"), false, to), HasSubstr("not a JSON object"));
    EXPECT_THAT(bedrock_decoded(invoked("[]"), false, to), HasSubstr("not a JSON object"));
    EXPECT_THAT(bedrock_decoded(event_frame("chunk", R"({"bytes":7})"), false, to), HasSubstr("ended early"));
    const std::string last = base64_encode(R"({"outputText":"ab?","completionReason":"FINISH"})");
    ASSERT_NE(last.find('/'), std::string::npos);
    std::string escaped;
    for (const char c : last)
        escaped.append(c == '/' ? "\\/" : std::string(1, c));
    EXPECT_THAT(bedrock_decoded(event_frame("chunk", R"({"bytes":")" + escaped + "\"}"), false, to),
                EndsWith(done));
}

} // namespace
} // namespace sluice::providers::bedrock_stream_test
