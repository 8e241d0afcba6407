// A client of OpenAI's schema and a provider that speaks Anthropic's, with the whole gateway between them.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::support::anthropic_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view key = "sk-ant-0123456789abcdef";

std::string claude(std::string_view task = "llm/v1/chat") {
    return std::string(
               R"({"name":"claude","external_model":{"name":"claude-sonnet-4-5","provider":"anthropic","task":")")
        .append(task)
        .append(R"(","anthropic_config":{"anthropic_api_key_plaintext":")")
        .append(key)
        .append(R"("}}})");
}

class anthropic_queries : public testing::Test {
protected:
    anthropic_queries()
        : proxy_([this](proxy::settings& s) {
            s.provider_base_urls.emplace("anthropic", "http://127.0.0.1:" + std::to_string(provider_.port()));
        }) {
        proxy_.make_endpoint("chat", {claude()});
    }

    answer ask(std::string_view text) const {
        raw_client client = proxy_.connect();
        client.send(text);
        return client.read_answer();
    }
    received only_request() const {
        const auto all = provider_.requests();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? received() : all.front();
    }

    fake_upstream provider_;
    gateway proxy_;
};

// `data`: all behind the type.
std::string named(std::string_view type, std::string_view data = "") {
    return joined({"event: ", type, "\ndata: {\"type\":\"", type, "\"", data, "}\n\n"});
}

const std::vector<std::string> stream = {
    named("message_start",
          R"(,"message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":9,"output_tokens":1}})"),
    named("ping"),
    named("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"Hi"})"),
    named("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4})"),
    named("message_stop")};

TEST_F(anthropic_queries, a_message_comes_back_as_a_chat_completion) {
    provider_.always().answer_json(
        R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text",)"
        R"("text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":4}})");
    const answer got = ask(chat_request("chat"));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("content-type"), "application/json");
    EXPECT_EQ(got.field("served-model-name"), "claude");
    EXPECT_THAT(
        got.body,
        AllOf(
            StartsWith(R"({"id":"msg_1","object":"chat.completion","created":)"),
            EndsWith(
                R"(,"model":"claude-x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},)"
                R"("finish_reason":"stop"}],)"
                R"("usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}})")));
    const received sent = only_request();
    EXPECT_THAT(sent.head, StartsWith("POST /v1/messages HTTP/1.1\r\n"));
    EXPECT_EQ(sent.field("x-api-key"), key);
    EXPECT_EQ(sent.field("anthropic-version"), "2023-06-01");
    EXPECT_EQ(sent.field("authorization"), "");
    EXPECT_EQ(sent.field("content-length"), std::to_string(sent.body.size()));
    EXPECT_EQ(
        sent.body,
        R"({"model":"claude-sonnet-4-5","max_tokens":8192,"messages":[{"role":"user","content":"hello"}]})");
}

TEST_F(anthropic_queries, a_message_without_an_id_gets_one_that_names_the_request) {
    provider_.always().answer_json(
        R"({"type":"message","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"})");
    const answer got = ask(chat_request("chat"));
    EXPECT_THAT(got.body,
                StartsWith(R"({"id":"chatcmpl-)" + std::string(got.field("x-request-id")) + R"(0001",)"));
}

TEST_F(anthropic_queries, a_stream_comes_back_as_chunks) {
    provider_.always().stream(stream);
    const answer got = ask(chat_request("chat", "hello", true));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.field("content-type"), StartsWith("text/event-stream"));
    EXPECT_THAT(got.body,
                AllOf(HasSubstr(R"("delta":{"role":"assistant","content":""})"),
                      HasSubstr(R"("delta":{"content":"Hi"})"),
                      HasSubstr(R"("delta":{},"finish_reason":"stop")"),
                      Not(HasSubstr("usage")),
                      Not(HasSubstr("event:")),
                      EndsWith("data: [DONE]\n\n")));
    EXPECT_THAT(only_request().body, EndsWith(R"(,"stream":true})"));
}

TEST_F(anthropic_queries, a_stream_that_breaks_off_ends_in_an_error) {
    provider_.always().stream({stream[0], stream[2]});
    const answer got = ask(chat_request("chat", "hello", true));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                AllOf(HasSubstr("upstream_stream_truncated"),
                      Not(HasSubstr("[DONE]")),
                      HasSubstr(R"("content":"Hi")")));
}

TEST_F(anthropic_queries, an_error_before_the_first_event_is_an_answer) {
    provider_.always().stream(
        {"event: error\ndata: "
         "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n"});
    const answer got = ask(chat_request("chat", "hello", true));
    EXPECT_EQ(got.status, 503);
    EXPECT_THAT(got.body, HasSubstr(R"("error_code":"TEMPORARILY_UNAVAILABLE")"));
}

TEST_F(anthropic_queries, what_cannot_be_translated_is_refused_without_asking) {
    const answer got = ask(request("POST",
                                   "/serving-endpoints/chat/invocations",
                                   R"({"messages":[{"role":"user","content":"x"}],"n":2})"));
    EXPECT_EQ(got.status, 400);
    EXPECT_THAT(got.body, HasSubstr("Parameter n must be 1 for provider anthropic."));
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(anthropic_queries, errors_are_nested_and_the_key_is_not_in_them) {
    const std::string refused =
        R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down, )" + std::string(key) +
        R"("}})";
    provider_.always().answer(429, "Content-Type: application/json\r\nRetry-After: 7\r\n", refused);
    const answer got = ask(chat_request("chat"));
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.field("retry-after"), "7");
    EXPECT_THAT(got.body,
                AllOf(HasSubstr(R"(\"external_model_provider\":\"anthropic\")"),
                      HasSubstr("rate_limit_error"),
                      Not(HasSubstr(std::string(key)))));
}

TEST_F(anthropic_queries, completions_are_served_and_embeddings_are_not) {
    proxy_.make_endpoint("texts", {claude("llm/v1/completions")});
    provider_.always().answer_json(
        R"({"id":"msg_2","type":"message","model":"c","content":[{"type":"text","text":"Hi"}],"stop_reason":"max_tokens"})");
    const answer got = ask(request("POST", "/serving-endpoints/texts/invocations", R"({"prompt":"p"})"));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                HasSubstr(R"("choices":[{"index":0,"text":"Hi","logprobs":null,"finish_reason":"length"}])"));
    const answer refused = proxy_.post("/api/2.0/serving-endpoints",
                                       R"({"name":"vectors","config":{"served_entities":[)" +
                                           claude("llm/v1/embeddings") + "]}}");
    EXPECT_EQ(refused.status, 400) << refused.body;
}

} // namespace
} // namespace sluice::support::anthropic_test
