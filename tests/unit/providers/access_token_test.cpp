#include "providers/access_token.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::access_token_test {
namespace {

using testing::HasSubstr;

constexpr wall_ms now = 1'700'000'000'000;

result<credential> read(std::string_view body) {
    const padded bytes(body);
    return read_access_token(bytes.view(), now);
}

TEST(access_token, the_lifetime_is_a_number_or_its_text) {
    struct lifetime {
        std::string_view member;
        wall_ms seconds;
    };
    const std::vector<lifetime> table = {{R"(,"expires_in":3599)", 3599},
                                         {R"(,"expires_in":"3599")", 3599},
                                         {R"(,"expires_in":3599.0)", 3599},
                                         {"", 3600},
                                         {R"(,"expires_in":null)", 3600},
                                         {R"(,"expires_in":"soon")", 3600},
                                         {R"(,"expires_in":-5)", 0},
                                         {R"(,"expires_in":99999999999999)", 86400}};
    for (const lifetime& each : table) {
        const auto got = read(
            std::string(R"({"token_type":"Bearer","access_token":"t-1")").append(each.member).append("}"));
        ASSERT_TRUE(got) << each.member;
        EXPECT_EQ(got->token.reveal(), "t-1");
        EXPECT_EQ(got->expires, now + each.seconds * 1000) << each.member;
    }
}

TEST(access_token, what_is_no_token_is_refused_without_being_repeated) {
    for (const std::string_view body : {"",
                                        "no",
                                        "[]",
                                        "{}",
                                        R"({"access_token":null})",
                                        R"({"access_token":7})",
                                        R"({"access_token":""})",
                                        R"({"access_token":"secret x"})",
                                        R"({"access_token":"secret\r\nX: y"})"}) {
        const auto got = read(body);
        ASSERT_FALSE(got) << body;
        EXPECT_EQ(got.error().code, errc::bad_upstream);
        EXPECT_THAT(got.error().message, Not(HasSubstr("secret")));
    }
    EXPECT_FALSE(read(R"({"access_token":")" + std::string(20'000, 'a') + R"("})"));
}

TEST(access_token, a_form_is_percent_encoded) {
    const std::vector<form_field> fields = {{"a", "x y"}, {"b", "&=+/"}};
    const auto made = form_request({true, "h.test", 443}, "/token", fields);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->body.reveal(), "a=x%20y&b=%26%3D%2B%2F");
    EXPECT_EQ(made->head.reveal(),
              "POST /token HTTP/1.1\r\n"
              "Host: h.test\r\n"
              "Content-Type: application/x-www-form-urlencoded\r\n"
              "Accept: application/json\r\n"
              "Accept-Encoding: identity\r\n"
              "User-Agent: sluice/" SLUICE_VERSION "\r\n"
              "Content-Length: 22\r\n");
}

TEST(access_token, some_failures_pass) {
    EXPECT_TRUE(is_passing_failure(503, ""));
    EXPECT_TRUE(is_passing_failure(429, ""));
    EXPECT_TRUE(is_passing_failure(400, R"({"error":"temporarily_unavailable"})"));
    EXPECT_FALSE(is_passing_failure(400, R"({"error":"invalid_grant"})"));
    EXPECT_FALSE(is_passing_failure(401, ""));
}

} // namespace
} // namespace sluice::providers::access_token_test
