#include "providers/gemini.hpp"
#include "providers/sentence.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gmock/gmock.h>

#include <tuple>
#include <utility>

namespace sluice::providers::gemini_stream_test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string event(std::string_view data) {
    return sentence({"data: ", data, "\r\n\r\n"});
}

// An event with one candidate; `more` are members of it.
std::string said(std::string_view parts, std::string_view more = "") {
    return event(sentence({R"({"candidates":[{"content":{"role":"model","parts":[)",
                           parts,
                           "]}",
                           more,
                           R"(}],"responseId":"r","modelVersion":"g"})"}));
}

const std::string stop = said("", R"(,"finishReason":"STOP")");
const std::string done = "data: [DONE]\n\n";

std::string chunk(std::string_view delta, std::string_view reason = "null", std::string_view index = "0") {
    return sentence(
        {R"(data: {"id":"r","object":"chat.completion.chunk","created":7,"model":"g","choices":[)",
         R"({"index":)",
         index,
         R"(,"delta":)",
         delta,
         R"(,"finish_reason":)",
         reason,
         "}]}\n\n"});
}

std::string role(std::string_view index = "0") {
    return chunk(R"({"role":"assistant","content":""})", "null", index);
}

// What the events before a STOP become.
std::string before_stop(const std::string& events, std::string_view reason = "\"stop\"") {
    const std::string out = vertex_decoded({events + stop});
    const std::string rest = chunk("{}", reason) + done;
    if (!out.starts_with(role()) || !out.ends_with(rest)) return out;
    return out.substr(role().size(), out.size() - role().size() - rest.size());
}

std::string call(int index, std::string_view id, std::string_view arguments) {
    return chunk(sentence({R"({"tool_calls":[{"index":)",
                           std::to_string(index),
                           R"(,"id":")",
                           id,
                           R"(","type":"function","function":{"name":"f","arguments":")",
                           arguments,
                           R"("}}]})"}));
}

TEST(gemini_stream, texts_keep_their_escapes_and_thoughts_are_reasoning) {
    EXPECT_EQ(before_stop(said(R"({"text":"a\n\"\\"})")), chunk(R"({"content":"a\n\"\\"})"));
    EXPECT_EQ(before_stop(said(R"({"text":"\ud83d"})")), chunk("{\"content\":\"\xEF\xBF\xBD\"}"));
    EXPECT_EQ(before_stop(said(R"({"thought":true,"text":"t"},{"text":"u","thought":false})")),
              chunk(R"({"reasoning_content":"t"})") + chunk(R"({"content":"u"})"));
    EXPECT_EQ(before_stop(said(R"({"text":""},{},{"text":7},{"executableCode":{"code":"x"}},7,null)")), "");
}

TEST(gemini_stream, calls_come_whole_and_end_in_tool_calls) {
    const std::string_view reason = "\"tool_calls\"";
    EXPECT_EQ(before_stop(said(R"({"functionCall":{"name":"f","args":{ "a" : 1.0 }}})") +
                              said(R"({"functionCall":{"name":"f"}},{"functionCall":{"args":{}}})"),
                          reason),
              call(0, "call_u0001", R"({\"a\":1.0})") + call(1, "call_u0002", "{}"));
    EXPECT_EQ(
        before_stop(
            said(R"({"thoughtSignature":"c2ln+/==","functionCall":{"args":{"a":"\""},"id":"i","name":"f"}})"),
            reason),
        call(0, "i__thought__c2ln+/==", R"({\"a\":\"\\\"\"})"));
    EXPECT_EQ(before_stop(said(R"({"functionCall":{"name":"f"},"thoughtSignature":"eA=="})"), reason),
              call(0, "call_u0001__thought__eA==", "{}"));
}

TEST(gemini_stream, a_reason_that_every_event_has_ends_nothing_early) {
    EXPECT_EQ(before_stop(said(R"({"text":"a"})", R"(,"finishReason":"STOP")") +
                              said(R"({"functionCall":{"name":"f"}})", R"(,"finishReason":"STOP")"),
                          "\"tool_calls\""),
              chunk(R"({"content":"a"})") + call(0, "call_u0001", "{}"));
}

TEST(gemini_stream, reasons_are_named_in_openais_way) {
    for (const auto& [theirs, ours] : {std::pair{"FINISH_REASON_UNSPECIFIED", "stop"},
                                       std::pair{"MALFORMED_FUNCTION_CALL", "stop"},
                                       std::pair{"UNEXPECTED_TOOL_CALL", "stop"},
                                       std::pair{"TOO_MANY_TOOL_CALLS", "stop"},
                                       std::pair{"MISSING_THOUGHT_SIGNATURE", "stop"},
                                       std::pair{"MALFORMED_RESPONSE", "stop"},
                                       std::pair{"SOMETHING_NEW", "stop"},
                                       std::pair{"MAX_TOKENS", "length"},
                                       std::pair{"SAFETY", "content_filter"},
                                       std::pair{"RECITATION", "content_filter"},
                                       std::pair{"LANGUAGE", "content_filter"},
                                       std::pair{"BLOCKLIST", "content_filter"},
                                       std::pair{"PROHIBITED_CONTENT", "content_filter"},
                                       std::pair{"SPII", "content_filter"},
                                       std::pair{"MODEL_ARMOR", "content_filter"},
                                       std::pair{"IMAGE_SAFETY", "content_filter"},
                                       std::pair{"OTHER", "content_filter"}}) {
        EXPECT_EQ(vertex_decoded({said("", sentence({R"(,"finishReason":")", theirs, "\""}))}),
                  role() + chunk("{}", sentence({"\"", ours, "\""})) + done)
            << theirs;
    }
}

TEST(gemini_stream, candidates_are_told_apart_and_all_must_end) {
    const std::string both = event(
        R"({"responseId":"r","modelVersion":"g","candidates":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"index":1}]})");
    const std::string first_ends = event(R"({"candidates":[{"finishReason":"STOP"}]})");
    const std::string second_ends = event(R"({"candidates":[{"index":1,"finishReason":"MAX_TOKENS"}]})");
    const std::string contents =
        role() + chunk(R"({"content":"a"})") + role("1") + chunk(R"({"content":"b"})", "null", "1");
    EXPECT_EQ(vertex_decoded({both + second_ends + first_ends}),
              contents + chunk("{}", "\"stop\"") + chunk("{}", "\"length\"", "1") + done);
    EXPECT_THAT(vertex_decoded({both + first_ends}), StartsWith(contents + "!"));
}

TEST(gemini_stream, a_blocked_prompt_is_one_empty_choice) {
    EXPECT_EQ(vertex_decoded({event(
                  R"({"promptFeedback":{"blockReason":"SAFETY"},"responseId":"r","modelVersion":"g"})")}),
              role() + chunk("{}", "\"content_filter\"") + done);
    EXPECT_THAT(vertex_decoded({event(R"({"promptFeedback":{"safetyRatings":[]}})")}),
                HasSubstr("stream ended early"));
    EXPECT_THAT(
        vertex_decoded({said(R"({"text":"a"})") + event(R"({"promptFeedback":{"blockReason":"X"}})")}),
        EndsWith(chunk("{}", "\"content_filter\"") + done));
}

TEST(gemini_stream, the_last_counts_count_and_thoughts_are_counted_once) {
    using row = std::tuple<std::string_view, std::string_view>;
    for (
        const auto& [metadata, usage] :
        {row{R"({"promptTokenCount":5,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":10,"cachedContentTokenCount":4})",
             R"({"prompt_tokens":5,"completion_tokens":5,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}})"},
         row{R"({"promptTokenCount":5,"candidatesTokenCount":5,"thoughtsTokenCount":3,"totalTokenCount":10})",
             R"({"prompt_tokens":5,"completion_tokens":5,"total_tokens":10,"completion_tokens_details":{"reasoning_tokens":3}})"},
         row{R"({"promptTokenCount":5,"toolUsePromptTokenCount":7,"candidatesTokenCount":2.0,"totalTokenCount":14})",
             R"({"prompt_tokens":12,"completion_tokens":2,"total_tokens":14})"},
         row{R"({"promptTokenCount":5,"thoughtsTokenCount":3,"totalTokenCount":8})",
             R"({"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"completion_tokens_details":{"reasoning_tokens":3}})"},
         row{R"({"promptTokenCount":5,"candidatesTokenCount":2})",
             R"({"prompt_tokens":5,"completion_tokens":2,"total_tokens":7})"},
         row{R"({"promptTokenCount":-5,"candidatesTokenCount":9223372036854775807,"thoughtsTokenCount":9223372036854775807})",
             R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})"},
         row{R"({"trafficType":"ON_DEMAND","promptTokenCount":null})",
             R"({"prompt_tokens":1,"completion_tokens":1,"total_tokens":2})"}}) {
        const std::string first =
            event(R"({"responseId":"r","usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}})");
        const std::string last =
            event(sentence({R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":)", metadata, "}"}));
        EXPECT_THAT(vertex_decoded({first + last}, true),
                    EndsWith(sentence({R"("choices":[],"usage":)", usage, "}\n\ndata: [DONE]\n\n"})))
            << metadata;
    }
}

TEST(gemini_stream, an_event_without_id_or_model_gets_ours) {
    EXPECT_THAT(
        vertex_decoded({event(R"({"candidates":[{"finishReason":"STOP"}]})")}),
        StartsWith(
            R"(data: {"id":"chatcmpl-u0001","object":"chat.completion.chunk","created":7,"model":"gemini-2.5-flash")"));
}

TEST(gemini_stream, an_error_ends_it_however_it_is_wrapped) {
    const std::string_view error = R"({"error":{"code":503,"message":"m","status":"UNAVAILABLE"}})";
    for (const std::string& wrapped : {std::string(error), sentence({"[", error, "]"})}) {
        const std::string out = vertex_decoded({said(R"({"text":"a"})") + event(wrapped) + stop});
        EXPECT_THAT(out, StartsWith(role() + chunk(R"({"content":"a"})") + "!"));
        EXPECT_THAT(out, EndsWith(sentence({R"("external_model_error":)", wrapped, "}"})));
    }
    EXPECT_THAT(vertex_decoded({"event: error\ndata: {\"x\":1}\n\n" + stop}), StartsWith("!"));
    EXPECT_EQ(vertex_decoded({event(R"({"error":null})") + stop}), vertex_decoded({event("{}") + stop}));
}

TEST(gemini_stream, what_is_cut_or_no_stream_is_never_complete) {
    for (const std::string& upstream : {std::string(),
                                        event("{}"),
                                        said(R"({"text":"a"})"),
                                        said(R"({"text":"a"})") + done,
                                        // The last event is cut inside its JSON.
                                        said(R"({"text":"a"})") + stop.substr(0, stop.size() - 8),
                                        // Asked without alt=sse.
                                        std::string("[{\"candidates\":[{\"finishReason\":\"STOP\"}]}\n]")}) {
        EXPECT_THAT(vertex_decoded({upstream}), HasSubstr("stream ended early")) << upstream;
        EXPECT_THAT(vertex_decoded({upstream}), testing::Not(EndsWith(done)));
    }
    // Whole, but for the blank line.
    EXPECT_THAT(vertex_decoded({stop.substr(0, stop.size() - 4)}), EndsWith(done));
    for (const std::string_view bad : {"{", "7", "{\"a\":tru}", "\xFF", "{} {}"})
        EXPECT_THAT(vertex_decoded({event(bad) + stop}), HasSubstr("is not a JSON object")) << bad;
}

TEST(gemini_stream, hostile_events_are_bounded) {
    std::string parts = R"({"text":"a"})";
    for (int i = 0; i < 5000; ++i)
        parts += R"(,{"text":"a"})";
    EXPECT_THAT(vertex_decoded({said(parts)}), StartsWith("!"));
    std::string candidates = "{}";
    for (int i = 0; i < 200; ++i)
        candidates += ",{}";
    EXPECT_THAT(vertex_decoded({event(sentence({R"({"candidates":[)", candidates, "]}"}))}), StartsWith("!"));
    for (const std::string_view index : {"-1", "99999999999", "1e300", "\"1\"", "0.5", "null"}) {
        EXPECT_EQ(vertex_decoded(
                      {said(R"({"text":"a"})", sentence({R"(,"finishReason":"STOP","index":)", index}))}),
                  role() + chunk(R"({"content":"a"})") + chunk("{}", "\"stop\"") + done)
            << index;
    }
    EXPECT_EQ(
        vertex_decoded({event(
            R"({"responseId":"r","modelVersion":"g","candidates":[{"content":{"parts":[{"text":"x"}]}}],"candidates":[{"content":{"parts":[{"text":"y"}],"parts":[{"text":"z"}]},"finishReason":"STOP"}]})")}),
        role() + chunk(R"({"content":"z"})") + chunk("{}", "\"stop\"") + done)
        << "the last one counts";
}

TEST(gemini_stream, completions_have_texts_only) {
    const std::string out = vertex_decoded(
        {said(R"({"text":"t","thought":true},{"text":"a"},{"functionCall":{"name":"f"}})") + stop},
        false,
        vertex_target(gemini_2_5, task::completions));
    const std::string_view front =
        R"(data: {"id":"r","object":"text_completion","created":7,"model":"g","choices":[{"index":0,"text":)";
    EXPECT_EQ(out,
              sentence({front,
                        R"("a","logprobs":null,"finish_reason":null}]})",
                        "\n\n",
                        front,
                        R"("","logprobs":null,"finish_reason":"stop"}]})",
                        "\n\ndata: [DONE]\n\n"}));
}

TEST(gemini_answer, texts_are_joined_and_candidates_stand_by_their_index) {
    EXPECT_EQ(
        vertex_answered(
            R"({"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS"},{"content":{"parts":[{"text":"t","thought":true},{"text":"a"},{"codeExecutionResult":{}},{"text":"c"}]},"finishReason":"STOP","index":0}]})"),
        R"({"id":"chatcmpl-u0001","object":"chat.completion","created":7,"model":"gemini-2.5-flash","choices":[{"index":0,"message":{"role":"assistant","content":"ac","reasoning_content":"t"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"length"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})");
}

TEST(gemini_answer, a_candidate_without_content_is_an_empty_choice) {
    EXPECT_THAT(
        vertex_answered(R"({"candidates":[{"finishReason":"SAFETY"}]})"),
        HasSubstr(R"("message":{"role":"assistant","content":null},"finish_reason":"content_filter")"));
}

TEST(gemini_answer, calls_have_ids_and_signatures) {
    EXPECT_THAT(
        vertex_answered(
            R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{ "b":1.0, "a":[ ] }}},{"functionCall":{"name":"g","id":"i"},"thoughtSignature":"eA=="},{"functionCall":{}}]},"finishReason":"STOP"}]})"),
        HasSubstr(
            R"("tool_calls":[{"id":"call_u0001","type":"function","function":{"name":"f","arguments":"{\"b\":1.0,\"a\":[]}"}},{"id":"i__thought__eA==","type":"function","function":{"name":"g","arguments":"{}"}}]},"finish_reason":"tool_calls")"));
}

TEST(gemini_answer, what_is_no_answer_is_an_error_of_the_upstream) {
    for (const std::string_view body : {"",
                                        "{}",
                                        "[]",
                                        "<html>",
                                        R"({"candidates":[]})",
                                        R"({"candidates":7})",
                                        R"({"candidates":[7]})",
                                        R"({"candidates":[{"finishReason":"STOP"}]} x)",
                                        R"({"promptFeedback":{}})",
                                        R"([{"candidates":[{"finishReason":"STOP"}]}])",
                                        R"({"error":{"code":500,"message":"m"}})"}) {
        EXPECT_THAT(vertex_answered(body), StartsWith("!{\"external_model_provider\":")) << body;
    }
}

TEST(gemini_embeddings, vectors_are_copied_and_tokens_added) {
    const target to = vertex_target("text-embedding-005", task::embeddings);
    const std::string_view two =
        R"({"predictions":[{"embeddings":{"statistics":{"token_count":3.0,"truncated":false},"values":[ 1.0,-2e-3]}},{"embeddings":{"values":[0.5, 1],"statistics":{"token_count":4}}}],"metadata":{"billableCharacterCount":9}})";
    EXPECT_EQ(
        vertex_answered(two, to, R"({"input":["a","b"]})"),
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[ 1.0,-2e-3]},{"object":"embedding","index":1,"embedding":[0.5, 1]}],"model":"text-embedding-005","usage":{"prompt_tokens":7,"total_tokens":7}})");
    const std::string one = vertex_answered(R"({"predictions":[{"embeddings":{"values":[1.0]}}]})",
                                            to,
                                            R"({"input":"a","encoding_format":"base64"})");
    EXPECT_THAT(one, HasSubstr(R"("embedding":"AACAPw==")"));
    EXPECT_THAT(one, HasSubstr(R"("usage":{"prompt_tokens":0,"total_tokens":0})"));
}

TEST(gemini_embeddings, as_many_vectors_come_as_texts_went) {
    const target to = vertex_target("text-embedding-005", task::embeddings);
    for (const std::string_view body :
         {"",
          "[]",
          "{}",
          R"({"predictions":[]})",
          R"({"predictions":[7]})",
          R"({"predictions":[{}]})",
          R"({"predictions":[{"embeddings":{"values":["a"]}}]})",
          R"({"predictions":[{"embeddings":{"values":[[1]]}}]})",
          R"({"predictions":[{"embeddings":{"values":[1]}},{"embeddings":{"values":[1]}}]})",
          R"({"error":{"code":429}})"}) {
        EXPECT_THAT(vertex_answered(body, to, R"({"input":["a"]})"), StartsWith("!")) << body;
    }
}

TEST(gemini_embeddings, embed_content_gives_one) {
    const target to = vertex_target("gemini-embedding-2", task::embeddings);
    EXPECT_EQ(
        vertex_answered(R"({"embedding":{"values":[1,2]},"usageMetadata":{"promptTokenCount":6}})",
                        to,
                        R"({"input":"a"})"),
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,2]}],"model":"gemini-embedding-2","usage":{"prompt_tokens":6,"total_tokens":6}})");
    EXPECT_THAT(vertex_answered(R"({"embedding":{}})", to, R"({"input":"a"})"), StartsWith("!"));
}

} // namespace
} // namespace sluice::providers::gemini_stream_test
