#include "providers/credential.hpp"
#include "proxy/data/proofs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace sluice::data::proofs_test {
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

TEST(proofs, all_that_a_credential_is_made_of_is_among_them) {
    providers::credential with;
    with.token = secret_string("secret");
    with.session = secret_string("session");
    with.key_id = "id";
    with.had_with.emplace_back("base");
    std::vector<std::string_view> found;
    const std::vector<secret_string> proofs = proofs_of("Authorization: Bearer tok\r\n", &with);
    for (const secret_string& each : proofs)
        found.push_back(each.reveal());
    EXPECT_THAT(found, testing::IsSupersetOf({"tok", "secret", "session", "id", "base"}));
    EXPECT_TRUE(proofs_of("", nullptr).empty());
}

} // namespace
} // namespace sluice::data::proofs_test
