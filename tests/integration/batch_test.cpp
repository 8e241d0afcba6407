// Lists that take several requests to the provider.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::support::batch_test {
namespace {

using testing::HasSubstr;

std::string message(std::string_view text) {
    return std::string(
               R"({"id":"msg_1","type":"message","model":"claude-x","content":[{"type":"text","text":")")
        .append(text)
        .append(R"("}],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":2}})");
}

class batches : public testing::Test {
protected:
    batches()
        : proxy_([this](proxy::settings& s) {
            s.provider_base_urls.emplace("anthropic", "http://127.0.0.1:" + std::to_string(provider_.port()));
        }) {
        proxy_.make_endpoint(
            "texts",
            {R"({"name":"claude","external_model":{"name":"claude-sonnet-4-5","provider":"anthropic",)"
             R"("task":"llm/v1/completions","anthropic_config":{"anthropic_api_key_plaintext":"sk-ant-1"}}})"},
            "",
            R"(,"ai_gateway":{"usage_tracking_config":{"enabled":true}})");
    }

    answer ask(std::string_view body) const {
        return proxy_.post("/serving-endpoints/texts/invocations", body);
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(batches, every_prompt_is_a_request_and_the_answer_is_one) {
    provider_.when("one").answer_json(message("uno"));
    provider_.when("two").answer_json(message("due"));
    const answer got = ask(R"({"prompt":["one","two"]})");
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                HasSubstr(R"("choices":[{"text":"uno","logprobs":null,"finish_reason":"stop","index":0},)"
                          R"({"text":"due","logprobs":null,"finish_reason":"stop","index":1}])"));
    EXPECT_THAT(got.body,
                HasSubstr(R"("usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14})"));
    EXPECT_EQ(got.field("served-model-name"), "claude");
    EXPECT_EQ(provider_.request_count(), 2U);
}

TEST_F(batches, one_prompt_in_a_list_is_one_request) {
    provider_.always().answer_json(message("uno"));
    EXPECT_EQ(ask(R"({"prompt":["one"]})").status, 200);
    EXPECT_EQ(provider_.request_count(), 1U);
}

TEST_F(batches, a_part_that_fails_fails_the_call) {
    provider_.when("one").answer_json(message("uno"));
    provider_.when("two").answer(
        429, "Retry-After: 7\r\n", R"({"type":"error","error":{"type":"rate_limit_error"}})");
    const answer got = ask(R"({"prompt":["one","two","three"]})");
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.field("retry-after"), "7");
    EXPECT_EQ(provider_.request_count(), 2U);
}

TEST_F(batches, a_stream_of_several_is_refused_before_anything_is_sent) {
    const answer got = ask(R"({"prompt":["one","two"],"stream":true})");
    EXPECT_EQ(got.status, 400);
    EXPECT_THAT(got.body, HasSubstr("must be one text for provider anthropic"));
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(batches, what_every_part_would_repeat_has_a_bound) {
    std::string body = R"({"user":")" + std::string(100'000, 'x') + R"(","prompt":["x")";
    for (int i = 0; i < 1000; ++i)
        body += R"(,"x")";
    EXPECT_EQ(ask(body + "]}").status, 400);
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(batches, a_list_without_end_is_refused) {
    std::string body = R"({"prompt":["x")";
    for (int i = 0; i < 2048; ++i)
        body += R"(,"x")";
    EXPECT_EQ(ask(body + "]}").status, 400);
    EXPECT_EQ(provider_.request_count(), 0U);
}

} // namespace
} // namespace sluice::support::batch_test
