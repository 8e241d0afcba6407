#include "core/base/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::sha256_test {
namespace {

std::string hex(const sha256_digest& digest) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : digest) {
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

TEST(sha256, the_vectors_of_fips_180_are_met) {
    sha256 hash;
    EXPECT_EQ(hex(hash.digest("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(hash.digest("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(hash.digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(sha256, one_object_hashes_many_texts_independently) {
    sha256 hash;
    const sha256_digest first = hash.digest("abc");
    EXPECT_NE(hash.digest(std::string(1000, 'x')), first);
    EXPECT_EQ(hash.digest("abc"), first);
}

TEST(sha256, a_token_digest_is_the_same_digest) {
    sha256 hash;
    EXPECT_EQ(token_digest("dapi-test"), hash.digest("dapi-test"));
}

TEST(sha256, a_digest_as_text_has_its_32_bytes) {
    const sha256_digest digest = token_digest("abc");
    EXPECT_EQ(as_text(digest).size(), 32U);
    EXPECT_EQ(as_text(digest).substr(0, 2), "\xba\x78");
}

} // namespace
} // namespace sluice::sha256_test
