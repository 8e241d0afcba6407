#include "core/base/base64.hpp"
#include "core/base/jwt.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::jwt_test {
namespace {

constexpr std::string_view our_header = R"({"alg":"HS256","typ":"JWT"})";

// A token with any header, signed as ours are.
std::string signed_with(std::string_view header, std::string_view payload, hmac_sha256& key) {
    const std::string text = base64url_encode(header) + '.' + base64url_encode(payload);
    return text + '.' + base64url_encode(as_text(key.sign(text)));
}

class jwt : public testing::Test {
protected:
    hmac_sha256 key_{secret_string("0123456789abcdef0123456789abcdef")};
    const std::string token_ = sign_jwt(R"({"sub":"1001"})", key_);
};

TEST_F(jwt, what_was_signed_is_verified) {
    EXPECT_EQ(verify_jwt(token_, key_), R"({"sub":"1001"})");
    EXPECT_EQ(signed_with(our_header, R"({"sub":"1001"})", key_), token_);
    EXPECT_TRUE(is_jwt(token_));
    EXPECT_FALSE(is_jwt("dapi0123456789abcdef"));
    EXPECT_EQ(verify_jwt(sign_jwt("", key_), key_), "");
}

TEST_F(jwt, no_character_of_it_can_be_changed_dropped_or_added) {
    for (std::size_t i = 0; i < token_.size(); ++i) {
        for (const char other : {'A', 'B', '.', '=', ' ', '+', '\0'}) {
            std::string changed = token_;
            if (changed[i] == other) continue;
            changed[i] = other;
            EXPECT_FALSE(verify_jwt(changed, key_)) << i << other;
        }
        EXPECT_FALSE(verify_jwt(std::string(token_).erase(i, 1), key_)) << i;
        EXPECT_FALSE(verify_jwt(std::string(token_).insert(i, 1, 'A'), key_)) << i;
        EXPECT_FALSE(verify_jwt(token_.substr(0, i), key_)) << i;
    }
    for (const char* more : {"A", ".", ".A", "=", "\n", " "})
        EXPECT_FALSE(verify_jwt(token_ + more, key_)) << more;
}

TEST_F(jwt, another_key_does_not_verify_it) {
    hmac_sha256 other(secret_string("0123456789abcdef0123456789abcdeg"));
    EXPECT_FALSE(verify_jwt(token_, other));
    hmac_sha256 empty{secret_string()};
    EXPECT_FALSE(verify_jwt(token_, empty));
}

TEST_F(jwt, another_header_is_refused_even_with_a_good_signature) {
    for (const std::string_view header : {R"({"typ":"JWT","alg":"HS256"})",
                                          R"({"alg":"HS256"})",
                                          R"({"alg":"HS256","typ":"JWT","kid":"1"})",
                                          R"({"alg":"none","typ":"JWT"})",
                                          R"({"alg":"HS512","typ":"JWT"})",
                                          R"({"alg":"RS256","typ":"JWT"})",
                                          R"({"alg":"HS256", "typ":"JWT"})",
                                          R"({"alg":"HS256","typ":"JWT","crit":["exp"]})",
                                          "",
                                          "{}"})
        EXPECT_FALSE(verify_jwt(signed_with(header, "{}", key_), key_)) << header;
}

TEST_F(jwt, an_unsigned_one_is_refused) {
    const std::string unsigned_token = token_.substr(0, token_.rfind('.'));
    EXPECT_FALSE(verify_jwt(unsigned_token, key_));
    EXPECT_FALSE(verify_jwt(unsigned_token + '.', key_));
    EXPECT_FALSE(
        verify_jwt(base64url_encode(R"({"alg":"none"})") + '.' + base64url_encode("{}") + '.', key_));
}

TEST_F(jwt, one_that_is_too_long_is_refused) {
    const std::string long_one = sign_jwt(std::string(longest_jwt, ' '), key_);
    EXPECT_FALSE(verify_jwt(long_one, key_));
    EXPECT_TRUE(verify_jwt(sign_jwt(std::string(longest_jwt / 4 * 3 - 80, ' '), key_), key_));
}

} // namespace
} // namespace sluice::jwt_test
