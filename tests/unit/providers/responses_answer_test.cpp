#include "core/base/base64.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace sluice::providers::responses_answer_test {

namespace {

constexpr std::string_view asked =
    R"({"model":"e","input":"x","instructions":"Be terse.","max_output_tokens":9,"metadata":{"a": "b"},)"
    R"("tools":[{"type":"function","name":"f",)"
    "\n"
    R"("parameters":{}}],"temperature":0.5,"user":"u"})";

constexpr std::string_view echo =
    R"(,"instructions":"Be terse.","max_output_tokens":9,"metadata":{"a":"b"},"parallel_tool_calls":true,"reasoning":{"effort":null,"summary":null},"temperature":0.5,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[{"type":"function","name":"f","parameters":{}}],"top_p":null,"user":"u","background":false,"previous_response_id":null,"store":false,"truncation":"disabled")";

std::string response(std::string_view created,
                     std::string_view status,
                     std::string_view details,
                     std::string_view output,
                     std::string_view usage) {
    std::string out(R"({"id":"resp_s0001","object":"response","created_at":)");
    out.append(created).append(R"(,"status":")").append(status);
    out.append(R"(","error":null,"incomplete_details":)").append(details).append(R"(,"model":"m")");
    out.append(echo).append(R"(,"output":[)").append(output).append(R"(],"usage":)").append(usage);
    return out + "}";
}

constexpr std::string_view no_usage =
    R"({"input_tokens":0,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":0,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":0})";

events_made events(std::string_view stream) {
    return events_of(responses_translator(), asked, stream);
}

// Events with running numbers.
class script {
public:
    script& event(std::string_view type, std::string_view members) {
        text_.append("event: response.").append(type);
        text_.append("\ndata: {\"type\":\"response.").append(type).append(R"(","sequence_number":)");
        text_.append(std::to_string(number_++)).append(",").append(members).append("}\n\n");
        return *this;
    }
    script& whole(std::string_view type, const std::string& of) { return event(type, R"("response":)" + of); }
    script& start() {
        const std::string begun = response("9", "in_progress", "null", "", "null");
        return whole("created", begun).whole("in_progress", begun);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
    int number_ = 0;
};

TEST(responses_answer, every_kind_of_item) {
    EXPECT_EQ(
        answer_of(
            responses_translator(),
            asked,
            R"({"id":"c","created":3,"model":"m","choices":[{"message":{"content":"A\n","refusal":"no","reasoning_content":"t","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}},{"function":{"name":"g"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},"completion_tokens_details":{"reasoning_tokens":3}}})"),
        response(
            "3",
            "completed",
            "null",
            R"({"id":"rs_s0001","type":"reasoning","summary":[{"type":"summary_text","text":"t"}]},)"
            R"({"id":"msg_s0001","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"A\n"},{"type":"refusal","refusal":"no"}]},)"
            R"({"id":"fc_s0001","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\"a\":1}"},)"
            R"({"id":"fc_s0002","type":"function_call","status":"completed","call_id":"call_s0001","name":"g","arguments":"{}"})",
            R"({"input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":107})"));
}

constexpr std::string_view asked_for_thinking = R"({"include":["x","reasoning.encrypted_content"]})";

std::string sealed(std::string_view list) {
    return R"("encrypted_content":"sluice-thinking-1.)" + base64_encode(list) + "\"";
}

TEST(responses_answer, signed_thinking_is_kept_for_who_asks) {
    const std::string list =
        R"({"type":"thinking","thinking":"t\n","signature":"a\/b"},{"type":"redacted_thinking","data":"d"})";
    const auto answered =
        [&](std::string_view request, std::string_view reasoning, const std::string& blocks) {
            return answer_of(responses_translator(),
                             request,
                             std::string(R"({"choices":[{"message":{)")
                                 .append(reasoning)
                                 .append(R"("content":null,"thinking_blocks":[)")
                                 .append(blocks)
                                 .append(R"(]},"finish_reason":"stop"}]})"));
        };
    constexpr std::string_view t = R"("reasoning_content":"t\n",)";
    EXPECT_THAT(
        answered(asked_for_thinking, t, list),
        testing::HasSubstr(
            R"("output":[{"id":"rs_s0001","type":"reasoning","summary":[{"type":"summary_text","text":"t\n"}],)" +
            sealed(list) + "}]"));
    EXPECT_THAT(answered(asked_for_thinking, "", list),
                testing::HasSubstr(R"("summary":[],)" + sealed(list) + "}]"));
    EXPECT_THAT(answered(asked_for_thinking, t, ""), testing::HasSubstr(R"("}],"encrypted_content":null}])"));
    EXPECT_THAT(answered("{}", t, list), testing::Not(testing::HasSubstr("encrypted_content")));
    EXPECT_THAT(answered("{}", "", list), testing::HasSubstr(R"("output":[])"));
}

TEST(responses_events, signed_thinking_is_kept_for_who_asks) {
    const std::string stream =
        chunk_of(
            R"({"reasoning_content":"t","thinking_blocks":[{"index":0,"type":"thinking","thinking":"t"}]})") +
        chunk_of(
            R"({"reasoning_content":"\n","thinking_blocks":[{"index":0,"type":"thinking","thinking":"\n"}]})") +
        chunk_of(R"({"thinking_blocks":[{"index":0,"type":"thinking","thinking":"","signature":"a\/b"}]})") +
        chunk_of(R"({"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"d"}]})") +
        chunk_of(
            R"({"reasoning_content":"u","thinking_blocks":[{"index":2,"type":"thinking","thinking":"u"}]})") +
        chunk_of(R"({"thinking_blocks":[{"index":2,"type":"thinking","thinking":"","signature":"s"}]})") +
        chunk_of(R"({"content":"x"})") + chunk_of("{}", R"("stop")") + std::string(done);
    const std::string item =
        R"("item":{"id":"rs_s0001","type":"reasoning","summary":[{"type":"summary_text","text":"t\nu"}],)" +
        sealed(
            R"({"type":"thinking","thinking":"t\n","signature":"a\/b"},{"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"u","signature":"s"})") +
        "}";
    const std::string out = events_of(responses_translator(), asked_for_thinking, stream).out;
    EXPECT_THAT(out, testing::HasSubstr(R"("type":"response.output_item.done",)"));
    EXPECT_THAT(out, testing::HasSubstr(item + "}\n\n"));
    EXPECT_THAT(events(stream).out, testing::Not(testing::HasSubstr("encrypted_content")));
}

TEST(responses_answer, how_it_ends) {
    EXPECT_EQ(answer_of(responses_translator(),
                        asked,
                        R"({"model":"m","choices":[{"message":{"content":null},"finish_reason":"length"}]})"),
              response("7", "incomplete", R"({"reason":"max_output_tokens"})", "", no_usage));
    EXPECT_EQ(answer_of(responses_translator(),
                        asked,
                        R"({"model":"m","choices":[{"message":{},"finish_reason":"content_filter"}]})"),
              response("7", "incomplete", R"({"reason":"content_filter"})", "", no_usage));
    EXPECT_TRUE(answer_of(responses_translator(), asked, R"({"choices":[]})").starts_with("!"));
    // A request that cannot be read is never asked about; nothing breaks all the same.
    EXPECT_NE(answer_of(responses_translator(), "x", R"({"choices":[{"message":{},"finish_reason":"stop"}]})")
                  .find(R"("tool_choice":"auto","tools":[])"),
              std::string::npos);
}

TEST(responses_events, reasoning_and_text) {
    const std::string stream = chunk_of(R"({"role":"assistant","content":""})") +
                               chunk_of(R"({"reasoning_content":"t"})") + chunk_of(R"({"content":"Ju"})") +
                               chunk_of(R"({"content":"p\n"})") + chunk_of("{}", R"("stop")") +
                               std::string(done);
    const std::string reasoning =
        R"({"id":"rs_s0001","type":"reasoning","summary":[{"type":"summary_text","text":"t"}]})";
    const std::string message =
        R"({"id":"msg_s0001","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Jup\n"}]})";
    const std::string of_0 = R"("item_id":"rs_s0001","output_index":0,"summary_index":0,)";
    const std::string of_1 = R"("item_id":"msg_s0001","output_index":1,"content_index":0,)";
    script expected;
    expected.start()
        .event("output_item.added",
               R"("output_index":0,"item":{"id":"rs_s0001","type":"reasoning","summary":[]})")
        .event("reasoning_summary_part.added", of_0 + R"("part":{"type":"summary_text","text":""})")
        .event("reasoning_summary_text.delta", of_0 + R"("delta":"t")")
        .event("reasoning_summary_text.done", of_0 + R"("text":"t")")
        .event("reasoning_summary_part.done", of_0 + R"("part":{"type":"summary_text","text":"t"})")
        .event("output_item.done", R"("output_index":0,"item":)" + reasoning)
        .event(
            "output_item.added",
            R"("output_index":1,"item":{"id":"msg_s0001","type":"message","status":"in_progress","role":"assistant","content":[]})")
        .event("content_part.added",
               of_1 + R"("part":{"type":"output_text","annotations":[],"logprobs":[],"text":""})")
        .event("output_text.delta", of_1 + R"("logprobs":[],"delta":"Ju")")
        .event("output_text.delta", of_1 + R"("logprobs":[],"delta":"p\n")")
        .event("output_text.done", of_1 + R"("logprobs":[],"text":"Jup\n")")
        .event("content_part.done",
               of_1 + R"("part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Jup\n"})")
        .event("output_item.done", R"("output_index":1,"item":)" + message)
        .whole("completed", response("9", "completed", "null", reasoning + "," + message, no_usage));
    EXPECT_EQ(events(stream).out, expected.text());
}

TEST(responses_events, calls_and_an_end_for_want_of_tokens) {
    const std::string stream =
        chunk_of(R"({"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":""}}]})") +
        chunk_of(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})") +
        chunk_of(R"({"tool_calls":[{"index":1,"function":{"name":"g","arguments":"{\"a"}}]})") +
        chunk_of("{}", R"("length")") + std::string(done);
    const std::string first =
        R"({"id":"fc_s0001","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{}"})";
    const std::string second =
        R"({"id":"fc_s0002","type":"function_call","status":"incomplete","call_id":"call_s0001","name":"g","arguments":"{\"a"})";
    const std::string of_0 = R"("item_id":"fc_s0001","output_index":0,)";
    const std::string of_1 = R"("item_id":"fc_s0002","output_index":1,)";
    script expected;
    expected.start()
        .event(
            "output_item.added",
            R"("output_index":0,"item":{"id":"fc_s0001","type":"function_call","status":"in_progress","call_id":"c1","name":"f","arguments":""})")
        .event("function_call_arguments.delta", of_0 + R"("delta":"{}")")
        .event("function_call_arguments.done", of_0 + R"("name":"f","arguments":"{}")")
        .event("output_item.done", R"("output_index":0,"item":)" + first)
        .event(
            "output_item.added",
            R"("output_index":1,"item":{"id":"fc_s0002","type":"function_call","status":"in_progress","call_id":"call_s0001","name":"g","arguments":""})")
        .event("function_call_arguments.delta", of_1 + R"("delta":"{\"a")")
        .event("function_call_arguments.done", of_1 + R"("name":"g","arguments":"{\"a")")
        .event("output_item.done", R"("output_index":1,"item":)" + second)
        .whole(
            "incomplete",
            response("9", "incomplete", R"({"reason":"max_output_tokens"})", first + "," + second, no_usage));
    EXPECT_EQ(events(stream).out, expected.text());
}

TEST(responses_events, what_cannot_be_told) {
    const std::string call_0 = chunk_of(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]})");
    const std::string call_1 = chunk_of(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g"}}]})");
    const std::string more_0 = chunk_of(R"({"tool_calls":[{"index":0,"function":{"arguments":"{"}}]})");
    const std::string text = chunk_of(R"({"content":"x"})");
    const std::vector<std::string> table = {
        call_0 + call_1 + text + more_0,
        more_0,
        text + std::string(done),
        std::string(done),
        "data: {\"error\":{\"message\":\"m\"}}\n\n",
        "data: {",
    };
    for (const std::string& each : table) {
        const events_made made = events(each);
        EXPECT_FALSE(made.failure.empty()) << each;
        EXPECT_EQ(made.out.find("response.completed"), std::string::npos) << each;
    }
}

TEST(responses_events, what_the_last_event_repeats_has_a_bound) {
    answer_context context = dialect_context();
    context.max_event_bytes = 8;
    const auto translation = responses_translator().make_events(padded("{}").view(), context);
    std::string out;
    const padded some(chunk_of(R"({"content":"1234567"})"));
    EXPECT_TRUE(translation->chunks(some.view(), out).has_value());
    const padded more(chunk_of(R"({"content":"8"})"));
    EXPECT_FALSE(translation->chunks(more.view(), out).has_value());
}

TEST(responses_events, a_refusal_is_a_message) {
    const events_made made =
        events(chunk_of(R"({"refusal":"no"})") + chunk_of("{}", R"("stop")") + std::string(done));
    EXPECT_NE(made.out.find(R"("type":"response.refusal.delta")"), std::string::npos);
    EXPECT_NE(made.out.find(R"("content":[{"type":"refusal","refusal":"no"}])"), std::string::npos);
    EXPECT_EQ(made.failure, "");
}

} // namespace
} // namespace sluice::providers::responses_answer_test
