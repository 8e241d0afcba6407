#include "core/base/base64.hpp"
#include "core/base/sha256.hpp"
#include "core/json/writer.hpp"
#include "providers/google_credentials.hpp"
#include "providers/redact.hpp"
#include "tests/golden/golden_support.hpp"
#include "tests/support/service_account.hpp"
#include "tests/support/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::providers::google_credentials_test {
namespace {

using support::replaced;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

auto source(std::string_view account) {
    return make_google_source(secret_string(account));
}

credential_request first_request(const credential_source& from, wall_ms now) {
    auto next = from.begin()->next(now);
    std::optional<credential_request>& request = next.value();
    EXPECT_TRUE(request);
    return request ? std::move(*request) : credential_request();
}

std::string hex(const sha256_digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * digest.size());
    for (const unsigned char byte : digest) {
        out += digits[byte >> 4U];
        out += digits[byte & 0x0FU];
    }
    return out;
}

TEST(google_credentials, what_is_signed_is_the_known_answer) {
    const auto vector = golden::bj::parse(golden::read_file("vectors/jwt.json"));
    const auto& account = vector.at("service_account");
    const google_claims claims = {golden::text_of(account.at("private_key_id")),
                                  golden::text_of(account.at("client_email")),
                                  cloud_platform_scope,
                                  golden::text_of(account.at("token_uri"))};
    const std::string input = google_assertion(claims, vector.at("clock_unix").as_int64());
    EXPECT_EQ(input, golden::text_of(vector.at("signing_input")));
    EXPECT_EQ(hex(token_digest(input)), golden::text_of(vector.at("signing_input_sha256")));
    const std::size_t dot = input.find('.');
    EXPECT_EQ(base64url_decode(input.substr(0, dot)), golden::text_of(vector.at("jwt_header_json")));
    EXPECT_EQ(base64url_decode(input.substr(dot + 1)), golden::text_of(vector.at("jwt_claims_json")));
}

TEST(google_credentials, a_key_without_an_id_is_not_named) {
    const std::string input = google_assertion({"", "a@b", "s", "u"}, 1);
    EXPECT_EQ(base64url_decode(input.substr(0, input.find('.'))), R"({"alg":"RS256","typ":"JWT"})");
}

TEST(google_credentials, the_exchange_is_that_of_the_vector_and_its_signature_is_good) {
    const auto vector = golden::bj::parse(golden::read_file("vectors/jwt.json"));
    const wall_ms now = vector.at("clock_unix").as_int64() * 1000 + 999;
    const auto from = source(test::service_account_json());
    ASSERT_TRUE(from) << from.error().message;
    const auto exchange = (*from)->begin();
    auto next = exchange->next(now);
    ASSERT_TRUE(next);
    const std::optional<credential_request>& request = *next;
    ASSERT_TRUE(request);

    EXPECT_EQ(request->to, (origin{true, "oauth2.googleapis.com", 443}));
    EXPECT_FALSE(request->is_metadata);
    const std::string_view head = request->head.reveal();
    EXPECT_TRUE(head.starts_with("POST /token HTTP/1.1\r\nHost: oauth2.googleapis.com\r\n")) << head;
    EXPECT_THAT(std::string(head), HasSubstr("\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    const std::string_view body = request->body.reveal();
    EXPECT_THAT(std::string(head), HasSubstr("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));

    const std::string_view golden_body = golden::text_of(vector.at("token_request").at("body"));
    const std::string_view front = golden_body.substr(0, golden_body.find("<jwt>"));
    ASSERT_TRUE(body.starts_with(front)) << body;
    const std::string_view assertion = body.substr(front.size());
    const std::size_t dot = assertion.rfind('.');
    EXPECT_EQ(assertion.substr(0, dot), golden::text_of(vector.at("signing_input")));
    const auto signature = base64url_decode(assertion.substr(dot + 1));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(test::is_signed(assertion.substr(0, dot), *signature));

    const padded answer(golden::bj::serialize(vector.at("token_response").at("body")));
    ASSERT_TRUE(exchange->read(answer.view(), now));
    EXPECT_FALSE(exchange->next(now).value());
    const credential got = exchange->take();
    EXPECT_EQ(got.token.reveal(), "ya29.test-access-token");
    EXPECT_EQ(got.expires, now + 3599 * 1000);
}

TEST(google_credentials, no_text_may_show_the_key_a_line_of_it_or_the_assertion) {
    const std::string pem = test::pem_of(test::rsa_test_key());
    const auto from = source(test::service_account_json()).value();
    const std::span<const secret_string> secrets = from->secrets();
    std::string escaped;
    json::append_string(escaped, pem);
    for (const std::string& text : {pem, escaped, replaced(pem, "\n", "\r\n")}) {
        const std::string shown = redact("error: " + text, secrets);
        for (std::size_t at = pem.find('\n') + 1; at + 40 < pem.size(); at += 65)
            EXPECT_THAT(shown, Not(HasSubstr(pem.substr(at, 12)))) << text;
        EXPECT_THAT(shown, AllOf(HasSubstr("error: "), HasSubstr("[redacted]"))) << text;
    }
    const std::size_t line = pem.find('\n') + 1;
    EXPECT_EQ(redact(pem.substr(line + 65, 64), secrets), "[redacted]");
    EXPECT_EQ(redact("-----BEGIN PRIVATE KEY----- is missing", secrets),
              "-----BEGIN PRIVATE KEY----- is missing");

    const auto exchange = from->begin();
    const auto next = exchange->next(0);
    ASSERT_TRUE(next && *next);
    const std::string body((*next)->body.reveal());
    const std::string assertion = body.substr(body.find("assertion=") + 10);
    EXPECT_EQ(redact("bad jwt " + assertion, exchange->secrets()), "bad jwt [redacted]");
}

TEST(google_credentials, an_answer_without_a_token_is_an_error) {
    const auto from = source(test::service_account_json()).value();
    const auto exchange = from->begin();
    ASSERT_TRUE(exchange->next(0));
    const padded answer(R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})");
    const auto read = exchange->read(answer.view(), 0);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::bad_upstream);
    EXPECT_THAT(read.error().message, Not(HasSubstr("JWT")));
}

TEST(google_credentials, the_token_service_is_that_of_the_account_or_googles_own) {
    const auto own = source(test::service_account_json("http://127.0.0.1:81/oauth/token/?x=1")).value();
    const credential_request request = first_request(*own, 0);
    EXPECT_EQ(request.to, (origin{false, "127.0.0.1", 81}));
    EXPECT_TRUE(request.head.reveal().starts_with("POST /oauth/token/?x=1 HTTP/1.1\r\n"));
    const auto usual = source(test::service_account_json("")).value();
    EXPECT_EQ(first_request(*usual, 0).to.host, "oauth2.googleapis.com");
}

TEST(google_credentials, line_ends_that_were_escaped_twice_are_repaired) {
    std::string pem = test::pem_of(test::rsa_test_key());
    for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 2)
        pem.replace(at, 1, "\\n");
    const auto from = source(test::service_account_json("https://t.example", pem));
    ASSERT_TRUE(from) << from.error().message;
    EXPECT_EQ(pem.find('\n'), std::string::npos);
}

TEST(google_credentials, sources_are_known_by_account_and_scope) {
    const std::string account = test::service_account_json();
    const auto id = [](std::string_view of, std::string_view scope) {
        return make_google_source(secret_string(of), scope).value()->id();
    };
    EXPECT_EQ(id(account, "a"), id(account, "a"));
    EXPECT_NE(id(account, "a"), id(account, "b"));
    EXPECT_NE(id(account, "a"), id(test::service_account_json("https://other.example"), "a"));
}

// The account with one member replaced.
std::string with(std::string_view member, const golden::bj::value& value) {
    auto account = golden::bj::parse(test::service_account_json());
    account.as_object()[{member.data(), member.size()}] = value;
    return golden::bj::serialize(account);
}

TEST(google_credentials, what_is_no_account_is_refused_without_being_repeated) {
    const std::string pem = test::pem_of(test::rsa_test_key());
    const std::vector<std::pair<std::string, std::string_view>> table = {
        {"", "whole JSON text"},
        {pem, "whole JSON text"},
        {"[]", "whole JSON text"},
        {R"({"private_key":"sec)", "whole JSON text"},
        {std::string(70'000, ' ') + test::service_account_json(), "whole JSON text"},
        {"{}", "client_email"},
        {with("type", "authorized_secret"), "type"},
        {with("client_email", ""), "client_email"},
        {with("client_email", nullptr), "client_email"},
        {with("client_email", 7), "client_email"},
        {with("client_email", "secret\r\nx"), "client_email"},
        {with("private_key_id", "a secret"), "private_key_id"},
        {with("private_key", "secret"), "private_key"},
        {with("private_key", nullptr), "private_key"},
        {with("private_key", golden::bj::string(pem.substr(0, 400))), "private_key"},
        {with("token_uri", "ftp://secret"), "token_uri"},
        {with("token_uri", "https://user:secret@host/"), "token_uri"},
        {with("token_uri", "https://host/a secret"), "token_uri"}};
    for (const auto& [account, named] : table) {
        const auto made = source(account);
        ASSERT_FALSE(made) << named;
        EXPECT_EQ(made.error().code, errc::invalid_parameter_value);
        EXPECT_THAT(made.error().message, HasSubstr(std::string(named)));
        EXPECT_THAT(made.error().message, Not(HasSubstr("secret")));
        EXPECT_THAT(made.error().message, Not(HasSubstr("BEGIN")));
    }
}

} // namespace
} // namespace sluice::providers::google_credentials_test
