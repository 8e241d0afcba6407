// Clients of Anthropic's Messages and OpenAI's Responses with the whole gateway before providers of the same
// and of another dialect.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::support::native_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view messages_path = "/serving-endpoints/anthropic/v1/messages";

std::string message_body(std::string_view endpoint, std::string_view more = "") {
    return joined({R"({"model":")",
                   endpoint,
                   R"(","max_tokens":5,"messages":[{"role":"user","content":"hello"}])",
                   more,
                   "}"});
}

class native_queries : public testing::Test {
protected:
    native_queries()
        : proxy_([this](proxy::settings& s) {
            s.provider_base_urls.emplace("anthropic", "http://127.0.0.1:" + std::to_string(provider_.port()));
        }) {
        proxy_.make_endpoint(
            "claude",
            {R"({"name":"c","external_model":{"name":"claude-sonnet-4-5","provider":"anthropic",)"
             R"("task":"llm/v1/chat","anthropic_config":{"anthropic_api_key_plaintext":"sk-ant-0123456789"}}})"});
        proxy_.make_endpoint("gpt", {entity(provider_.base_url())});
    }

    // With the key in the SDK's own field.
    answer ask(std::string_view path, std::string_view body, std::string_view fields = "") const {
        raw_client client = proxy_.connect();
        client.send(joined({"POST ",
                            path,
                            " HTTP/1.1\r\nHost: g\r\nx-api-key: ",
                            admin_token,
                            "\r\n",
                            fields,
                            "Content-Length: ",
                            std::to_string(body.size()),
                            "\r\n\r\n",
                            body}));
        return client.read_answer();
    }

    fake_upstream provider_;
    gateway proxy_;
};

const std::vector<std::string> stream = {
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":9,"
    "\"output_tokens\":1}}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
    "\"text_delta\",\"text\":\"Hi\"}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"};

TEST_F(native_queries, a_message_passes_to_anthropic_and_back) {
    const std::string upstream =
        R"({"id":"msg_1","type":"message","content":[],"stop_reason":"end_turn","usage":{"input_tokens":9,)"
        R"("output_tokens":4},"new_member":{"x":1.0}})";
    provider_.always().answer_json(upstream);
    const answer got = ask(
        messages_path, message_body("claude"), "anthropic-version: 2026-10-21\r\nanthropic-beta: a,b\r\n");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, upstream);
    EXPECT_EQ(got.field("served-model-name"), "c");
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_THAT(sent[0].head, StartsWith("POST /v1/messages HTTP/1.1\r\n"));
    EXPECT_EQ(sent[0].field("x-api-key"), "sk-ant-0123456789");
    EXPECT_EQ(sent[0].field("anthropic-version"), "2026-10-21");
    EXPECT_EQ(sent[0].field("anthropic-beta"), "a,b");
    EXPECT_EQ(sent[0].body, message_body("claude-sonnet-4-5"));
    EXPECT_TRUE(proxy_.metric_becomes("sluice_prompt_tokens_total", 9));
}

TEST_F(native_queries, a_stream_passes_as_it_is_and_a_broken_one_ends_in_the_dialects_error) {
    provider_.always().times(1).stream(stream);
    const answer whole = ask(messages_path, message_body("claude", R"(,"stream":true)"));
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.body, stream[0] + stream[1] + stream[2]);
    provider_.clear();
    provider_.always().stream({stream[0], stream[1]});
    const answer broken = ask(messages_path, message_body("claude", R"(,"stream":true)"));
    EXPECT_THAT(broken.body,
                AllOf(StartsWith(stream[0] + stream[1]),
                      HasSubstr("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"),
                      Not(HasSubstr("message_stop"))));
}

TEST_F(native_queries, tokens_are_counted_by_anthropic_and_guessed_for_others) {
    provider_.always().answer_json(R"({"input_tokens":14})");
    const std::string path = std::string(messages_path) + "/count_tokens";
    EXPECT_EQ(ask(path, message_body("claude")).body, R"({"input_tokens":14})");
    EXPECT_THAT(provider_.requests().back().head, StartsWith("POST /v1/messages/count_tokens "));
    const answer guessed = ask(path, message_body("gpt"));
    EXPECT_EQ(guessed.status, 200);
    EXPECT_THAT(guessed.body, StartsWith(R"({"input_tokens":)"));
    EXPECT_EQ(provider_.request_count(), 1U);
}

TEST_F(native_queries, errors_have_the_dialects_form) {
    provider_.always().answer(
        529,
        "Retry-After: 3\r\n",
        R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
    const answer busy = ask(messages_path, message_body("claude"));
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.field("retry-after"), "3");
    EXPECT_THAT(
        busy.body,
        AllOf(StartsWith(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},)"),
              HasSubstr(R"("error_code":"TEMPORARILY_UNAVAILABLE")")));
    const answer absent = ask(messages_path, message_body("nobody"));
    EXPECT_EQ(absent.status, 404);
    EXPECT_THAT(absent.body, StartsWith(R"({"type":"error","error":{"type":"not_found_error",)"));
    raw_client nobody = proxy_.connect();
    nobody.send(joined({"POST ", messages_path, " HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n\r\n{}"}));
    const answer unknown = nobody.read_answer();
    EXPECT_EQ(unknown.status, 401);
    EXPECT_THAT(unknown.body, StartsWith(R"({"type":"error","error":{"type":"authentication_error",)"));
}

TEST_F(native_queries, the_key_of_another_dialect_is_none_here) {
    const answer got = ask("/serving-endpoints/gpt/invocations", chat_body("x"));
    EXPECT_EQ(got.status, 401);
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(native_queries, a_message_to_openai_becomes_a_chat_and_comes_back_as_a_message) {
    provider_.always().answer_json(chat_answer("hi"));
    const answer got = ask(messages_path, message_body("gpt"));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                AllOf(HasSubstr(R"("type":"message")"),
                      HasSubstr(R"("text":"hi")"),
                      HasSubstr(R"("stop_reason":"end_turn")"),
                      HasSubstr(R"("input_tokens":9)"),
                      HasSubstr(R"("output_tokens":2)")));
    const received sent = provider_.requests().back();
    EXPECT_THAT(sent.head, StartsWith("POST /v1/chat/completions "));
    EXPECT_THAT(sent.body,
                AllOf(HasSubstr(R"("model":"gpt-4")"), HasSubstr("hello"), HasSubstr(R"("max_tokens":5)")));
}

TEST_F(native_queries, so_does_a_stream_and_a_json_answer_to_one) {
    provider_.always().stream(chat_stream({"one", "two"}));
    const answer got = ask(messages_path, message_body("gpt", R"(,"stream":true)"));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                AllOf(StartsWith("event: message_start\n"),
                      HasSubstr(R"("text":"one")"),
                      HasSubstr(R"("text":"two")"),
                      HasSubstr("event: message_stop\n"),
                      Not(HasSubstr("[DONE]"))));
    provider_.clear();
    provider_.always().answer_json(chat_answer("whole"));
    const answer whole = ask(messages_path, message_body("gpt", R"(,"stream":true)"));
    EXPECT_THAT(
        whole.body,
        AllOf(StartsWith("event: message_start\n"), HasSubstr("whole"), HasSubstr("event: message_stop\n")));
    provider_.clear();
    provider_.always().stream({event("one")});
    const answer broken = ask(messages_path, message_body("gpt", R"(,"stream":true)"));
    EXPECT_THAT(broken.body, AllOf(HasSubstr("event: error\n"), Not(HasSubstr("message_stop"))));
}

TEST_F(native_queries, a_response_of_claude_is_translated_and_one_of_openai_is_not) {
    provider_.when("/v1/messages")
        .answer_json(
            R"({"id":"msg_1","type":"message","model":"claude-x","content":[{"type":"text","text":"Hi"}],)"
            R"("stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":4}})");
    provider_.when("/v1/responses")
        .answer_json(R"({"object":"response","id":"resp_1","status":"completed","output":[],"usage":null})");
    const answer claude =
        proxy_.post("/serving-endpoints/responses", R"({"model":"claude","input":"hello"})");
    EXPECT_EQ(claude.status, 200);
    EXPECT_THAT(claude.body,
                AllOf(HasSubstr(R"("object":"response")"),
                      HasSubstr(R"("status":"completed")"),
                      HasSubstr(R"("text":"Hi")"),
                      HasSubstr(R"("total_tokens":13)")));
    const answer gpt =
        proxy_.post("/serving-endpoints/responses", R"({"model":"gpt","input":"hello","store":false})");
    EXPECT_EQ(gpt.body,
              R"({"object":"response","id":"resp_1","status":"completed","output":[],"usage":null})");
    EXPECT_EQ(provider_.requests().back().body, R"({"model":"gpt-4","input":"hello","store":false})");
}

TEST_F(native_queries, an_answer_in_the_background_is_refused_by_every_endpoint) {
    for (const std::string_view endpoint : {"gpt", "claude"}) {
        const answer got =
            proxy_.post("/serving-endpoints/responses",
                        joined({R"({"model":")", endpoint, R"(","input":"x","background":true})"}));
        EXPECT_EQ(got.status, 400);
        EXPECT_THAT(got.body, AllOf(HasSubstr("BAD_REQUEST"), HasSubstr("background")));
    }
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(native_queries, a_busy_provider_that_names_no_time_is_tried_again_after_a_second) {
    provider_.always().answer_json("{}", 429);
    const answer got = ask(messages_path, message_body("claude"));
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.field("retry-after"), "1");
}

TEST_F(native_queries, paths_that_do_not_exist_answer_in_the_form_of_the_api_that_they_are_below) {
    const answer claude = proxy_.post("/serving-endpoints/anthropic/v1/complete", "{}");
    EXPECT_EQ(claude.status, 404);
    EXPECT_THAT(claude.body,
                AllOf(StartsWith(R"({"type":"error","error":{"type":"not_found_error",)"),
                      HasSubstr("ENDPOINT_NOT_FOUND")));
    const answer gemini = proxy_.get("/serving-endpoints/gemini/v1beta/models/gpt");
    EXPECT_EQ(gemini.status, 404);
    EXPECT_THAT(gemini.body, StartsWith(R"({"error":{"code":404,)"));
}

TEST_F(native_queries, an_error_of_any_length_keeps_its_status) {
    provider_.always().run([](upstream_link& link, const received&) {
        const std::string piece = joined({"100000\r\n", std::string(0x100000, 'x'), "\r\n"});
        bool taken = link.send("HTTP/1.1 429 x\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; taken && i < 80; ++i)
            taken = link.send(piece);
        return false;
    });
    const answer got = ask(messages_path, message_body("claude"));
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.field("retry-after"), "7");
    EXPECT_THAT(got.body, HasSubstr("xxxx"));
}

TEST_F(native_queries, what_is_no_answer_is_an_error_in_the_dialects_form) {
    provider_.always().answer_json(R"({"detail":"bad sk-ant-0123456789"})");
    for (const std::string_view path : {"", "/count_tokens"}) {
        const answer got = ask(std::string(messages_path).append(path), message_body("claude"));
        EXPECT_EQ(got.status, 502);
        EXPECT_THAT(got.body,
                    AllOf(StartsWith(R"({"type":"error","error":{"type":"api_error","message":")"),
                          Not(HasSubstr("0123456789"))));
    }
    const answer response = proxy_.post("/serving-endpoints/responses", R"({"model":"gpt","input":"x"})");
    EXPECT_EQ(response.status, 502);
    EXPECT_THAT(response.body, StartsWith(R"({"error_code":"INTERNAL_ERROR","message":")"));
}

TEST_F(native_queries, a_json_answer_to_a_stream_request_goes_back_as_json) {
    const std::string message = R"({"type":"message","content":[],"stop_reason":"end_turn"})";
    provider_.always().answer_json(message);
    const answer got = ask(messages_path, message_body("claude", R"(,"stream":true)"));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, message);
}

TEST_F(native_queries, a_response_that_fails_in_its_stream_counts_as_failed) {
    const std::string begun =
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n";
    const std::string failed =
        "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":"
        "\"rate_limit_exceeded\",\"message\":\"busy " +
        std::string(provider_key) + "\"}}}\n\n";
    const std::string_view body = R"({"model":"gpt","input":"x","stream":true})";
    provider_.always().times(1).stream({begun, failed});
    const answer later = proxy_.post("/serving-endpoints/responses", body);
    EXPECT_EQ(later.status, 200);
    EXPECT_THAT(later.body,
                AllOf(StartsWith(begun + "event: response.failed\n"),
                      HasSubstr("busy"),
                      EndsWith("\n\n"),
                      Not(HasSubstr(provider_key)),
                      Not(HasSubstr("event: error"))));
    EXPECT_TRUE(later.complete);
    EXPECT_TRUE(comes_true([&] {
        return proxy_.get("/api/2.0/serving-endpoints/gpt/served-models/entity/logs")
                   .body.find(" status=429 ") != std::string::npos;
    }));
    provider_.clear();
    provider_.always().stream({failed});
    const answer at_once = proxy_.post("/serving-endpoints/responses", body);
    EXPECT_EQ(at_once.status, 429);
    EXPECT_THAT(at_once.body, AllOf(HasSubstr("busy"), Not(HasSubstr(provider_key))));
}

TEST_F(native_queries, what_a_chat_cannot_do_is_refused_before_anything_is_sent) {
    const answer got = proxy_.post("/serving-endpoints/responses",
                                   R"({"model":"claude","input":"x","previous_response_id":"resp_1"})");
    EXPECT_EQ(got.status, 400);
    EXPECT_THAT(got.body, HasSubstr("previous_response_id"));
    const answer gemini = proxy_.post("/serving-endpoints/gemini/v1beta/models/gpt:generateContent", "{}");
    EXPECT_EQ(gemini.status, 400);
    EXPECT_THAT(gemini.body, StartsWith(R"({"error":{"code":400,)"));
    EXPECT_EQ(provider_.request_count(), 0U);
}

} // namespace
} // namespace sluice::support::native_test
