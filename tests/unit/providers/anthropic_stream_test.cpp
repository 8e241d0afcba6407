#include "tests/unit/providers/anthropic_fixture.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::anthropic_stream_test {

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string event(std::string_view data) {
    return std::string("data: ").append(data).append("\n\n");
}

const std::string start = event(
    R"({"type":"message_start","message":{"id":"m1","model":"c","usage":{"input_tokens":10,"output_tokens":1}}})");
const std::string ended = event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})");
const std::string stop = event(R"({"type":"message_stop"})");

std::string chunk(std::string_view delta, std::string_view reason = "null") {
    return event(
        std::string(R"({"id":"m1","object":"chat.completion.chunk","created":7,"model":"c","choices":[)")
            .append(R"({"index":0,"delta":)")
            .append(delta)
            .append(R"(,"finish_reason":)")
            .append(reason)
            .append("}]}"));
}

const std::string role = chunk(R"({"role":"assistant","content":""})");
const std::string done = "data: [DONE]\n\n";

std::string text_delta(std::string_view text) {
    return event(
        std::string(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")")
            .append(text)
            .append("\"}}"));
}

std::string arguments_delta(std::string_view text) {
    return event(
        std::string(
            R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":")")
            .append(text)
            .append("\"}}"));
}

std::string block(std::string_view content) {
    return event(std::string(R"({"type":"content_block_start","index":1,"content_block":)").append(content) +
                 "}");
}

const std::string block_stop = event(R"({"type":"content_block_stop","index":1})");

// What the events between message_start and message_stop become; their own reason counts, if they have one.
std::string between(const std::string& events, std::string_view reason = "\"stop\"") {
    const std::string out = anthropic_decoded({start + ended + events + stop});
    const std::string rest = chunk("{}", reason) + done;
    if (!out.starts_with(role) || !out.ends_with(rest)) return out;
    return out.substr(role.size(), out.size() - role.size() - rest.size());
}

std::string thought_chunk(std::string_view text, int index = 0) {
    return chunk(std::string(R"({"reasoning_content":")")
                     .append(text)
                     .append(R"(","thinking_blocks":[{"index":)")
                     .append(std::to_string(index))
                     .append(R"(,"type":"thinking","thinking":")")
                     .append(text)
                     .append("\"}]}"));
}

TEST(anthropic_stream, texts_keep_their_escapes_but_for_half_surrogates) {
    EXPECT_EQ(between(text_delta(R"(a\n\"\\)")), chunk(R"({"content":"a\n\"\\"})"));
    EXPECT_EQ(between(text_delta(R"(\ud83d)")), chunk("{\"content\":\"\xEF\xBF\xBD\"}"));
    EXPECT_EQ(between(text_delta(R"(\ud83e\ude90\u0000)")),
              chunk("{\"content\":\"\xF0\x9F\xAA\x90\\u0000\"}"));
    EXPECT_EQ(between(text_delta("")), "");
}

TEST(anthropic_stream, pings_unknown_events_and_blocks_are_passed_over) {
    EXPECT_EQ(
        between(
            "event: ping\ndata: {\"type\":\"ping\"}\n\n: comment\n\ndata:\n\n" + event("{}") +
            event(R"({"type":"later","delta":{"type":"text_delta","text":7}})") +
            block(R"({"type":"server_tool_use","id":"s","name":"web","input":{}})") + arguments_delta("{}") +
            block_stop +
            event(
                R"({"type":"content_block_delta","delta":{"type":"citations_delta","citation":{"a":[1]}}})")),
        "");
}

TEST(anthropic_stream, a_block_that_starts_with_text_gives_it) {
    EXPECT_EQ(between(block(R"({"type":"text","text":"a"})")), chunk(R"({"content":"a"})"));
    EXPECT_EQ(
        between(block(R"({"type":"thinking","thinking":"t","signature":""})") +
                event(R"({"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"u"}})")),
        thought_chunk("t") + thought_chunk("u"));
}

TEST(anthropic_stream, thinking_is_signed_block_by_block) {
    const auto signature = [](std::string_view text) {
        return event(
            std::string(R"({"type":"content_block_delta","delta":{"type":"signature_delta","signature":")")
                .append(text)
                .append("\"}}"));
    };
    EXPECT_EQ(
        between(block(R"({"type":"thinking","thinking":"t","signature":""})") + signature("a\\/b") +
                block_stop + block(R"({"type":"redacted_thinking","data":"d="})") + block_stop +
                block(R"({"type":"thinking","thinking":"u","signature":"s"})") + block_stop +
                block(R"({"type":"thinking","thinking":""})") + signature("v") + signature("")),
        thought_chunk("t") +
            chunk(R"({"thinking_blocks":[{"index":0,"type":"thinking","thinking":"","signature":"a\/b"}]})") +
            chunk(R"({"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"d="}]})") +
            thought_chunk("u", 2) +
            chunk(R"({"thinking_blocks":[{"index":2,"type":"thinking","thinking":"","signature":"s"}]})") +
            chunk(R"({"thinking_blocks":[{"index":3,"type":"thinking","thinking":"","signature":"v"}]})"));
}

std::string call_start(int index, std::string_view id) {
    return chunk(std::string(R"({"tool_calls":[{"index":)")
                     .append(std::to_string(index))
                     .append(R"(,"id":")")
                     .append(id)
                     .append(R"(","type":"function","function":{"name":"f","arguments":""}}]})"));
}

std::string call_piece(int index, std::string_view text) {
    return chunk(std::string(R"({"tool_calls":[{"index":)")
                     .append(std::to_string(index))
                     .append(R"(,"function":{"arguments":")")
                     .append(text)
                     .append(R"("}}]})"));
}

TEST(anthropic_stream, a_call_gets_its_arguments_once) {
    const std::string tool = block(R"({"type":"tool_use","id":"t","name":"f","input":{}})");
    const std::string reason = "\"tool_calls\"";
    EXPECT_EQ(between(tool + arguments_delta("") + arguments_delta(R"({\"a\")") + arguments_delta(":1}") +
                          block_stop,
                      reason),
              call_start(0, "t") + call_piece(0, R"({\"a\")") + call_piece(0, ":1}"));
    EXPECT_EQ(between(tool + block_stop + tool, reason),
              call_start(0, "t") + call_piece(0, "{}") + call_start(1, "t") + call_piece(1, "{}"));
    EXPECT_EQ(
        between(block(R"({"type":"tool_use","id":"t","name":"f","input":{"a": 1.0}})") + block_stop, reason),
        call_start(0, "t") + call_piece(0, R"({\"a\":1.0})"));
    EXPECT_EQ(
        between(block(R"({"type":"tool_use","id":"t","name":"f","input":{"a":1}})") + arguments_delta("{}"),
                reason),
        call_start(0, "t") + call_piece(0, "{}"));
}

TEST(anthropic_stream, reasons_are_named_in_openais_way) {
    for (const auto& [theirs, ours] : {std::pair{"end_turn", "stop"},
                                       std::pair{"pause_turn", "stop"},
                                       std::pair{"max_tokens", "length"},
                                       std::pair{"model_context_window_exceeded", "length"},
                                       std::pair{"refusal", "content_filter"},
                                       std::pair{"something_new", "stop"}}) {
        EXPECT_EQ(between(event(std::string(R"({"type":"message_delta","delta":{"stop_reason":")") + theirs +
                                R"("},"usage":{"output_tokens":3}})"),
                          std::string("\"") + ours + "\""),
                  "")
            << theirs;
    }
}

TEST(anthropic_stream, counts_are_cumulative_and_may_be_left_out) {
    const std::string first =
        event(R"({"type":"message_start","message":{"id":"m1","model":"c","usage":{"input_tokens":10.0,)"
              R"("cache_creation_input_tokens":3,"cache_read_input_tokens":null,"output_tokens":1}}})");
    const std::string out = anthropic_decoded(
        {first +
         event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7,)"
               R"("output_tokens_details":{"thinking_tokens":2}}})") +
         stop},
        true);
    EXPECT_THAT(
        out,
        EndsWith(R"("choices":[],"usage":{"prompt_tokens":13,"completion_tokens":7,"total_tokens":20,)"
                 R"("prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":3},)"
                 R"("completion_tokens_details":{"reasoning_tokens":2}}})"
                 "\n\ndata: [DONE]\n\n"));
    EXPECT_THAT(anthropic_decoded({first + ended + stop}), Not(HasSubstr("usage")));
}

TEST(anthropic_stream, an_error_of_the_upstream_ends_the_stream) {
    const std::string data = R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})";
    const std::string nested =
        R"(!{"external_model_provider":"anthropic","external_model_error":)" + data + "}";
    EXPECT_EQ(anthropic_decoded({start + event(data) + stop}), role + nested);
    EXPECT_EQ(anthropic_decoded({"event: error\n" + event(data)}), nested) << "before anything else";
    const target to = anthropic_target();
    for (const auto& [type, code] : {std::pair{"rate_limit_error", errc::request_limit_exceeded},
                                     std::pair{"overloaded_error", errc::temporarily_unavailable},
                                     std::pair{"api_error", errc::internal_error},
                                     std::pair{"timeout_error", errc::deadline_exceeded},
                                     std::pair{"billing_error", errc::bad_request},
                                     std::pair{"request_too_large", errc::bad_request}}) {
        EXPECT_EQ(
            upstream_stream_error(to, std::string(R"({"type":"error","error":{"type":")") + type + R"("}})")
                .code,
            code)
            << type;
    }
}

TEST(anthropic_stream, a_stream_without_message_stop_is_cut) {
    const std::string cut =
        R"(!{"external_model_provider":"anthropic","external_model_error":"stream ended early"})";
    EXPECT_EQ(anthropic_decoded({}), cut);
    EXPECT_EQ(anthropic_decoded({start + text_delta("a") +
                                 event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})")}),
              role + chunk(R"({"content":"a"})") + cut);
    EXPECT_EQ(anthropic_decoded({start + "data: {\"type\":\"message_st"}), role + cut);
    EXPECT_EQ(anthropic_decoded({start + ended + "data: {\"type\":\"message_stop\"}"}),
              role + chunk("{}", "\"stop\"") + done)
        << "whole, but for its blank line";
}

TEST(anthropic_stream, what_is_not_json_ends_the_stream) {
    for (const std::string_view data :
         {"x", "[1]", "{\"type\":}", "{\"type\":\"ping\"}{", "{\"a\":\"\xff\"}"}) {
        EXPECT_EQ(anthropic_decoded({start + event(data) + stop}),
                  role + R"(!{"external_model_provider":"anthropic","external_model_error":)"
                         R"("an event of the stream is not a JSON object"})")
            << data;
    }
}

TEST(anthropic_stream, a_stream_that_says_nothing_of_itself_gets_our_id) {
    EXPECT_THAT(anthropic_decoded({text_delta("a") + ended + stop}),
                testing::StartsWith(
                    R"(data: {"id":"chatcmpl-u0001","object":"chat.completion.chunk","created":7,)"
                    R"("model":"claude-sonnet-4-5-20250929","choices":[{"index":0,"delta":{"role":)"));
}

TEST(anthropic_stream, nothing_follows_the_end) {
    EXPECT_EQ(anthropic_decoded({start + ended + stop, text_delta("late") + stop}),
              role + chunk("{}", "\"stop\"") + done);
}

TEST(anthropic_stream, the_old_models_complete_in_events_of_their_own) {
    const target to = anthropic_target("claude-2.1", task::completions);
    const auto text = [](std::string_view piece, std::string_view reason) {
        return event(
            std::string(
                R"({"id":"l1","object":"text_completion","created":7,"model":"claude-2.1","choices":[{"index":0,"text":")")
                .append(piece)
                .append(R"(","logprobs":null,"finish_reason":)")
                .append(reason)
                .append("}]}"));
    };
    const std::string first = event(
        R"({"type":"completion","id":"l1","completion":" Hi","stop_reason":null,"model":"claude-2.1"})");
    const std::string last = event(
        R"({"type":"completion","id":"l1","completion":"","stop_reason":"max_tokens","model":"claude-2.1"})");
    EXPECT_EQ(anthropic_decoded({first + event(R"({"type":"ping"})") + last}, false, to),
              text(" Hi", "null") + text("", "\"length\"") + done);
    EXPECT_THAT(anthropic_decoded({first}, false, to), HasSubstr("stream ended early"));
}

std::string answered(std::string_view body, const target& to = anthropic_target()) {
    const padded bytes(body);
    unified::call call;
    call.kind = to.kind;
    const auto read = to.via->read_answer(call, to, unit_context(), bytes.view());
    return read ? read->rewritten.value_or("") : "!" + read.error().message;
}

TEST(anthropic_answer, a_refusal_has_no_content) {
    EXPECT_EQ(
        answered(R"({"type":"message","content":[],"stop_reason":"refusal","usage":{}})"),
        R"({"id":"chatcmpl-u0001","object":"chat.completion","created":7,"model":"claude-sonnet-4-5-20250929",)"
        R"("choices":[{"index":0,"message":{"role":"assistant","content":null},)"
        R"("finish_reason":"content_filter"}],)"
        R"("usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})");
}

TEST(anthropic_answer, arguments_keep_order_and_number_text) {
    EXPECT_THAT(answered(R"({"id":"m","type":"message","content":[{"type":"tool_use","id":"t","name":"f",)"
                         R"("input":{ "b": 1.0, "a" : "x y", "b2": 12345678901234567890123 }},)"
                         R"({"type":"web_search_tool_result","content":[]}],"stop_reason":"end_turn"})"),
                HasSubstr(R"("arguments":"{\"b\":1.0,\"a\":\"x y\",\"b2\":12345678901234567890123}"}}]},)"
                          R"("finish_reason":"tool_calls")"));
}

TEST(anthropic_answer, a_thought_without_its_text_is_none) {
    EXPECT_THAT(answered(R"({"content":[{"type":"redacted_thinking"},{"type":"redacted_thinking","data":""},)"
                         R"({"type":"redacted_thinking","data":"d="}],"stop_reason":"end_turn"})"),
                HasSubstr(R"("thinking_blocks":[{"type":"redacted_thinking","data":"d="}]})"));
}

TEST(anthropic_answer, of_repeated_members_the_last_counts) {
    EXPECT_THAT(
        answered(
            R"({"id":"a","content":[{"type":"text","text":"x","text":"y"}],"stop_reason":"end_turn","id":"b"})"),
        testing::AllOf(HasSubstr(R"("id":"b")"), HasSubstr(R"("content":"y")")));
}

TEST(anthropic_answer, what_is_no_answer_is_an_error) {
    for (const std::string_view body : {"", "x", "[]", "{}", R"({"content":"x"})", R"({"content":[})"})
        EXPECT_THAT(answered(body), HasSubstr(R"(!{"external_model_provider":"anthropic")")) << body;
    const std::string failed = R"({"type":"error","error":{"type":"api_error","message":"m"}})";
    EXPECT_EQ(answered(failed),
              R"(!{"external_model_provider":"anthropic","external_model_error":)" + failed + "}");
}

TEST(anthropic_answer, reset_times_tell_when_to_come_back) {
    const target to = anthropic_target();
    const auto wait = [&to](const http::field_list& fields) {
        return upstream_error(to, 429, fields, "{}", 1'768'480'500'000).retry_after_seconds; // 12:35:00Z
    };
    EXPECT_EQ(wait({{"anthropic-ratelimit-requests-reset", "2026-01-15T12:35:09Z"},
                    {"anthropic-ratelimit-requests-remaining", "4"},
                    {"anthropic-ratelimit-input-tokens-reset", "2026-01-15T13:35:03.2+01:00"},
                    {"anthropic-ratelimit-input-tokens-remaining", "0"}}),
              4);
    EXPECT_EQ(wait({{"anthropic-ratelimit-requests-reset", "2026-01-15T12:35:09Z"}}), 9);
    EXPECT_EQ(wait({{"anthropic-ratelimit-requests-reset", "soon"}}), 0);
}

} // namespace
} // namespace sluice::providers::anthropic_stream_test
