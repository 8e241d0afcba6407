// Configuration, targets, signatures and errors of `amazon-bedrock` (providers.md §6.1, §6.2, §6.8).
#include "providers/credential.hpp"
#include "tests/unit/providers/bedrock_fixture.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::bedrock_test {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr wall_ms signing_time = 1'768'480'496'000; // 2026-01-15T12:34:56Z

std::string refusal(const resolved_config& config) {
    const auto checked = bedrock_provider().check(config);
    if (checked) return "";
    EXPECT_EQ(checked.error().code, errc::invalid_parameter_value);
    return checked.error().message;
}

resolved_config without_keys() {
    resolved_config config = bedrock_config();
    config.secrets.clear();
    return config;
}

TEST(bedrock_config, regions_and_families_are_checked) {
    EXPECT_EQ(refusal(bedrock_config()), "");
    for (const std::string_view family : {"Anthropic", "COHERE", "ai21labs", "amazon"})
        EXPECT_EQ(refusal(bedrock_config(family)), "") << family;
    for (const std::string_view family : {"", "meta", "ai21"})
        EXPECT_THAT(refusal(bedrock_config(family)), HasSubstr("'bedrock_provider'")) << family;
    for (const std::string_view region : {"us-gov-west-1", "eu-central-1", "ap-southeast-4"}) {
        resolved_config config = bedrock_config();
        config.plain["aws_region"] = region;
        EXPECT_EQ(refusal(config), "") << region;
    }
    for (const std::string_view region :
         {"", "us", "US-east-1", "us-east-1.evil.com", "us-east-1/", "-us-east", "us-east-", "us east-1"}) {
        resolved_config config = bedrock_config();
        config.plain["aws_region"] = region;
        EXPECT_THAT(refusal(config), HasSubstr("'aws_region'")) << region;
    }
}

TEST(bedrock_config, there_is_exactly_one_kind_of_credential) {
    EXPECT_THAT(refusal(without_keys()), HasSubstr("exactly one of"));
    resolved_config half = bedrock_config();
    half.secrets.erase("aws_secret_access_key");
    EXPECT_EQ(refusal(half), "'aws_secret_access_key' or 'aws_secret_access_key_plaintext' is missing.");
    half = bedrock_config();
    half.secrets.erase("aws_access_key_id");
    EXPECT_EQ(refusal(half), "'aws_access_key_id' or 'aws_access_key_id_plaintext' is missing.");

    resolved_config both = bedrock_config();
    both.plain["instance_profile_arn"] = "arn:aws:iam::123456789012:role/Gateway";
    EXPECT_THAT(refusal(both), HasSubstr("exactly one of"));
    both.secrets.clear();
    EXPECT_EQ(refusal(both), "");
    for (const std::string_view arn : {"Gateway",
                                       "arn:aws:iam::123456789012:instance-profile/Gateway",
                                       "arn:aws:iam::12345678901:role/Gateway",
                                       "arn:aws:iam::12345678901x:role/Gateway",
                                       "arn:aws:iam::123456789012:role/",
                                       "arn:aws:iam::123456789012:role/a b",
                                       "arn:aws:s3::123456789012:role/Gateway"}) {
        both.plain["instance_profile_arn"] = arn;
        EXPECT_THAT(refusal(both), HasSubstr("'instance_profile_arn' must be the ARN of a role")) << arn;
    }
    resolved_config unity = bedrock_config();
    unity.plain["uc_service_credential_name"] = "x";
    EXPECT_THAT(refusal(unity), HasSubstr("Unity Catalog"));
    unity.secrets.clear();
    EXPECT_THAT(refusal(unity), HasSubstr("Unity Catalog"));
}

TEST(bedrock_config, keys_that_cannot_stand_in_a_head_are_refused_without_being_repeated) {
    resolved_config config = bedrock_config();
    config.secrets["aws_secret_access_key"] = secret_string("two words");
    const auto to = bedrock_provider().resolve(bedrock_claude, task::chat, config, "");
    ASSERT_FALSE(to);
    EXPECT_THAT(to.error().message, Not(HasSubstr("two words")));
}

std::string_view first_line(const secret_string& head) {
    return head.reveal().substr(0, head.reveal().find("\r\n"));
}

TEST(bedrock_target, the_model_is_one_segment_of_the_path) {
    const target to =
        bedrock_target("arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a b");
    EXPECT_EQ(
        first_line(to.head),
        "POST /model/arn%3Aaws%3Abedrock%3Aus-west-2%3A123456789012%3Aapplication-inference-profile%2Fa%20b/"
        "converse HTTP/1.1");
    EXPECT_THAT(std::string(first_line(to.stream_head)), HasSubstr("/converse-stream HTTP/1.1"));
    EXPECT_EQ(to.to, (origin{true, "bedrock-runtime.us-east-1.amazonaws.com", 443}));
    EXPECT_THAT(std::string(to.head.reveal()), Not(HasSubstr("Authorization")));
}

TEST(bedrock_target, every_task_and_family_has_its_operation) {
    struct expected {
        std::string_view model;
        std::string_view family;
        task kind;
        std::string_view whole;
        std::string_view streamed;
    };
    const std::vector<expected> table = {
        {"anthropic.claude-v2:1", "anthropic", task::chat, "converse", "converse-stream"},
        {"anthropic.claude-v2:1", "anthropic", task::completions, "invoke", "invoke-with-response-stream"},
        {"anthropic.claude-instant-v1",
         "anthropic",
         task::completions,
         "invoke",
         "invoke-with-response-stream"},
        {bedrock_claude, "anthropic", task::completions, "converse", "converse-stream"},
        {"amazon.titan-text-lite-v1", "amazon", task::completions, "invoke", "invoke-with-response-stream"},
        {"amazon.nova-lite-v1:0", "amazon", task::completions, "converse", "converse-stream"},
        {"cohere.command-light-text-v14",
         "cohere",
         task::completions,
         "invoke",
         "invoke-with-response-stream"},
        {"cohere.command-r-plus-v1:0", "cohere", task::completions, "converse", "converse-stream"},
        {"ai21.j2-ultra-v1", "ai21labs", task::completions, "invoke", ""},
        {"ai21.j2-ultra-v1", "ai21labs", task::chat, "converse", ""},
        {"ai21.jamba-1-5-mini-v1:0", "ai21labs", task::completions, "converse", "converse-stream"},
        {"amazon.titan-embed-text-v2:0", "amazon", task::embeddings, "invoke", ""},
        {"cohere.embed-english-v3", "cohere", task::embeddings, "invoke", ""},
    };
    for (const expected& each : table) {
        SCOPED_TRACE(std::string(each.model).append(" ").append(to_string(each.kind)));
        const target to = bedrock_target(each.model, each.family, each.kind);
        EXPECT_THAT(std::string(first_line(to.head)),
                    HasSubstr(std::string("/").append(each.whole).append(" ")));
        EXPECT_EQ(to.stream_head.empty(), each.streamed.empty());
        if (each.streamed.empty()) continue;
        EXPECT_THAT(std::string(first_line(to.stream_head)),
                    HasSubstr(std::string("/").append(each.streamed).append(" ")));
    }
    EXPECT_EQ(bedrock_target("amazon.titan-embed-text-v2:0", "amazon", task::embeddings).most_items, 1U);
    EXPECT_EQ(bedrock_target("cohere.embed-english-v3", "cohere", task::embeddings).most_items, 96U);
    for (const std::string_view family : {"anthropic", "ai21labs"}) {
        const auto to = bedrock_provider().resolve("m", task::embeddings, bedrock_config(family), "");
        ASSERT_FALSE(to);
        EXPECT_THAT(to.error().message, HasSubstr("'bedrock_provider' of amazon or cohere"));
    }
}

TEST(bedrock_target, the_operators_base_replaces_the_public_one) {
    const auto to = bedrock_provider().resolve(
        bedrock_claude, task::chat, bedrock_config(), "http://127.0.0.1:8089/aws/");
    ASSERT_TRUE(to);
    EXPECT_EQ(to->to, (origin{false, "127.0.0.1", 8089}));
    EXPECT_THAT(std::string(first_line(to->head)), StartsWith("POST /aws/model/anthropic."));
    EXPECT_FALSE(bedrock_provider().resolve(bedrock_claude, task::chat, bedrock_config(), "http://h/?a=b"));
    EXPECT_FALSE(bedrock_provider().resolve(bedrock_claude, task::chat, bedrock_config(), "ftp://h"));
}

TEST(bedrock_target, streams_are_known_by_their_media_type) {
    const target to = bedrock_target();
    EXPECT_TRUE(to.via->is_stream_type(to, "application/vnd.amazon.eventstream"));
    EXPECT_TRUE(to.via->is_stream_type(to, "Application/vnd.amazon.eventstream; charset=x"));
    EXPECT_FALSE(to.via->is_stream_type(to, "text/event-stream"));
    EXPECT_FALSE(to.via->is_stream_type(to, "application/json"));
}

// The lines that authorize() adds to a call with this body.
std::string proof(const target& to, bool streams, std::string_view body, const credential* with = nullptr) {
    upstream_request request;
    request.body.push_back(body);
    request.body_size = body.size();
    const auto good = to.via->authorize(to, streams, with, signing_time, request);
    EXPECT_TRUE(good) << good.error().message;
    return request.credential_lines;
}

// By the recipe of §11 with hashlib and hmac; sigv4_test has the known answers of botocore.
TEST(bedrock_signature, both_operations_are_signed_with_what_is_sent) {
    constexpr std::string_view body = R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})";
    const target to = bedrock_target("anthropic.claude-3-5-sonnet-20240620-v1:0");
    const std::string whole = proof(to, false, body);
    EXPECT_EQ(whole,
              "X-Amz-Date: 20260115T123456Z\r\nAuthorization: AWS4-HMAC-SHA256 "
              "Credential=AKIDEXAMPLE/20260115/us-east-1/bedrock/aws4_request, "
              "SignedHeaders=accept;content-type;host;x-amz-date, "
              "Signature=b800bade903f79c39a2a4da29cbbb6ab552e4bdcc1d1ecff55098c4edc0ef25f\r\n");
    EXPECT_NE(proof(to, true, body), whole);
    EXPECT_NE(proof(to, false, R"({"messages":[]})"), whole);
}

TEST(bedrock_signature, an_invocation_is_the_known_answer) {
    // plain-model-id of vectors/sigv4.json
    const target to = bedrock_target("amazon.titan-text-express-v1", "amazon", task::completions);
    EXPECT_THAT(proof(to, false, R"({"inputText":"hi"})"),
                HasSubstr("SignedHeaders=accept;content-type;host;x-amz-date, "
                          "Signature=98a06631870c2f1452b72ed447cb24e43de84aa57c9acbe61f4faacf1c259b58\r\n"));
    // stream-invoke-with-accept
    target claude = bedrock_target("anthropic.claude-sonnet-4-5-20250929-v1:0");
    bedrock::settings with = bedrock::settings_of(claude);
    with.by = bedrock::route::claude_messages;
    ASSERT_TRUE(bedrock::put_settings(claude, with));
    EXPECT_THAT(proof(claude,
                      true,
                      "{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":16,\"messages\":[{"
                      "\"role\":\"user\","
                      "\"content\":\"h\xC3\xA9\"}]}"),
                HasSubstr("SignedHeaders=content-type;host;x-amz-date;x-amzn-bedrock-accept, "
                          "Signature=97922a6ef3a1f2c3430fd225621554fc7a8887162622d527844b5169792ae12c\r\n"));
}

TEST(bedrock_signature, keys_of_a_role_bring_their_session) {
    resolved_config config = without_keys();
    config.plain["instance_profile_arn"] = "arn:aws:iam::123456789012:role/Gateway";
    const auto resolved = bedrock_provider().resolve(bedrock_claude, task::chat, config, "");
    ASSERT_TRUE(resolved) << resolved.error().message;
    ASSERT_NE(resolved->credential, nullptr);
    credential with;
    with.key_id = "ASIAROLE";
    with.token = secret_string("secret");
    with.session = secret_string("session+token/==");
    const std::string lines = proof(*resolved, false, "{}", &with);
    EXPECT_THAT(lines, HasSubstr("X-Amz-Security-Token: session+token/==\r\n"));
    EXPECT_THAT(lines, HasSubstr("Credential=ASIAROLE/"));
    EXPECT_THAT(lines, HasSubstr("SignedHeaders=accept;content-type;host;x-amz-date;x-amz-security-token,"));
    with.key_id = "a\nb";
    upstream_request request;
    EXPECT_FALSE(resolved->via->authorize(*resolved, false, &with, signing_time, request));
}

errc code_of(int status, std::string_view type, std::string_view body) {
    const target to = bedrock_target();
    http::field_list fields;
    if (!type.empty()) fields.push_back({"x-amzn-ErrorType", type});
    return upstream_error(to, status, fields, body, 0).code;
}

TEST(bedrock_error, the_name_decides_over_the_status) {
    EXPECT_EQ(code_of(400, "ThrottlingException", "{}"), errc::request_limit_exceeded);
    EXPECT_EQ(code_of(400, "ThrottlingException:http://internal.amazon.com/", "{}"),
              errc::request_limit_exceeded);
    EXPECT_EQ(code_of(500, "ThrottlingException#x", "{}"), errc::request_limit_exceeded);
    EXPECT_EQ(
        code_of(400, "", R"({"__type":"com.amazon.coral.service#AccessDeniedException","Message":"m"})"),
        errc::permission_denied);
    EXPECT_EQ(code_of(400, "", R"({"__type":"ExpiredTokenException"})"), errc::permission_denied);
    EXPECT_EQ(code_of(503, "ModelNotReadyException", "{}"), errc::request_limit_exceeded);
    EXPECT_EQ(code_of(424, "ModelErrorException", "{}"), errc::bad_upstream);
    EXPECT_EQ(code_of(408, "ModelTimeoutException", "{}"), errc::deadline_exceeded);
    EXPECT_EQ(code_of(400, "ServiceQuotaExceededException", "{}"), errc::bad_request);
    EXPECT_EQ(code_of(400, "ResourceNotFoundException", "{}"), errc::endpoint_not_found);
    EXPECT_EQ(code_of(400, "InternalServerException", "{}"), errc::internal_error);
    EXPECT_EQ(code_of(500, "ServiceUnavailableException", "{}"), errc::temporarily_unavailable);
}

TEST(bedrock_error, without_a_known_name_the_status_stands) {
    EXPECT_EQ(code_of(403, "NewException", "{}"), errc::permission_denied);
    EXPECT_EQ(code_of(429, "", "{}"), errc::request_limit_exceeded);
    EXPECT_EQ(code_of(503, "", "no json"), errc::temporarily_unavailable);
    EXPECT_EQ(code_of(404, "", R"({"__type":7})"), errc::endpoint_not_found);
    EXPECT_EQ(code_of(400, "", R"({"__type":""})"), errc::bad_request);
    EXPECT_EQ(code_of(200, "ThrottlingException", "{}"), errc::bad_upstream);
    EXPECT_EQ(code_of(500, "", std::string(100'000, '{')), errc::internal_error);
}

TEST(bedrock_error, keys_are_taken_out_of_what_is_shown) {
    const target to = bedrock_target();
    const error failed = upstream_error(
        to,
        403,
        {},
        R"({"message":"Credential=AKIDEXAMPLE/20260115 wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"})",
        0);
    EXPECT_THAT(failed.message, Not(HasSubstr("AKIDEXAMPLE")));
    EXPECT_THAT(failed.message, Not(HasSubstr("wJalrXUtnFEMI")));
}

} // namespace
} // namespace sluice::providers::bedrock_test
