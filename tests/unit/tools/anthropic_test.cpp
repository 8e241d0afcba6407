#include "tools/provider/anthropic.hpp"
#include "tools/provider/service.hpp"
#include "tools/provider/thinking.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim::anthropic::anthropic_test {
namespace {

constexpr std::string_view hello =
    R"({"model":"claude-sonnet-4-5","max_tokens":50,"messages":[{"role":"user","content":"ping"}]})";

std::string with(std::string_view members) {
    return std::string(hello.substr(0, hello.size() - 1)).append(",").append(members).append("}");
}

// The sentence of the refusal, or "".
std::string refusal(std::string_view body) {
    const auto read = read_call("application/json", body, "2023-06-01");
    if (read) return "";
    EXPECT_EQ(read.error().status, 400);
    return read.error().message;
}

std::string messages(std::string_view list) {
    return refusal(std::string(R"({"model":"m","max_tokens":5,"messages":)").append(list).append("}"));
}

TEST(anthropic_call, what_the_api_needs_is_asked_for) {
    EXPECT_EQ(refusal(hello), "");
    EXPECT_EQ(refusal("[]"), "The request body is not valid JSON");
    EXPECT_EQ(refusal(R"({"max_tokens":5,"messages":[]})"), "model: Field required");
    EXPECT_EQ(refusal(R"({"model":"m","messages":[]})"), "max_tokens: Field required");
    EXPECT_EQ(refusal(R"({"model":"m","max_tokens":5})"), "messages: Field required");
    EXPECT_EQ(messages("[]"), "messages: at least one message is required");
    EXPECT_EQ(refusal(with(R"("seed":1)")), "seed: Extra inputs are not permitted");
    EXPECT_EQ(refusal(with(R"("temperature":1.5)")), "temperature: range: 0..1");
    EXPECT_NE(refusal(with(R"("stop_sequences":[" "])")), "");
    EXPECT_NE(refusal(with(R"("tools":[{"name":"f"}])")), "");
    EXPECT_NE(refusal(with(R"("tool_choice":{"type":"any"})")), "");
    EXPECT_NE(refusal(with(R"("thinking":{"type":"enabled","budget_tokens":1024})")), "");
}

TEST(anthropic_call, messages_are_checked) {
    for (
        const std::string_view list :
        {R"([{"role":"system","content":"x"}])",
         R"([{"role":"user","content":""}])",
         R"([{"role":"user","content":"x","name":"n"}])",
         R"([{"role":"user","content":[{"type":"text","text":""}]}])",
         R"([{"role":"user","content":[{"type":"image_url"}]}])",
         R"([{"role":"user","content":"x"},{"role":"assistant","content":"y "}])",
         R"([{"role":"assistant","content":[{"type":"tool_use","id":"a:1","name":"f","input":{}}]}])",
         R"([{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}])",
         R"([{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":"x"}])",
         R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"x"}]}])"}) {
        EXPECT_NE(messages(list), "") << list;
    }
}

// `blocks` answer a call; its result comes back.
std::string after_a_call(std::string_view blocks, std::string_view members) {
    return refusal(
        std::string(R"({"model":"m","max_tokens":4000,"messages":[{"role":"user","content":"x"},)")
            .append(R"({"role":"assistant","content":[)")
            .append(blocks)
            .append(R"({"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[)")
            .append(R"({"type":"tool_result","tool_use_id":"a","content":"r"}]}])")
            .append(members)
            .append("}"));
}

TEST(anthropic_call, thinking_is_known_by_its_signature) {
    constexpr std::string_view on = R"(,"thinking":{"type":"enabled","budget_tokens":1024})";
    const std::string own =
        R"({"type":"thinking","thinking":"t","signature":")" + thinking::signature_of("t") + R"("},)";
    const std::string hidden =
        R"({"type":"redacted_thinking","data":")" + thinking::redacted_of({}) + R"("},)";
    EXPECT_EQ(after_a_call(own, on), "");
    EXPECT_EQ(after_a_call(hidden, on), "");
    EXPECT_EQ(after_a_call(own + hidden, ""), "");
    EXPECT_EQ(after_a_call("", ""), "");
    EXPECT_EQ(after_a_call("", R"(,"thinking":{"type":"adaptive"})"), "");
    EXPECT_NE(after_a_call("", on), "");
    EXPECT_NE(after_a_call(R"({"type":"text","text":"x"},)" + own, on), "");
    for (const std::string_view forged : {R"({"type":"thinking","thinking":"u","signature":"x"},)",
                                          R"({"type":"thinking","thinking":"t","signature":""},)",
                                          R"({"type":"thinking","thinking":"t"},)",
                                          R"({"type":"redacted_thinking","data":"cmVk"},)"})
        EXPECT_NE(after_a_call(forged, on), "") << forged;
}

// The requests that the gateway must send are good ones.
TEST(anthropic_call, the_golden_requests_pass) {
    int seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator(SLUICE_TEST_DATA "/golden/anthropic")) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with("request.upstream.json")) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        const boost::json::value golden = boost::json::parse(text);
        if (golden.at("url").as_string().ends_with("/v1/complete")) continue;
        EXPECT_EQ(refusal(boost::json::serialize(golden.at("body"))), "") << name;
        ++seen;
    }
    EXPECT_GE(seen, 7);
}

std::string
answer_to(std::string_view body, std::vector<header_field> more, std::string_view path = "/v1/messages") {
    std::vector<header_field> fields{{"Content-Type", "application/json"}};
    fields.insert(fields.end(), more.begin(), more.end());
    http_request request;
    request.method = "POST";
    request.target = path;
    request.fields = fields;
    request.body = body;
    stats counters;
    script s = respond(request, access{.api_key = "key"}, 0, counters);
    std::string out;
    for (int steps = 0; steps < 10'000; ++steps) {
        const step now = s.next(out);
        if (now.what != action::more && now.what != action::wait) break;
    }
    return out;
}

const std::vector<header_field> good_fields = {{"x-api-key", "key"}, {"anthropic-version", "2023-06-01"}};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(anthropic_service, who_thinks_says_it_before_the_answer) {
    constexpr std::string_view asks =
        R"({"model":"m","max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":1024},"messages":[{"role":"user","content":"ping"}])";
    const std::string whole = answer_to(std::string(asks) + "}", good_fields);
    EXPECT_TRUE(has(whole, R"("content":[{"type":"thinking","thinking":"Let me see.)"));
    EXPECT_TRUE(has(whole, R"(},{"type":"redacted_thinking","data":")"));
    EXPECT_TRUE(has(whole, R"(},{"type":"text","text":")"));
    const std::string stream = answer_to(std::string(asks) + R"(,"stream":true})", good_fields);
    EXPECT_TRUE(has(stream, R"("index":0,"delta":{"type":"signature_delta","signature":")"));
    EXPECT_TRUE(has(stream, R"("index":1,"content_block":{"type":"redacted_thinking","data":")"));
    EXPECT_TRUE(has(stream, R"("index":2,"delta":{"type":"text_delta")"));
    EXPECT_FALSE(has(answer_to(hello, good_fields), "thinking"));
}

TEST(anthropic_service, the_fields_of_the_api_are_needed) {
    EXPECT_TRUE(
        has(answer_to(hello, {{"anthropic-version", "2023-06-01"}}), R"("type":"authentication_error")"));
    EXPECT_TRUE(has(answer_to(hello, {{"x-api-key", "other"}, {"anthropic-version", "2023-06-01"}}),
                    R"("message":"invalid x-api-key")"));
    EXPECT_TRUE(has(answer_to(hello, {{"x-api-key", "key"}}), "anthropic-version: header is required"));
    EXPECT_TRUE(has(answer_to(hello, {{"x-api-key", "key"}, {"anthropic-version", "2020-01-01"}}),
                    "HTTP/1.1 400 Bad Request"));
    const std::string refused = answer_to("{}", good_fields);
    EXPECT_TRUE(has(
        refused,
        R"({"type":"error","error":{"type":"invalid_request_error","message":"model: Field required"},"request_id":"req_sim"})"))
        << refused;
}

TEST(anthropic_service, the_version_of_october_2026_takes_no_sampling) {
    const std::vector<header_field> fields = {{"x-api-key", "key"}, {"anthropic-version", "2026-10-21"}};
    EXPECT_TRUE(has(answer_to(hello, fields), "HTTP/1.1 200 OK"));
    std::string sampled(hello);
    sampled.insert(1, R"("temperature":1,)");
    EXPECT_TRUE(has(answer_to(sampled, fields), "temperature: Extra inputs are not permitted"));
    EXPECT_TRUE(has(answer_to(sampled, good_fields), "HTTP/1.1 200 OK"));
}

TEST(anthropic_service, a_message_is_answered_whole_and_as_events) {
    std::vector<header_field> fields = good_fields;
    fields.push_back({"x-sim", "echo"});
    const std::string whole = answer_to(hello, fields);
    EXPECT_TRUE(has(whole, R"("content":[{"type":"text","text":"ping"}],"stop_reason":"end_turn")")) << whole;
    EXPECT_TRUE(has(whole, R"("output_tokens":1})"));
    const std::string streamed = answer_to(with(R"("stream":true)"), fields);
    std::size_t at = 0;
    for (const std::string_view part :
         {"event: message_start\ndata: {",
          "event: content_block_start\n",
          "event: ping\n",
          R"("delta":{"type":"text_delta","text":"ping"}})",
          "event: content_block_stop\n",
          R"("delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1})",
          "event: message_stop\n"}) {
        at = streamed.find(part, at);
        ASSERT_NE(at, std::string::npos) << part << streamed;
    }
}

TEST(anthropic_service, knobs_work_as_for_the_other_dialect) {
    const auto knob = [](std::string_view word, bool stream) {
        std::vector<header_field> fields = good_fields;
        fields.push_back({"x-sim", word});
        return answer_to(stream ? with(R"("stream":true)") : std::string(hello), fields);
    };
    EXPECT_TRUE(has(knob("e529", false), R"("type":"overloaded_error")"));
    EXPECT_TRUE(has(knob("b700", false), "Content-Length: 700\r\n"));
    EXPECT_TRUE(has(knob("err2", true), "event: error\n"));
    EXPECT_FALSE(has(knob("nodone", true), "message_stop"));
    EXPECT_FALSE(has(knob("nousage", true), "usage"));
    EXPECT_TRUE(has(knob("wrong word", false), R"("type":"invalid_request_error")"));
}

} // namespace
} // namespace sluice::sim::anthropic::anthropic_test
