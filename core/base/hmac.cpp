#include "core/base/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdlib>
#include <string>

namespace sluice {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_MAC_CTX* new_context() {
    EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* const out = algorithm ? EVP_MAC_CTX_new(algorithm) : nullptr; // holds the algorithm
    EVP_MAC_free(algorithm);
    return out;
}

} // namespace

void hmac_sha256::free_context::operator()(evp_mac_ctx_st* context) const noexcept {
    EVP_MAC_CTX_free(context);
}

hmac_sha256::hmac_sha256(const secret_string& key)
    : context_(new_context()) {
    std::string name = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
    const std::string_view raw = key.reveal();
    // Only a broken OpenSSL fails here, and without the key every signature would be worthless.
    if (!context_ || EVP_MAC_init(context_.get(), bytes_of(raw), raw.size(), parameters.data()) != 1) {
        std::abort();
    }
}

hmac_sha256::~hmac_sha256() = default;

sha256_digest hmac_sha256::sign(std::string_view text) noexcept {
    sha256_digest out{};
    std::size_t size = 0;
    // Without a key: starts again with the one that is there.
    if (EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(context_.get(), bytes_of(text), text.size()) != 1 ||
        EVP_MAC_final(context_.get(), out.data(), &size, out.size()) != 1 || size != out.size()) {
        std::abort(); // as above: a code that was not computed must not be compared with
    }
    return out;
}

bool hmac_sha256::verify(std::string_view text, std::string_view code) noexcept {
    const sha256_digest right = sign(text);
    return code.size() == right.size() && CRYPTO_memcmp(code.data(), right.data(), right.size()) == 0;
}

} // namespace sluice
