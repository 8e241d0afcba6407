// A service account of Google Cloud whose key is made when it is first asked for: no key stands in a file.
#pragma once

#include "core/json/writer.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::test {

struct free_openssl {
    void operator()(EVP_PKEY* of) const noexcept { EVP_PKEY_free(of); }
    void operator()(EVP_MD_CTX* of) const noexcept { EVP_MD_CTX_free(of); }
    void operator()(BIO* of) const noexcept { BIO_free(of); }
};

using openssl_key = std::unique_ptr<EVP_PKEY, free_openssl>;

// PKCS#8.
inline std::string pem_of(EVP_PKEY* key) {
    const std::unique_ptr<BIO, free_openssl> out(BIO_new(BIO_s_mem()));
    if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        std::abort();
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

// One RSA key of 2048 bits for the whole program.
inline EVP_PKEY* rsa_test_key() {
    static const openssl_key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    if (!key) std::abort();
    return key.get();
}

// Is this the signature (RSASSA-PKCS1-v1_5, SHA-256) of the text by that key?
inline bool is_signed(std::string_view text, std::string_view signature, EVP_PKEY* key = rsa_test_key()) {
    const auto bytes = [](std::string_view of) { return reinterpret_cast<const unsigned char*>(of.data()); };
    const std::unique_ptr<EVP_MD_CTX, free_openssl> context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

// The JSON that Google gives for a key, with members that nobody reads.
inline std::string service_account_json(std::string_view token_uri = "https://oauth2.googleapis.com/token",
                                        std::string_view pem = {}) {
    std::string out;
    json::object_writer account(out);
    account.text("type", "service_account");
    account.text("project_id", "test-project");
    account.text("private_key_id", "0123456789abcdef0123456789abcdef01234567");
    account.text("private_key", pem.empty() ? pem_of(rsa_test_key()) : pem);
    account.text("client_email", "gateway@test-project.iam.gserviceaccount.com");
    account.text("client_id", "100000000000000000001");
    account.text("auth_uri", "https://accounts.google.com/o/oauth2/auth");
    if (!token_uri.empty()) account.text("token_uri", token_uri);
    account.text("universe_domain", "googleapis.com");
    account.close();
    return out;
}

} // namespace sluice::test
