#include "core/base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::base64_test {
namespace {

TEST(base64, the_vectors_of_rfc_4648_are_met) {
    EXPECT_EQ(base64_encode(""), "");
    EXPECT_EQ(base64_encode("f"), "Zg==");
    EXPECT_EQ(base64_encode("fo"), "Zm8=");
    EXPECT_EQ(base64_encode("foo"), "Zm9v");
    EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
    EXPECT_EQ(base64_encode("fooba"), "Zm9vYmE=");
    EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64_encode("\xfb\xff\xfe"), "+//+");
}

TEST(base64, what_was_encoded_is_decoded_for_every_length_and_byte) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        const auto decoded = base64_decode(base64_encode(bytes));
        ASSERT_TRUE(decoded) << i;
        ASSERT_EQ(*decoded, bytes);
        bytes += static_cast<char>((i * 37) & 0xff);
    }
}

TEST(base64, what_is_not_exactly_an_encoding_is_refused) {
    for (const char* text : {"Z",
                             "Zg",
                             "Zg=",
                             "Zg===",
                             "=",
                             "====",
                             "Zm9v=",
                             "Zg==Zg==",
                             "Zm 9",
                             "Zm9\n",
                             "Zm9-",
                             "Zm9_",
                             "Zh==",
                             "Zm9=",
                             "Z=g="}) {
        EXPECT_FALSE(base64_decode(text)) << text;
    }
}

TEST(base64url, the_example_of_rfc_7515_is_met) {
    const std::string bytes = {3, '\xec', '\xff', '\xe0', '\xc1'}; // appendix C
    EXPECT_EQ(base64url_encode(bytes), "A-z_4ME");
    EXPECT_EQ(base64url_decode("A-z_4ME"), bytes);
}

TEST(base64url, what_was_encoded_is_decoded_for_every_length_and_byte) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(base64url_decode(base64url_encode(bytes)), bytes) << i;
        bytes += static_cast<char>((i * 37) & 0xff);
    }
}

TEST(base64url, padding_other_alphabets_and_stray_bits_are_refused) {
    for (const char* text :
         {"Zg==", "Zm8=", "+//+", "Z", "Zm9vY", "Zm 9v", "Zh", "Zm9", "Zm9v\n", "=", "Zm9v="})
        EXPECT_FALSE(base64url_decode(text)) << text;
    EXPECT_FALSE(base64url_decode(std::string_view("Zm\0v", 4)));
}

} // namespace
} // namespace sluice::base64_test
