#include "core/base/base64.hpp"
#include "core/base/hmac.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::hmac_test {
namespace {

std::string code_of(hmac_sha256& key, std::string_view text) {
    return std::string(as_text(key.sign(text)));
}

TEST(hmac_sha256, the_example_of_rfc_4231_is_met) {
    hmac_sha256 key(secret_string("Jefe")); // §4.3
    EXPECT_EQ(base64_encode(code_of(key, "what do ya want for nothing?")),
              "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
}

TEST(hmac_sha256, the_signature_of_rfc_7515_a_1_is_met) {
    hmac_sha256 key(secret_string(*base64url_decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")));
    const std::string text =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ";
    const std::string code = code_of(key, text);
    EXPECT_EQ(base64url_encode(code), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    EXPECT_TRUE(key.verify(text, code));
    EXPECT_FALSE(key.verify(text + "A", code));
}

TEST(hmac_sha256, one_object_signs_many_texts_independently) {
    hmac_sha256 key(secret_string("key"));
    const std::string first = code_of(key, "abc");
    EXPECT_NE(code_of(key, std::string(1000, 'x')), first);
    EXPECT_EQ(code_of(key, "abc"), first);
    EXPECT_EQ(code_of(key, ""), code_of(key, ""));
}

TEST(hmac_sha256, a_code_with_another_bit_or_another_length_is_not_verified) {
    hmac_sha256 key(secret_string("key"));
    const std::string code = code_of(key, "abc");
    for (std::size_t bit = 0; bit < code.size() * 8; ++bit) {
        std::string other = code;
        other[bit / 8] = static_cast<char>(static_cast<unsigned char>(other[bit / 8]) ^ (1U << bit % 8));
        EXPECT_FALSE(key.verify("abc", other));
    }
    EXPECT_FALSE(key.verify("abc", ""));
    EXPECT_FALSE(key.verify("abc", code.substr(0, 31)));
    EXPECT_FALSE(key.verify("abc", code + '\0'));
}

} // namespace
} // namespace sluice::hmac_test
