// Keys of a role by every way there is, with scripted answers (providers.md §6.2).
#include "providers/aws_credentials.hpp"
#include "tests/support/text.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace sluice::providers::aws::aws_credentials_test {

namespace {

using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

constexpr wall_ms signing_time = 1'768'480'496'000; // 2026-01-15T12:34:56Z
constexpr std::string_view role = "arn:aws:iam::123456789012:role/Gateway";

using variables = std::map<std::string, std::string, std::less<>>;

environment of(variables values) {
    return [values = std::move(values)](const char* name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    };
}

const variables static_keys = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                               {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}};

constexpr std::string_view assumed =
    R"(<?xml version="1.0"?>
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser><AssumedRoleId>A:gateway-bedrock</AssumedRoleId><Arn>arn</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAROLE</AccessKeyId>
      <SecretAccessKey>sec/ret+&amp;</SecretAccessKey>
      <SessionToken>session==</SessionToken>
      <Expiration>2026-01-15T13:34:56Z</Expiration>
    </Credentials>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</AssumeRoleResponse>)";

constexpr std::string_view base_keys =
    R"({"Code":"Success","AccessKeyId":"ASIABASE","SecretAccessKey":"base","Token":"base-session","Expiration":"2026-01-15T18:00:00Z"})";

auto source(const variables& values, int seconds = 3600) {
    return make_role_source(role, "us-east-1", of(values), seconds).value();
}

// An exchange with its source, which must outlive it.
struct running {
    explicit running(std::shared_ptr<const credential_source> source)
        : from(std::move(source))
        , exchange(from->begin()) {}
    credential_exchange& operator*() const { return *exchange; }
    credential_exchange* operator->() const { return exchange.get(); }

    std::shared_ptr<const credential_source> from;
    std::unique_ptr<credential_exchange> exchange;
};

credential_request next_of(credential_exchange& exchange) {
    auto next = exchange.next(signing_time);
    EXPECT_TRUE(next && *next);
    return next.value().value();
}

std::string head_of(const credential_request& request) {
    return std::string(request.head.reveal());
}

result<void> told(credential_exchange& exchange, std::string_view body) {
    const padded bytes(body);
    return exchange.read(bytes.view(), signing_time);
}

void expect_role_keys(credential_exchange& exchange) {
    ASSERT_TRUE(told(exchange, assumed));
    const auto end = exchange.next(signing_time);
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
    const credential got = exchange.take();
    EXPECT_EQ(got.key_id, "ASIAROLE");
    EXPECT_EQ(got.token.reveal(), "sec/ret+&");
    EXPECT_EQ(got.session.reveal(), "session==");
    EXPECT_EQ(got.expires, signing_time + 3'600'000);
}

TEST(aws_credentials, keys_of_the_environment_assume_the_role_as_in_the_known_answer) {
    const running exchange(source(static_keys, 900));
    const credential_request request = next_of(*exchange);
    EXPECT_EQ(request.to, (origin{true, "sts.us-east-1.amazonaws.com", 443}));
    EXPECT_FALSE(request.is_metadata);
    EXPECT_EQ(
        request.body.reveal(),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FGateway&"
        "RoleSessionName=gateway-bedrock&DurationSeconds=900");
    EXPECT_THAT(head_of(request), StartsWith("POST / HTTP/1.1\r\nHost: sts.us-east-1.amazonaws.com\r\n"));
    EXPECT_THAT(head_of(request),
                HasSubstr("Content-Length: " + std::to_string(request.body.reveal().size()) + "\r\n"));
    // sts-assume-role of vectors/sigv4.json
    EXPECT_THAT(
        head_of(request),
        HasSubstr(
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/sts/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=7f2aa8d57a639be0cfb953e4764a408b5eacc8769876d1910b9716805db9845e\r\n"));
    EXPECT_THAT(head_of(request), Not(HasSubstr("\r\n\r\n")));
    expect_role_keys(*exchange);
}

TEST(aws_credentials, a_session_of_the_environment_is_sent_and_signed) {
    variables values = static_keys;
    values["AWS_SESSION_TOKEN"] = "mine";
    values["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:81/sts";
    const running exchange(source(values));
    const credential_request request = next_of(*exchange);
    EXPECT_EQ(request.to, (origin{false, "127.0.0.1", 81}));
    EXPECT_THAT(head_of(request), StartsWith("POST /sts HTTP/1.1\r\nHost: 127.0.0.1:81\r\n"));
    EXPECT_THAT(head_of(request), HasSubstr("X-Amz-Security-Token: mine\r\n"));
    EXPECT_THAT(head_of(request), HasSubstr("host;x-amz-date;x-amz-security-token,"));
    EXPECT_THAT(std::string(request.body.reveal()), HasSubstr("&DurationSeconds=3600"));
}

TEST(aws_credentials, a_container_gives_the_keys_to_begin_with) {
    const running exchange(source({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"},
                                   {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"}}));
    const credential_request first = next_of(*exchange);
    EXPECT_EQ(first.to, (origin{false, "169.254.170.2", 80}));
    EXPECT_TRUE(first.is_metadata);
    EXPECT_TRUE(first.body.empty());
    EXPECT_THAT(head_of(first), StartsWith("GET /v2/credentials/x HTTP/1.1\r\nHost: 169.254.170.2\r\n"));
    EXPECT_THAT(head_of(first), HasSubstr("Authorization: Basic abc\r\n"));
    ASSERT_TRUE(told(*exchange, base_keys));
    const credential_request second = next_of(*exchange);
    EXPECT_THAT(head_of(second), HasSubstr("Credential=ASIABASE/"));
    EXPECT_THAT(head_of(second), HasSubstr("X-Amz-Security-Token: base-session\r\n"));
    expect_role_keys(*exchange);
}

std::vector<std::string> texts_of(std::span<const secret_string> secrets) {
    std::vector<std::string> out;
    for (const secret_string& each : secrets)
        out.emplace_back(each.reveal());
    return out;
}

TEST(aws_credentials, no_text_may_show_the_keys_to_begin_with) {
    variables values = static_keys;
    values["AWS_SESSION_TOKEN"] = "mine";
    EXPECT_THAT(texts_of(source(values)->secrets()),
                IsSupersetOf({"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "mine"}));
    const auto container = source({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"},
                                   {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"}});
    EXPECT_THAT(texts_of(container->secrets()), Contains("Basic abc"));
    const running exchange(container);
    static_cast<void>(next_of(*exchange));
    ASSERT_TRUE(told(*exchange, base_keys));
    EXPECT_THAT(texts_of(exchange->secrets()), IsSupersetOf({"ASIABASE", "base", "base-session"}));
}

TEST(aws_credentials, what_is_asked_in_the_gateways_own_name_is_marked) {
    const running exchange(source({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"}}));
    EXPECT_TRUE(next_of(*exchange).is_own);
    ASSERT_TRUE(told(*exchange, base_keys));
    EXPECT_TRUE(next_of(*exchange).is_own);
}

TEST(aws_credentials, a_refusal_has_a_name) {
    EXPECT_EQ(name_of_refusal("<ErrorResponse><Error><Code>AccessDenied</Code><Message>x</Message>"),
              "AccessDenied");
    for (const std::string_view body :
         {"", "<Code>", "<Code></Code>", "<Code>a b</Code>", "Code AccessDenied"})
        EXPECT_EQ(name_of_refusal(body), "") << body;
    EXPECT_EQ(name_of_refusal("<Code>" + std::string(65, 'a') + "</Code>"), "");
}

// A file whose text a test changes.
struct token_file {
    std::optional<std::string> text;

    file_reader reader() {
        return [this](const std::string& path) {
            EXPECT_EQ(path, "/var/run/token");
            return text;
        };
    }
};

TEST(aws_credentials, a_web_identity_stands_for_a_role_that_assumes_the_other) {
    token_file file{"eyJ.first\n"};
    const auto made = make_role_source(role,
                                       "us-east-1",
                                       of({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"},
                                           {"AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Node"},
                                           {"AWS_ROLE_SESSION_NAME", "pod 1"},
                                           {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}}),
                                       900,
                                       file.reader())
                          .value();
    const running exchange(made);
    const credential_request first = next_of(*exchange);
    EXPECT_EQ(first.to, (origin{true, "sts.us-east-1.amazonaws.com", 443}));
    EXPECT_TRUE(first.is_own);
    EXPECT_FALSE(first.is_metadata);
    EXPECT_EQ(first.body.reveal(),
              "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012"
              "%3Arole%2FNode&RoleSessionName=pod%201&WebIdentityToken=eyJ.first");
    EXPECT_THAT(head_of(first), AllOf(StartsWith("POST / HTTP/1.1\r\n"), Not(HasSubstr("Authorization"))));
    const std::string answer = support::replaced(
        support::replaced(assumed, "AssumeRoleRes", "AssumeRoleWithWebIdentityRes"), "ASIAROLE", "ASIANODE");
    EXPECT_FALSE(told(*exchange, assumed)) << "the answer to another question";
    ASSERT_TRUE(told(*exchange, answer));
    const credential_request second = next_of(*exchange);
    EXPECT_THAT(head_of(second), HasSubstr("Credential=ASIANODE/"));
    EXPECT_THAT(texts_of(exchange->secrets()), IsSupersetOf({"eyJ.first", "ASIANODE", "session=="}));
    expect_role_keys(*exchange);

    file.text = "eyJ.second";
    EXPECT_THAT(std::string(next_of(*running(made)).body.reveal()), EndsWith("=eyJ.second"));
    for (const auto& text : {std::optional<std::string>(), std::optional<std::string>("\n")}) {
        file.text = text;
        const auto next = made->begin()->next(signing_time);
        ASSERT_FALSE(next);
        EXPECT_EQ(next.error().code, errc::unauthenticated);
    }
}

TEST(aws_credentials, only_a_regular_file_is_read) {
    const std::string path = testing::TempDir() + "sluice-token-" + std::to_string(::getpid());
    const file_reader read = files_of_process();
    EXPECT_FALSE(read(path)) << "there is none";
    EXPECT_FALSE(read(testing::TempDir()));
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_FALSE(read(path)) << "it would wait for somebody who writes";
    ASSERT_TRUE(std::filesystem::remove(path));
    std::ofstream(path) << "token";
    const std::string link = path + "-link"; // as Kubernetes has them
    std::filesystem::create_symlink(path, link);
    EXPECT_EQ(read(link), "token");
    std::filesystem::remove(link);
    std::filesystem::remove(path);
}

TEST(aws_credentials, a_web_identity_needs_its_role_and_comes_behind_keys) {
    variables values = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"}};
    const auto made = make_role_source(role, "us-east-1", of(values));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message, "The environment variable AWS_ROLE_ARN is not usable.");
    values.insert(static_keys.begin(), static_keys.end());
    EXPECT_THAT(head_of(next_of(*running(source(values)))), HasSubstr("Credential=AKIDEXAMPLE/"));
}

TEST(aws_credentials, a_containers_token_may_stand_in_a_file) {
    token_file file{"Basic of-file\n"};
    const auto made = make_role_source(role,
                                       "us-east-1",
                                       of({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1"},
                                           {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"},
                                           {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/token"}}),
                                       900,
                                       file.reader())
                          .value();
    const running exchange(made);
    EXPECT_THAT(head_of(next_of(*exchange)), HasSubstr("Authorization: Basic of-file\r\n"));
    EXPECT_THAT(texts_of(exchange->secrets()), Contains("Basic of-file"));
}

TEST(aws_credentials, a_containers_token_goes_to_its_own_host_or_encrypted_only) {
    const auto made = [](std::string_view url) {
        return make_role_source(
            role, "us-east-1", of({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", std::string(url)}}));
    };
    EXPECT_TRUE(made("http://169.254.170.23/v1/credentials"));
    EXPECT_TRUE(made("http://127.0.0.1:9/x"));
    EXPECT_TRUE(made("http://[fd00:ec2::23]/v1/credentials"));
    EXPECT_TRUE(made("https://example.com/x"));
    for (const std::string_view bad : {"http://example.com/x", "ftp://127.0.0.1/", "x"}) {
        const auto source = made(bad);
        ASSERT_FALSE(source) << bad;
        EXPECT_EQ(source.error().message,
                  "The environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI is not usable.");
    }
}

TEST(aws_credentials, an_instance_is_asked_for_a_token_a_role_and_its_keys) {
    const running exchange(source({}));
    const credential_request first = next_of(*exchange);
    EXPECT_EQ(first.to, (origin{false, "169.254.169.254", 80}));
    EXPECT_TRUE(first.is_metadata);
    EXPECT_THAT(head_of(first), StartsWith("PUT /latest/api/token HTTP/1.1\r\n"));
    EXPECT_THAT(head_of(first), HasSubstr("X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
    EXPECT_THAT(head_of(first), HasSubstr("Content-Length: 0\r\n"));
    ASSERT_TRUE(told(*exchange, "TOKEN==\n"));
    const credential_request second = next_of(*exchange);
    EXPECT_TRUE(second.is_metadata);
    EXPECT_THAT(head_of(second), StartsWith("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n"));
    EXPECT_THAT(head_of(second), HasSubstr("X-aws-ec2-metadata-token: TOKEN==\r\n"));
    ASSERT_TRUE(told(*exchange, "my-role\n"));
    const credential_request third = next_of(*exchange);
    EXPECT_THAT(head_of(third),
                StartsWith("GET /latest/meta-data/iam/security-credentials/my-role HTTP/1.1\r\n"));
    EXPECT_THAT(head_of(third), HasSubstr("X-aws-ec2-metadata-token: TOKEN==\r\n"));
    ASSERT_TRUE(told(*exchange, base_keys));
    EXPECT_FALSE(next_of(*exchange).is_metadata);
    expect_role_keys(*exchange);
}

TEST(aws_credentials, a_request_may_be_asked_for_twice) {
    const running exchange(source({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:82/"}}));
    EXPECT_EQ(head_of(next_of(*exchange)), head_of(next_of(*exchange)));
    EXPECT_EQ(next_of(*exchange).to, (origin{false, "127.0.0.1", 82}));
}

TEST(aws_credentials, what_an_instance_must_not_answer_is_refused) {
    for (const std::string_view bad : {"", " \n", "two words", "a\r\nb"}) {
        const running exchange(source({}));
        const auto read = told(*exchange, bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, errc::bad_upstream);
    }
    for (const std::string_view bad : {"", "../x", "a/b", "a b", "a?b", "%2e"}) {
        const running exchange(source({}));
        ASSERT_TRUE(told(*exchange, "T"));
        EXPECT_FALSE(told(*exchange, bad)) << bad;
    }
}

TEST(aws_credentials, base_keys_need_both_halves) {
    for (const std::string_view bad : {"",
                                       "{}",
                                       "[]",
                                       R"({"AccessKeyId":"a"})",
                                       R"({"AccessKeyId":"a","SecretAccessKey":"b\n"})",
                                       R"({"AccessKeyId":"a b","SecretAccessKey":"b"})",
                                       R"({"Code":"Failed","Message":"m"})"}) {
        const padded bytes(bad);
        const auto read = read_base_keys(bytes.view());
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().message, "The answer of the metadata service of AWS cannot be read.");
    }
    const padded lasting(R"({"AccessKeyId":"a","SecretAccessKey":"b"})");
    EXPECT_EQ(read_base_keys(lasting.view()).value().expires, 0);
}

TEST(aws_credentials, xml_that_is_not_the_answer_is_refused_and_not_repeated) {
    const std::string good(assumed);
    const auto changed = [&good](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    const std::vector<std::string> bad = {
        "",
        "{}",
        "<",
        "<a>",
        "<a/>",
        good.substr(0, good.size() - 5),
        changed("ASIAROLE", ""),
        changed("ASIAROLE", "AS IA"),
        changed("ASIAROLE", "A&amp;\n"),
        changed("session==", ""),
        changed("session==", "a&#10;b"),
        changed("&amp;", "&nbsp;"),
        changed("</SessionToken>", "</Other>"),
        changed("<Credentials>", "<!-- x --><Credentials>"),
        changed("<AccessKeyId>", "<![CDATA[<AccessKeyId>"),
        changed("<?xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><?xml"),
        changed("2026-01-15T13:34:56Z", "2026-01-15 13:34:56"),
        changed("2026-01-15T13:34:56Z", ""),
        changed("AssumeRoleResult>", "Other>"),
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message></Error></ErrorResponse>",
        std::string(1000, '<'),
        std::string("<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"),
    };
    for (const std::string& text : bad) {
        const auto read = read_assumed_role(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, errc::bad_upstream);
        EXPECT_EQ(read.error().message, "The answer of the security token service of AWS cannot be read.");
    }
    EXPECT_TRUE(read_assumed_role(changed("<Credentials>", "<Credentials a='>' b=\"<\">")));
}

TEST(aws_credentials, times_are_read_or_not_at_all) {
    EXPECT_EQ(read_time("1970-01-01T00:00:01Z"), 1000);
    EXPECT_EQ(read_time("2026-01-15T12:34:56Z"), signing_time);
    EXPECT_EQ(read_time("2026-01-15T12:34:56.789Z"), signing_time);
    for (const std::string_view bad : {"",
                                       "2026-01-15T12:34:56",
                                       "2026-01-15T12:34:56+01:00",
                                       "2026-13-15T12:34:56Z",
                                       "2026-02-30T12:34:56Z",
                                       "2026-01-15T24:34:56Z",
                                       "2026-01-15T12:60:56Z",
                                       "2026-01-15T12:34:56.Z",
                                       "2026-01-15T12:34:56.xZ",
                                       "+026-01-15T12:34:56Z",
                                       "2026-01-15T1x:34:56Z"})
        EXPECT_FALSE(read_time(bad)) << bad;
}

TEST(aws_credentials, sources_are_known_by_all_that_they_are_made_of) {
    const std::string id = source(static_keys)->id();
    EXPECT_EQ(id, source(static_keys)->id());
    EXPECT_NE(id, source({})->id());
    EXPECT_NE(id, source(static_keys, 900)->id());
    EXPECT_NE(id, make_role_source(role, "eu-west-1", of(static_keys)).value()->id());
    variables other = static_keys;
    other["AWS_SECRET_ACCESS_KEY"] = "x";
    EXPECT_NE(id, source(other)->id());
    EXPECT_EQ(id.find("AKID"), std::string::npos);
}

TEST(aws_credentials, keys_that_cannot_stand_in_a_head_are_no_request) {
    variables values = static_keys;
    values["AWS_ACCESS_KEY_ID"] = "a\r\nb: c";
    const running exchange(source(values));
    const auto next = exchange->next(signing_time);
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code, errc::invalid_parameter_value);
}

} // namespace
} // namespace sluice::providers::aws::aws_credentials_test
