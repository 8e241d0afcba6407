#include "core/base/jwt.hpp"
#include "proxy/model/access_token.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::model::access_token_test {
namespace {

constexpr wall_ms now = 1'700'000'000'000;
constexpr std::string_view workspace = "7000000000000001";

// Made with Python's hmac and base64 modules.
constexpr std::string_view known =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJpc3MiOiJzbHVpY2UiLCJhdWQiOiI3MDAwMDAwMDAwMDAwMDAxIiwic3ViIjoiMTAwMyIsImNsaWVudF9pZCI6IjhkNWExZjBlLTAw"
    "MDAt"
    "NDAwMC04MDAwLTAwMDAwMDAwMDAwMSIsInNjb3BlIjoiYWxsLWFwaXMiLCJqdGkiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2Rk"
    "ZWVm"
    "ZiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.Gm0PEBjAXl5EFs4xfvhtTOm_y95uDBBZB7D6zUrsxWc";

access_claims known_claims() {
    return {.subject = "1003",
            .audience = std::string(workspace),
            .client_id = "8d5a1f0e-0000-4000-8000-000000000001",
            .token_id = "00112233445566778899aabbccddeeff",
            .issued = 1'700'000'000,
            .expires = 1'700'003'600};
}

std::string bytes_from_0_to_31() {
    std::string out;
    for (char i = 0; i < 32; ++i)
        out += i;
    return out;
}

class access_token : public testing::Test {
protected:
    hmac_sha256 key_{secret_string(bytes_from_0_to_31())};
};

TEST_F(access_token, a_known_token_is_made_and_read) {
    EXPECT_EQ(issue_access_token(known_claims(), key_), known);
    EXPECT_EQ(check_access_token(known, key_, workspace, now), known_claims());
}

TEST_F(access_token, every_claim_comes_back) {
    access_claims claims = known_claims();
    claims.endpoint_id = "0123456789abcdef0123456789abcdef";
    claims.scope = token_scope::model_serving;
    claims.client_id.clear();
    const auto token = issue_access_token(claims, key_);
    ASSERT_TRUE(token);
    EXPECT_EQ(check_access_token(token.value_or(""), key_, workspace, now), claims);
}

TEST_F(access_token, it_is_good_from_its_first_to_its_last_second) {
    EXPECT_TRUE(check_access_token(known, key_, workspace, now + 3'599'999));
    EXPECT_FALSE(check_access_token(known, key_, workspace, now + 3'600'000));
    EXPECT_TRUE(check_access_token(known, key_, workspace, now - 60'000));
    EXPECT_FALSE(check_access_token(known, key_, workspace, now - 60'001));
}

TEST_F(access_token, another_audience_or_key_is_refused) {
    EXPECT_FALSE(check_access_token(known, key_, "7000000000000002", now));
    EXPECT_FALSE(check_access_token(known, key_, "", now));
    hmac_sha256 other(secret_string("other"));
    EXPECT_FALSE(check_access_token(known, other, workspace, now));
}

TEST_F(access_token, a_claim_that_needs_escapes_makes_no_token) {
    using std::string_view_literals::operator""sv;
    for (const std::string_view text : {"a\"b"sv, "a\\b"sv, "a\nb"sv, "a\0b"sv, "\xc3\xa9"sv}) {
        access_claims claims = known_claims();
        claims.endpoint_id = text;
        EXPECT_FALSE(issue_access_token(claims, key_));
    }
}

TEST_F(access_token, a_client_id_that_needs_escapes_is_left_out) {
    access_claims claims = known_claims();
    claims.client_id = "say \"caf\xc3\xa9\"";
    const auto token = issue_access_token(claims, key_);
    ASSERT_TRUE(token);
    claims.client_id.clear();
    EXPECT_EQ(check_access_token(token.value_or(""), key_, workspace, now), claims);
}

TEST_F(access_token, a_signed_payload_of_another_form_is_refused) {
    const std::string good =
        R"({"iss":"sluice","aud":"7000000000000001","sub":"1003","scope":"all-apis","jti":"j","iat":1700000000,"exp":1700003600})";
    ASSERT_TRUE(read_claims(good));
    ASSERT_TRUE(check_access_token(sign_jwt(good, key_), key_, workspace, now));
    const auto changed = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    for (const std::string& text : {std::string(),
                                    std::string("{}"),
                                    std::string("null"),
                                    good + " ",
                                    " " + good,
                                    good + "}",
                                    good.substr(0, good.size() - 1),
                                    changed(R"("sluice")", R"("other")"),
                                    changed(R"("iss":"sluice",)", ""),
                                    changed(R"("aud":"7000000000000001",)", ""),
                                    changed(R"("sub":"1003",)", ""),
                                    changed(R"("sub":"1003")", R"("sub":"")"),
                                    changed(R"("sub":"1003")", R"("sub":1003)"),
                                    changed(R"("sub":"1003")", R"("sub":"1003","sub":"1")"),
                                    changed(R"("sub":"1003")", R"("sub":"10\u00303")"),
                                    changed(R"("scope":"all-apis")", R"("scope":"sql")"),
                                    changed(R"("scope":"all-apis",)", ""),
                                    changed(R"("jti":"j",)", ""),
                                    changed(R"("jti":"j")", R"("jti":"j","admin":"1")"),
                                    changed(R"("jti":"j")", R"("jti":"j","endpoint_id":"")"),
                                    changed(R"("jti":"j")", R"("jti":"j","endpoint_id":null)"),
                                    changed(R"("jti":"j")", R"("jti": "j")"),
                                    changed("1700003600", "\"1700003600\""),
                                    changed("1700003600", "1700003600.5"),
                                    changed("1700003600", "1e99"),
                                    changed("1700003600", "9223372036854775807"),
                                    changed("1700003600", "99999999999999999999999"),
                                    changed("1700003600", "-1"),
                                    changed("1700003600", "01700003600"),
                                    changed(R"(,"exp":1700003600)", ""),
                                    changed(R"("exp":1700003600)", R"("exp":1700003600,"exp":1900000000)"),
                                    changed(R"("iat":1700000000,)", "")}) {
        EXPECT_FALSE(read_claims(text)) << text;
        EXPECT_FALSE(check_access_token(sign_jwt(text, key_), key_, workspace, now)) << text;
    }
}

} // namespace
} // namespace sluice::model::access_token_test
