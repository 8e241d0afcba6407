#include "core/base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
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

} // namespace
} // namespace sluice
