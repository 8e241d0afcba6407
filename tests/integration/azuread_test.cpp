// Access tokens from Microsoft Entra: fetched once for everybody, renewed, replaced when the provider refuses
// one, and its refusals told to the client.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace sluice::support::azuread_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view client_secret = "entra-secret-0123456789";

std::string token_answer(std::string_view token, std::string_view seconds = "3599") {
    return std::string(R"({"token_type":"Bearer","expires_in":)")
        .append(seconds)
        .append(R"(,"access_token":")")
        .append(token)
        .append(R"("})");
}

class azuread : public testing::Test {
protected:
    azuread()
        : proxy_([this](proxy::settings& s) {
            s.provider_base_urls.emplace("microsoft-entra",
                                         "http://127.0.0.1:" + std::to_string(entra_.port()));
        }) {
        const std::string base = "http://127.0.0.1:" + std::to_string(provider_.port());
        proxy_.make_endpoint(
            "chat",
            {std::string(R"({"name":"gpt","external_model":{"name":"gpt-4o","provider":"openai","task":)")
                 .append(R"("llm/v1/chat","openai_config":{"openai_api_type":"azuread","openai_api_base":")")
                 .append(base)
                 .append(R"(","openai_api_version":"2024-10-21","openai_deployment_name":"dep",)")
                 .append(R"("microsoft_entra_tenant_id":"ten","microsoft_entra_client_id":"cli",)")
                 .append(R"("microsoft_entra_client_secret_plaintext":")")
                 .append(client_secret)
                 .append(R"("}}})")});
        provider_.always().answer_json(chat_answer("hi"));
    }

    answer ask() const {
        raw_client client = proxy_.connect();
        client.send(chat_request("chat"));
        return client.read_answer();
    }

    fake_upstream entra_;
    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(azuread, a_token_is_fetched_once_and_carried_by_every_request) {
    entra_.always().pause(milliseconds(100)).answer_json(token_answer("token-of-entra-1"));
    std::vector<std::thread> clients;
    clients.reserve(8);
    for (int i = 0; i < 8; ++i)
        clients.emplace_back([this] { EXPECT_EQ(ask().status, 200); });
    for (std::thread& each : clients)
        each.join();
    EXPECT_EQ(ask().status, 200);
    const auto exchanges = entra_.requests();
    ASSERT_EQ(exchanges.size(), 1U);
    EXPECT_THAT(exchanges[0].head, StartsWith("POST /ten/oauth2/v2.0/token HTTP/1.1\r\n"));
    EXPECT_EQ(exchanges[0].field("content-type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(exchanges[0].body,
              "grant_type=client_credentials&client_id=cli&client_secret=entra-secret-0123456789&scope="
              "https%3A%2F%2Fcognitiveservices.azure.com%2F.default");
    const auto asked = provider_.requests();
    ASSERT_EQ(asked.size(), 9U);
    for (const received& each : asked) {
        EXPECT_EQ(each.field("authorization"), "Bearer token-of-entra-1");
        EXPECT_EQ(each.field("api-key"), "");
        EXPECT_THAT(each.head,
                    StartsWith("POST /openai/deployments/dep/chat/completions?api-version=2024-10-21 "));
        EXPECT_EQ(each.body, R"({"messages":[{"role":"user","content":"hello"}]})");
    }
}

TEST_F(azuread, a_token_that_is_about_to_expire_is_renewed) {
    entra_.always().times(1).answer_json(token_answer("token-of-entra-1", "0"));
    entra_.always().answer_json(token_answer("token-of-entra-2"));
    EXPECT_EQ(ask().status, 200); // the one who fetched it may use it
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(entra_.request_count(), 2U);
    EXPECT_EQ(provider_.requests().back().field("authorization"), "Bearer token-of-entra-2");
}

TEST_F(azuread, a_token_that_the_provider_refuses_is_replaced_once) {
    entra_.always().times(1).answer_json(token_answer("token-of-entra-1"));
    entra_.always().answer_json(token_answer("token-of-entra-2"));
    provider_.clear();
    provider_.always().times(1).answer_json(R"({"error":{"message":"expired"}})", 401);
    provider_.always().answer_json(chat_answer("hi"));
    EXPECT_EQ(ask().status, 200);
    const auto asked = provider_.requests();
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].field("authorization"), "Bearer token-of-entra-1");
    EXPECT_EQ(asked[1].field("authorization"), "Bearer token-of-entra-2");
    EXPECT_EQ(asked[0].body, asked[1].body);
}

TEST_F(azuread, a_provider_that_refuses_every_token_is_told_to_the_client) {
    entra_.always().answer_json(token_answer("token-of-entra-1"));
    provider_.clear();
    provider_.always().answer_json(R"({"error":{"message":"not you: token-of-entra-1"}})", 401);
    const answer got = ask();
    EXPECT_EQ(got.status, 401);
    EXPECT_THAT(got.body, AllOf(HasSubstr("not you"), Not(HasSubstr("token-of-entra-1"))));
    EXPECT_EQ(provider_.request_count(), 2U);
    EXPECT_EQ(entra_.request_count(), 2U);
}

TEST_F(azuread, tokens_that_are_refused_are_not_exchanged_at_every_request) {
    entra_.always().answer_json(token_answer("token-of-entra-1"));
    provider_.clear();
    provider_.always().answer_json(R"({"error":{"message":"not you"}})", 401);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask().status, 401);
    EXPECT_EQ(entra_.request_count(), 2U);
    EXPECT_EQ(provider_.request_count(), 4U);
}

TEST_F(azuread, a_token_service_that_gives_expired_tokens_is_left_alone_for_a_while) {
    entra_.always().answer_json(token_answer("token-of-entra-1", "0"));
    EXPECT_EQ(ask().status, 200) << "the one who fetched it may use it";
    answer got;
    EXPECT_TRUE(comes_true([&] {
        got = ask();
        return got.status == 502;
    }));
    EXPECT_THAT(got.body, HasSubstr("expired"));
}

TEST_F(azuread, a_token_that_an_error_in_a_stream_repeats_is_not_shown) {
    entra_.always().answer_json(token_answer("token-of-entra-1"));
    provider_.clear();
    provider_.always().stream({event("one"), "data: {\"error\":{\"message\":\"bad token-of-entra-1\"}}\n\n"});
    raw_client client = proxy_.connect();
    client.send(chat_request("chat", "hello", true));
    const answer got = client.read_answer();
    EXPECT_THAT(got.body, AllOf(HasSubstr("one"), HasSubstr("bad "), Not(HasSubstr("token-of-entra"))));
}

TEST_F(azuread, a_response_that_fails_in_its_stream_does_not_show_the_token) {
    entra_.always().answer_json(token_answer("token-of-entra-1"));
    provider_.clear();
    const std::string begun =
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n";
    const std::string failed = "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":"
                               "{\"error\":{\"message\":\"bad token-of-entra-1\"}}}\n\n";
    provider_.always().stream_head().send_chunk(begun + failed).end_chunks();
    const answer got =
        proxy_.post("/serving-endpoints/responses", R"({"model":"chat","input":"x","stream":true})");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body,
              begun + "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":"
                      "{\"error\":{\"message\":\"bad [redacted]\"}}}\n\n");
}

TEST_F(azuread, a_refusal_of_the_token_service_is_a_401_without_the_secret) {
    entra_.always().answer_json(
        R"({"error":"invalid_client","error_description":"AADSTS7000215 entra-secret-0123456789"})", 401);
    const answer got = ask();
    EXPECT_EQ(got.status, 401);
    EXPECT_THAT(got.body,
                AllOf(HasSubstr("UNAUTHENTICATED"),
                      HasSubstr("external_model_provider"),
                      HasSubstr("AADSTS7000215"),
                      Not(HasSubstr(std::string(client_secret)))));
    EXPECT_EQ(provider_.request_count(), 0U);
    EXPECT_EQ(entra_.request_count(), 1U);
}

TEST_F(azuread, a_token_service_that_is_out_of_order_is_asked_three_times_and_is_a_502) {
    entra_.always().answer_json("{}", 503);
    EXPECT_EQ(ask().status, 502);
    EXPECT_EQ(entra_.request_count(), 3U);
    entra_.clear();
    entra_.always().answer_json(token_answer("token-of-entra-1"));
    EXPECT_TRUE(comes_true([this] { return ask().status == 200; }));
}

TEST_F(azuread, nonsense_from_the_token_service_is_a_502) {
    entra_.always().answer_json("[]");
    EXPECT_EQ(ask().status, 502);
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(azuread, a_client_that_leaves_does_not_end_the_exchange_for_the_others) {
    entra_.always().hold().answer_json(token_answer("token-of-entra-1"));
    {
        raw_client leaving = proxy_.connect();
        leaving.send(chat_request("chat"));
        ASSERT_TRUE(entra_.wait_requests(1));
    }
    std::thread other([this] { EXPECT_EQ(ask().status, 200); });
    // The other's request and the one that asks for the number; the first client's has ended.
    EXPECT_TRUE(proxy_.metric_becomes("sluice_requests_in_flight", 2));
    entra_.release();
    other.join();
    EXPECT_EQ(entra_.request_count(), 1U);
    EXPECT_EQ(provider_.request_count(), 1U);
}

} // namespace
} // namespace sluice::support::azuread_test
