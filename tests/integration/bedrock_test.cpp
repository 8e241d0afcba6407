// A client of OpenAI's schema and Amazon Bedrock, with the whole gateway between them: signatures, binary
// streams, streams of models that have none, lists in several requests, keys of a role.
#include "tests/support/event_frames.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::support::bedrock_test {
namespace {

using test::event_frame;
using test::exception_frame;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view keys =
    R"("aws_access_key_id_plaintext":"AKIDEXAMPLE","aws_secret_access_key_plaintext":"bedrock-secret-0123")";

std::string entity(std::string_view model,
                   std::string_view family,
                   std::string_view task = "llm/v1/chat",
                   std::string_view credential = keys) {
    return std::string(R"({"name":"model","external_model":{"name":")")
        .append(model)
        .append(R"(","provider":"amazon-bedrock","task":")")
        .append(task)
        .append(R"(","amazon_bedrock_config":{"aws_region":"us-east-1","bedrock_provider":")")
        .append(family)
        .append("\",")
        .append(credential)
        .append("}}}");
}

// A variable of the environment while it lives; no other test reads it.
class variable {
public:
    variable(const char* name, const std::string& value)
        : name_(name) {
        setenv(name, value.c_str(), 1); // NOLINT(concurrency-mt-unsafe)
    }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;
    ~variable() {
        unsetenv(name_); // NOLINT(concurrency-mt-unsafe)
    }

private:
    const char* name_;
};

class bedrock_queries : public testing::Test {
protected:
    bedrock_queries()
        : proxy_([this](proxy::settings& s) {
            s.provider_base_urls.emplace("amazon-bedrock",
                                         "http://127.0.0.1:" + std::to_string(provider_.port()));
        }) {
        proxy_.make_endpoint("chat", {entity("anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic")});
    }

    answer ask(std::string_view text) const {
        raw_client client = proxy_.connect();
        client.send(text);
        return client.read_answer();
    }
    // An answer of type application/vnd.amazon.eventstream.
    void answer_frames(const std::string& frames) {
        provider_.always().answer(200, "Content-Type: application/vnd.amazon.eventstream\r\n", frames);
    }

    fake_upstream provider_;
    gateway proxy_;
};

const std::string start = event_frame("messageStart", R"({"role":"assistant"})");
const std::string text = event_frame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hi"}})");
const std::string stop = event_frame("messageStop", R"({"stopReason":"end_turn"})");
const std::string counts =
    event_frame("metadata", R"({"usage":{"inputTokens":9,"outputTokens":4,"totalTokens":13}})");
constexpr std::string_view whole =
    R"({"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"stopReason":"end_turn","usage":{"inputTokens":9,"outputTokens":4,"totalTokens":13}})";

TEST_F(bedrock_queries, a_message_comes_back_as_a_chat_completion_and_its_request_is_signed) {
    provider_.always().answer_json(whole);
    const answer got = ask(chat_request("chat"));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                AllOf(HasSubstr(R"("content":"Hi"},"finish_reason":"stop")"),
                      HasSubstr(R"("usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13})")));
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_THAT(sent[0].head,
                StartsWith("POST /model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse HTTP/1.1\r\n"));
    EXPECT_EQ(sent[0].field("x-amz-date").size(), 16U);
    EXPECT_THAT(sent[0].field("authorization"),
                AllOf(StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
                      HasSubstr("/us-east-1/bedrock/aws4_request, "),
                      Not(HasSubstr("bedrock-secret"))));
    EXPECT_EQ(sent[0].body, R"({"messages":[{"role":"user","content":[{"text":"hello"}]}]})");
}

TEST_F(bedrock_queries, a_binary_stream_comes_back_as_events) {
    answer_frames(start + text + stop + counts);
    const answer got = ask(chat_request("chat", "hello", true));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.field("content-type"), StartsWith("text/event-stream"));
    EXPECT_THAT(got.body,
                AllOf(HasSubstr(R"("delta":{"role":"assistant","content":""})"),
                      HasSubstr(R"("delta":{"content":"Hi"})"),
                      HasSubstr(R"("delta":{},"finish_reason":"stop")"),
                      EndsWith("data: [DONE]\n\n")));
    EXPECT_THAT(provider_.requests().at(0).head, HasSubstr("/converse-stream HTTP/1.1\r\n"));
}

TEST_F(bedrock_queries, a_stream_that_breaks_off_or_is_damaged_ends_in_an_error) {
    std::string damaged = start + text + stop;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    for (const std::string& frames : {start + text, start + text + stop.substr(0, 20), damaged}) {
        provider_.clear();
        answer_frames(frames);
        const answer got = ask(chat_request("chat", "hello", true));
        EXPECT_EQ(got.status, 200);
        EXPECT_THAT(got.body, AllOf(HasSubstr(R"("error_code":"INTERNAL_ERROR")"), Not(HasSubstr("[DONE]"))));
    }
}

TEST_F(bedrock_queries, an_exception_is_an_answer_before_the_first_event_and_an_event_behind_it) {
    const std::string throttled = exception_frame("throttlingException", R"({"message":"slow down"})");
    answer_frames(throttled);
    EXPECT_EQ(ask(chat_request("chat", "hello", true)).status, 429);
    provider_.clear();
    answer_frames(start + text + throttled);
    const answer got = ask(chat_request("chat", "hello", true));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                AllOf(HasSubstr(R"("type":"throttlingException","param":null,"code":"429")"),
                      Not(HasSubstr("[DONE]"))));
}

TEST_F(bedrock_queries, the_name_of_an_error_decides) {
    provider_.always().answer(
        400, "x-amzn-ErrorType: ThrottlingException:http://internal/\r\n", R"({"message":"slow down"})");
    const answer got = ask(chat_request("chat"));
    EXPECT_EQ(got.status, 429);
    EXPECT_THAT(got.body, HasSubstr("slow down"));
}

TEST_F(bedrock_queries, a_model_without_streams_is_asked_whole_and_its_answer_streamed) {
    proxy_.make_endpoint("old", {entity("ai21.j2-mid-v1", "ai21labs", "llm/v1/completions")});
    provider_.always().answer_json(
        R"({"id":7,"prompt":{"tokens":[{}]},"completions":[{"data":{"text":" go","tokens":[{},{}]},"finishReason":{"reason":"endoftext"}}]})");
    const answer got =
        ask(request("POST", "/serving-endpoints/old/invocations", R"({"prompt":"I will","stream":true})"));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body, AllOf(HasSubstr(R"("text":" go")"), EndsWith("data: [DONE]\n\n")));
    EXPECT_THAT(provider_.requests().at(0).head,
                StartsWith("POST /model/ai21.j2-mid-v1/invoke HTTP/1.1\r\n"));
}

TEST_F(bedrock_queries, every_text_is_embedded_by_a_request_of_its_own) {
    proxy_.make_endpoint("vectors", {entity("amazon.titan-embed-text-v2:0", "amazon", "llm/v1/embeddings")});
    provider_.when("alpha").answer_json(R"({"embedding":[0.125],"inputTextTokenCount":2})");
    provider_.when("beta").answer_json(R"({"embedding":[0.25],"inputTextTokenCount":3})");
    const answer got =
        ask(request("POST", "/serving-endpoints/vectors/invocations", R"({"input":["alpha","beta"]})"));
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body, AllOf(HasSubstr("0.125"), HasSubstr("0.25"), HasSubstr(R"("prompt_tokens":5)")));
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_NE(sent[0].field("authorization"), sent[1].field("authorization"));
}

TEST_F(bedrock_queries, a_role_is_assumed_once_and_its_keys_sign) {
    fake_upstream sts;
    sts.always().answer(
        200,
        "Content-Type: text/xml\r\n",
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>session==</SessionToken>"
        "<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></"
        "AssumeRoleResponse>");
    const variable url("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:" + std::to_string(sts.port()));
    const variable id("AWS_ACCESS_KEY_ID", "AKIABASE");
    const variable secret("AWS_SECRET_ACCESS_KEY", "base-secret");
    proxy_.make_endpoint("role",
                         {entity("anthropic.claude-sonnet-4-5",
                                 "anthropic",
                                 "llm/v1/chat",
                                 R"("instance_profile_arn":"arn:aws:iam::123456789012:role/Gateway")")});
    provider_.always().answer_json(whole);
    EXPECT_EQ(ask(chat_request("role")).status, 200);
    EXPECT_EQ(ask(chat_request("role")).status, 200);
    const auto exchanges = sts.requests();
    ASSERT_EQ(exchanges.size(), 1U);
    EXPECT_THAT(exchanges[0].body, HasSubstr("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FGateway"));
    EXPECT_THAT(exchanges[0].field("authorization"), HasSubstr("Credential=AKIABASE/"));
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 2U);
    for (const received& each : sent) {
        EXPECT_THAT(each.field("authorization"), HasSubstr("Credential=ASIAROLE/"));
        EXPECT_EQ(each.field("x-amz-security-token"), "session==");
    }
}

TEST_F(bedrock_queries, keys_of_a_role_that_are_taken_back_are_replaced_once_and_no_error_shows_the_base) {
    fake_upstream sts;
    sts.always().times(1).answer(
        200,
        "Content-Type: text/xml\r\n",
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>session==</SessionToken>"
        "<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></"
        "AssumeRoleResponse>");
    sts.always().answer(403,
                        "Content-Type: text/xml\r\n",
                        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>signed was "
                        "x-amz-security-token:base-session-token-0123</Message></Error></ErrorResponse>");
    const variable url("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:" + std::to_string(sts.port()));
    const variable id("AWS_ACCESS_KEY_ID", "AKIABASE");
    const variable secret("AWS_SECRET_ACCESS_KEY", "base-secret");
    const variable session("AWS_SESSION_TOKEN", "base-session-token-0123");
    proxy_.make_endpoint("role",
                         {entity("anthropic.claude-sonnet-4-5",
                                 "anthropic",
                                 "llm/v1/chat",
                                 R"("instance_profile_arn":"arn:aws:iam::123456789012:role/Gateway")")});
    provider_.always().answer(
        403, "x-amzn-ErrorType: ExpiredTokenException\r\n", R"({"message":"The token has expired"})");
    const answer got = ask(chat_request("role"));
    EXPECT_EQ(got.status, 401);
    EXPECT_THAT(got.body, AllOf(HasSubstr("SignatureDoesNotMatch"), Not(HasSubstr("base-session-token"))));
    EXPECT_EQ(sts.request_count(), 2U);
    EXPECT_EQ(provider_.request_count(), 1U);
}

std::string assumed(std::string_view expiration) {
    return std::string("<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE0123456789"
                       "</AccessKeyId><SecretAccessKey>role-secret-0123456789</SecretAccessKey>"
                       "<SessionToken>session-0123456789==</SessionToken><Expiration>")
        .append(expiration)
        .append("</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>");
}

constexpr std::string_view xml = "Content-Type: text/xml\r\n";
constexpr std::string_view role_credential =
    R"("instance_profile_arn":"arn:aws:iam::123456789012:role/Gateway")";
constexpr std::string_view all_secrets =
    "AKIABASE0123456789 base-secret-0123456789 base-session-0123456789 ASIAROLE0123456789 "
    "role-secret-0123456789 session-0123456789==";

class bedrock_roles : public bedrock_queries {
protected:
    bedrock_roles() {
        proxy_.make_endpoint(
            "role", {entity("anthropic.claude-sonnet-4-5", "anthropic", "llm/v1/chat", role_credential)});
    }

    fake_upstream sts_;
    variable url_{"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:" + std::to_string(sts_.port())};
    variable id_{"AWS_ACCESS_KEY_ID", "AKIABASE0123456789"};
    variable secret_{"AWS_SECRET_ACCESS_KEY", "base-secret-0123456789"};
    variable session_{"AWS_SESSION_TOKEN", "base-session-0123456789"};
};

TEST_F(bedrock_roles, no_error_of_the_provider_shows_the_roles_keys_or_the_gateways_own) {
    sts_.always().answer(200, xml, assumed("2999-01-01T00:00:00Z"));
    provider_.always().answer(400,
                              "x-amzn-ErrorType: ValidationException\r\n",
                              std::string(R"({"message":"you sent )").append(all_secrets).append(R"("})"));
    const answer got = ask(chat_request("role"));
    EXPECT_EQ(got.status, 400);
    EXPECT_THAT(got.body, HasSubstr("you sent [redacted] [redacted]"));
    EXPECT_THAT(got.body, Not(HasSubstr("0123456789")));
    provider_.clear();
    answer_frames(
        start + exception_frame("validationException",
                                std::string(R"({"message":"you sent )").append(all_secrets).append(R"("})")));
    const answer streamed = ask(chat_request("role", "hello", true));
    EXPECT_THAT(streamed.body, AllOf(HasSubstr("you sent [redacted]"), Not(HasSubstr("0123456789"))));
}

TEST_F(bedrock_roles, what_the_token_service_says_is_for_the_log_and_the_client_gets_a_sentence) {
    sts_.always().answer(403,
                         xml,
                         std::string("<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: "
                                     "arn:aws:sts::999988887777:assumed-role/gateway-node is not authorized ")
                             .append(all_secrets)
                             .append("</Message></Error></ErrorResponse>"));
    const answer got = ask(chat_request("role"));
    EXPECT_EQ(got.status, 401);
    EXPECT_THAT(got.body,
                AllOf(HasSubstr("UNAUTHENTICATED"),
                      HasSubstr("external_model_provider"),
                      HasSubstr("The credentials of the served entity could not be had"),
                      HasSubstr("AccessDenied")));
    EXPECT_THAT(got.body, AllOf(Not(HasSubstr("999988887777")), Not(HasSubstr("0123456789"))));
    EXPECT_EQ(provider_.request_count(), 0U);
}

} // namespace
} // namespace sluice::support::bedrock_test
