#include "core/base/rsa_key.hpp"
#include "tests/support/service_account.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>
#include <string_view>

namespace sluice::rsa_key_test {
namespace {

std::optional<rsa_key> read(std::string_view pem) {
    return rsa_key::from_pem(secret_string(pem));
}

std::string pem_of_new(const char* type, const char* curve) {
    const test::openssl_key key(EVP_PKEY_Q_keygen(nullptr, nullptr, type, curve));
    return test::pem_of(key.get());
}

std::string pem_of_rsa(std::size_t bits) {
    const test::openssl_key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
    return test::pem_of(key.get());
}

std::string encrypted_pem() {
    const std::unique_ptr<BIO, test::free_openssl> out(BIO_new(BIO_s_mem()));
    std::string phrase = "phrase";
    EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(),
                                            test::rsa_test_key(),
                                            EVP_aes_128_cbc(),
                                            phrase.data(),
                                            static_cast<int>(phrase.size()),
                                            nullptr,
                                            nullptr),
              1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

TEST(rsa_key, its_signatures_are_good_under_the_public_half) {
    const auto key = read(test::pem_of(test::rsa_test_key()));
    ASSERT_TRUE(key);
    for (const std::string_view text : {"", "a", "header.claims"}) {
        const auto signature = key->sign(text);
        ASSERT_TRUE(signature);
        EXPECT_EQ(signature->size(), 256U);
        EXPECT_TRUE(test::is_signed(text, *signature));
        EXPECT_FALSE(test::is_signed(std::string(text) + "x", *signature));
    }
    EXPECT_EQ(*key->sign("a"), *key->sign("a"));
}

TEST(rsa_key, what_is_no_private_rsa_key_in_pem_is_refused) {
    const std::string good = test::pem_of(test::rsa_test_key());
    EXPECT_FALSE(read(""));
    EXPECT_FALSE(read("key"));
    EXPECT_FALSE(read(good.substr(0, good.size() / 2)));
    EXPECT_FALSE(read(pem_of_new("EC", "P-256")));
    EXPECT_FALSE(read(pem_of_rsa(512)));
    EXPECT_FALSE(read(encrypted_pem())) << "and nobody is asked for the pass phrase";
    EXPECT_TRUE(read("some text before it\n" + good + "and behind\n"));
    EXPECT_EQ(ERR_peek_error(), 0U) << "left for the next call to find";
}

} // namespace
} // namespace sluice::rsa_key_test
