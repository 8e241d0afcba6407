#include "proxy/data/proofs.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace sluice::data {
namespace {

TEST(proofs, are_the_values_that_prove_and_no_others) {
    const auto found =
        proofs_of("POST / HTTP/1.1\r\nHost: h\r\nauthorization: Bearer tok-1\r\nX-Amz-Date: 20260115\r\n"
                  "X-Amz-Security-Token: session\r\nx-aws-ec2-metadata-token: meta\r\n");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].reveal(), "tok-1");
    EXPECT_EQ(found[1].reveal(), "session");
    EXPECT_EQ(found[2].reveal(), "meta");
}

TEST(proofs, of_a_signed_request_the_signature_is_one) {
    const auto found = proofs_of("Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260115/us-east-1/bedrock/"
                                 "aws4_request, SignedHeaders=host;x-amz-date, Signature=0123abcd\r\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].reveal(), "0123abcd");
}

TEST(proofs, odd_texts_have_none) {
    for (const std::string_view lines : {"", "\r\n", "authorization", "authorization:\r\n", ": x\r\n"})
        EXPECT_TRUE(proofs_of(lines).empty()) << lines;
}

} // namespace
} // namespace sluice::data
