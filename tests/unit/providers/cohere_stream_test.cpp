#include "tests/unit/providers/cohere_fixture.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace sluice::providers::cohere_stream_test {

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view model = "command-a-03-2025";

std::string chunk(std::string_view delta, std::string_view reason = "null") {
    return chat_chunk("c4", model, delta, reason);
}

std::string delta(std::string_view type, std::string_view message) {
    return data_event(std::string(R"({"type":")")
                          .append(type)
                          .append(R"(","index":0,"delta":{"message":)")
                          .append(message)
                          .append("}}"));
}

const std::string start = data_event(R"({"type":"message-start","id":"c4","delta":{"message":)"
                                     R"({"role":"assistant","content":[],"tool_calls":[],"citations":[]}}})");
const std::string role = chunk(R"({"role":"assistant","content":""})");

std::string end_with(std::string_view reason, std::string_view more = "") {
    return data_event(std::string(R"({"type":"message-end","delta":{"finish_reason":")")
                          .append(reason)
                          .append("\"")
                          .append(more)
                          .append("}}"));
}

// What the events between message-start and message-end become.
std::string between(const std::string& events, std::string_view reason = "\"stop\"") {
    const std::string out = decoded_of(cohere_target(), {start + events + end_with("COMPLETE")});
    const std::string rest = chunk("{}", reason) + done_event;
    if (!out.starts_with(role) || !out.ends_with(rest)) return out;
    return out.substr(role.size(), out.size() - role.size() - rest.size());
}

TEST(cohere_stream, texts_thoughts_and_plans_are_told_apart) {
    EXPECT_EQ(between(delta("content-start", R"({"content":{"type":"thinking","thinking":""}})") +
                      delta("content-delta", R"({"content":{"thinking":"t\n"}})") +
                      delta("content-end", "{}") + delta("tool-plan-delta", R"({"tool_plan":"p"})") +
                      delta("content-delta", R"({"content":{"text":"a\"\ud83d"}})") +
                      delta("content-delta", R"({"content":{"text":""}})")),
              chunk(R"({"reasoning_content":"t\n"})") + chunk(R"({"content":"p"})") +
                  chunk("{\"content\":\"a\\\"\xEF\xBF\xBD\"}"));
}

std::string call_chunk(std::string_view call) {
    return chunk(std::string(R"({"tool_calls":[)").append(call).append("]}"));
}

TEST(cohere_stream, calls_are_counted_and_get_their_arguments) {
    const auto call = [](std::string_view id, std::string_view arguments) {
        return delta("tool-call-start",
                     std::string(R"({"tool_calls":{"id":")")
                         .append(id)
                         .append(R"(","type":"function","function":{"name":"f","arguments":")")
                         .append(arguments)
                         .append("\"}}}"));
    };
    const std::string end = data_event(R"({"type":"tool-call-end","index":0})");
    EXPECT_EQ(
        between(call("a", "") +
                    delta("tool-call-delta", R"({"tool_calls":{"function":{"arguments":"{\"k\":"}}})") +
                    delta("tool-call-delta", R"({"tool_calls":{"function":{"arguments":"1}"}}})") + end +
                    call("", R"({\"l\":2})") + end + call("c", "") + end,
                "\"tool_calls\""),
        call_chunk(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})") +
            call_chunk(R"({"index":0,"function":{"arguments":"{\"k\":"}})") +
            call_chunk(R"({"index":0,"function":{"arguments":"1}"}})") +
            call_chunk(
                R"({"index":1,"id":"call_u0001","type":"function","function":{"name":"f","arguments":""}})") +
            call_chunk(R"({"index":1,"function":{"arguments":"{\"l\":2}"}})") +
            call_chunk(R"({"index":2,"id":"c","type":"function","function":{"name":"f","arguments":""}})") +
            call_chunk(R"({"index":2,"function":{"arguments":"{}"}})"));
}

TEST(cohere_stream, what_is_unknown_is_passed_over) {
    EXPECT_EQ(between(": comment\n\n" + data_event("") +
                      delta("citation-start", R"({"citations":{"start":0,"text":"x"}})") +
                      data_event(R"({"type":"debug","prompt":"secret"})") +
                      delta("content-delta", R"({"content":[{"text":"x"}]})") +
                      delta("content-delta", R"({"content":{"text":7}})") +
                      data_event(R"({"type":"content-delta","delta":[]})") + data_event("{}")),
              "");
}

TEST(cohere_stream, reasons_are_named_in_openais_way) {
    for (const auto& [theirs, ours] : {std::pair{"COMPLETE", "stop"},
                                       std::pair{"STOP_SEQUENCE", "stop"},
                                       std::pair{"MAX_TOKENS", "length"},
                                       std::pair{"TOOL_CALL", "tool_calls"},
                                       std::pair{"ERROR_TOXIC", "content_filter"},
                                       std::pair{"NEW", "stop"}}) {
        EXPECT_EQ(decoded_of(cohere_target(), {start + end_with(theirs)}),
                  role + chunk("{}", std::string("\"") + ours + "\"") + done_event);
    }
}

TEST(cohere_stream, tokens_count_and_not_what_is_billed) {
    const std::string used = R"(,"usage":{"billed_units":{"input_tokens":22,"output_tokens":3},)"
                             R"("tokens":{"input_tokens":24.0,"output_tokens":3},"cached_tokens":16})";
    EXPECT_THAT(decoded_of(cohere_target(), {start + end_with("COMPLETE", used)}, true),
                HasSubstr(R"("choices":[],"usage":{"prompt_tokens":24,"completion_tokens":3,)"
                          R"("total_tokens":27,"prompt_tokens_details":{"cached_tokens":16}}})"));
    EXPECT_THAT(decoded_of(cohere_target(), {start + end_with("COMPLETE", used)}), Not(HasSubstr("usage")));
    EXPECT_THAT(decoded_of(cohere_target(), {start + end_with("COMPLETE", R"(,"usage":null)")}, true),
                HasSubstr(R"("usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})"));
}

TEST(cohere_stream, failures_are_errors_and_never_done) {
    const std::string nested = R"(!{"external_model_provider":"cohere","external_model_error":)";
    for (const std::string& last : {end_with("ERROR"),
                                    end_with("TIMEOUT"),
                                    end_with("COMPLETE", R"(,"error":"lost")"),
                                    data_event(R"({"message":"lost"})"),
                                    data_event(R"({"type":"error","message":"lost"})"),
                                    data_event(R"({"error":{"message":"lost"}})"),
                                    std::string("event: error\ndata: lost\n\n"),
                                    data_event("[1]"),
                                    data_event(R"({"type":"content-delta")"),
                                    data_event("[DONE]"),
                                    std::string()}) {
        const std::string out = decoded_of(cohere_target(), {start + last});
        EXPECT_THAT(out, testing::StartsWith(role + nested)) << last;
        EXPECT_THAT(out, Not(HasSubstr("[DONE]\n"))) << last;
    }
}

TEST(cohere_stream, the_end_is_the_end) {
    const std::string end = end_with("COMPLETE");
    const std::string whole = decoded_of(cohere_target(), {start + end});
    EXPECT_EQ(decoded_of(cohere_target(), {start + end + done_event + "data: {nonsense"}), whole);
    // The last event without its blank line.
    EXPECT_EQ(decoded_of(cohere_target(), {start + end.substr(0, end.size() - 2)}), whole);
    EXPECT_THAT(decoded_of(cohere_target(), {start + end.substr(0, end.size() - 4)}),
                HasSubstr("stream ended early"));
}

TEST(cohere_stream, a_stream_without_a_start_has_an_id_of_ours) {
    EXPECT_EQ(decoded_of(cohere_target(),
                         {delta("content-delta", R"({"content":{"text":"a"}})") + end_with("COMPLETE")}),
              chat_chunk("chatcmpl-u0001", model, R"({"role":"assistant","content":""})", "null") +
                  chat_chunk("chatcmpl-u0001", model, R"({"content":"a"})", "null") +
                  chat_chunk("chatcmpl-u0001", model, "{}", "\"stop\"") + done_event);
}

TEST(cohere_stream, completions_have_texts_only) {
    EXPECT_EQ(
        decoded_of(cohere_target(model, task::completions),
                   {start + delta("content-delta", R"({"content":{"text":"a"}})") + end_with("MAX_TOKENS")}),
        data_event(R"({"id":"c4","object":"text_completion","created":7,"model":"command-a-03-2025",)"
                   R"("choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":null}]})") +
            data_event(R"({"id":"c4","object":"text_completion","created":7,"model":"command-a-03-2025",)"
                       R"("choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"length"}]})") +
            done_event);
}

std::string text_chunk(std::string_view text, std::string_view reason = "null", int index = 0) {
    return data_event(std::string(R"({"id":"cmpl-u0001","object":"text_completion","created":7,)")
                          .append(R"("model":"command","choices":[{"index":)")
                          .append(std::to_string(index))
                          .append(R"(,"text":")")
                          .append(text)
                          .append(R"(","logprobs":null,"finish_reason":)")
                          .append(reason)
                          .append("}]}"));
}

const std::string hi = R"({"text":" Hi","is_finished":false,"event_type":"text-generation"})";
const std::string end_line =
    R"({"is_finished":true,"event_type":"stream-end","finish_reason":"MAX_TOKENS","response":)"
    R"({"id":"g2","prompt":"Say hi","generations":[{"id":"g2a","text":" Hi","finish_reason":"MAX_TOKENS"}],)"
    R"("meta":{"billed_units":{"input_tokens":2,"output_tokens":4}}}})";

TEST(cohere_lines, the_last_line_repeats_the_text_and_counts) {
    const std::string lines = hi + "\n\r\n" + hi + "\r\n" + end_line + "\n";
    const std::string whole = text_chunk(" Hi") + text_chunk(" Hi") + text_chunk("", "\"length\"");
    EXPECT_EQ(decoded_of(generate_target(), {lines}), whole + done_event);
    for (std::size_t at = 0; at <= lines.size(); ++at) {
        ASSERT_EQ(decoded_of(generate_target(),
                             {std::string_view(lines).substr(0, at), std::string_view(lines).substr(at)}),
                  whole + done_event)
            << at;
    }
    EXPECT_THAT(
        decoded_of(generate_target(), {lines}, true),
        HasSubstr(R"("choices":[],"usage":{"prompt_tokens":2,"completion_tokens":4,"total_tokens":6}})"));
    EXPECT_EQ(decoded_of(generate_target(), {lines.substr(0, lines.size() - 1)}), whole + done_event);
    EXPECT_THAT(decoded_of(generate_target(), {lines.substr(0, lines.size() - 2)}),
                EndsWith(R"("external_model_error":"stream ended early"})"));
}

TEST(cohere_lines, a_last_line_without_a_type_has_the_last_piece) {
    EXPECT_EQ(decoded_of(generate_target(),
                         {R"({"text":"a","is_finished":false})"
                          "\n"
                          R"({"text":"b","is_finished":true,"finish_reason":"COMPLETE"})"}),
              text_chunk("a") + text_chunk("b") + text_chunk("", "\"stop\"") + done_event);
}

TEST(cohere_lines, generations_are_told_apart) {
    const target to = generate_target();
    const padded body(R"({"prompt":"p","n":2,"stream":true})");
    unified::call call;
    ASSERT_TRUE(unified::parse(task::completions, body.view(), call));
    const auto decoded_in = [&](std::string_view lines) {
        const auto decoder = to.via->make_decoder(call, to, unit_context());
        const padded bytes(lines);
        std::string out;
        EXPECT_TRUE(decoder->body(bytes.view(), out));
        EXPECT_TRUE(decoder->finished());
        return out;
    };
    EXPECT_EQ(
        decoded_in(R"({"text":"a","index":1,"event_type":"text-generation","is_finished":false})"
                   "\n"
                   R"({"text":"b","index":0,"event_type":"text-generation","is_finished":false})"
                   "\n"
                   R"({"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE","response":)"
                   R"({"generations":[{"finish_reason":"MAX_TOKENS"},{"text":"a"}]}})"
                   "\n"),
        text_chunk("a", "null", 1) + text_chunk("b") + text_chunk("", "\"length\"") +
            text_chunk("", "\"stop\"", 1) + done_event);
    EXPECT_EQ(decoded_in(R"({"text":"a","index":1,"is_finished":true,"finish_reason":"MAX_TOKENS"})"
                         "\n"
                         R"({"text":"b","index":0,"is_finished":true,"finish_reason":"COMPLETE"})"
                         "\n"),
              text_chunk("a", "null", 1) + text_chunk("", "\"length\"", 1) + text_chunk("b") +
                  text_chunk("", "\"stop\"") + done_event);
}

TEST(cohere_lines, failures_are_errors_and_never_done) {
    for (
        const std::string_view last : {
            R"({"event_type":"stream-error","err":"lost","is_finished":true})",
            R"({"is_finished":true,"event_type":"stream-end","finish_reason":"ERROR"})",
            R"({"is_finished":true,"event_type":"stream-end","finish_reason":"ERROR_LIMIT"})",
            R"({"is_finished":true,"event_type":"stream-end","response":{"generations":[{"finish_reason":"ERROR"}]}})",
            R"({"message":"lost"})",
            "data: {}",
            "[]",
            "",
        }) {
        const std::string out = decoded_of(generate_target(), {hi + "\n" + std::string(last) + "\n"});
        EXPECT_THAT(out, testing::StartsWith(text_chunk(" Hi") + R"(!{"external_model_provider":"cohere",)"))
            << last;
    }
    EXPECT_EQ(decoded_of(generate_target(),
                         {R"({"is_finished":true,"event_type":"stream-end","finish_reason":"ERROR_TOXIC"})"}),
              text_chunk("", "\"content_filter\"") + done_event);
}

TEST(cohere_lines, a_line_has_a_limit) {
    const target to = generate_target();
    answer_context context = unit_context();
    context.max_event_bytes = 100;
    unified::call call;
    call.kind = task::completions;
    const auto decoder = to.via->make_decoder(call, to, context);
    std::string out;
    const padded start_of(std::string(60, ' '));
    EXPECT_TRUE(decoder->body(start_of.view(), out));
    const auto read = decoder->body(start_of.view(), out);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::bad_upstream);
    EXPECT_FALSE(decoder->finished());
}

} // namespace
} // namespace sluice::providers::cohere_stream_test
