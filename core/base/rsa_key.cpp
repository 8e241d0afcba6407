#include "core/base/rsa_key.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstddef>
#include <limits>

namespace sluice {

namespace {

constexpr int least_bits = 1024;
constexpr int most_bits = 8192; // a signature with a larger one takes too long

struct free_any {
    void operator()(BIO* of) const noexcept { BIO_free(of); }
    void operator()(EVP_MD_CTX* of) const noexcept { EVP_MD_CTX_free(of); }
};

// OpenSSL would ask on the terminal.
int no_pass_phrase(char*, int, int, void*) {
    return -1;
}

} // namespace

void rsa_key::free_key::operator()(evp_pkey_st* key) const noexcept {
    EVP_PKEY_free(key);
}

std::optional<rsa_key> rsa_key::from_pem(const secret_string& pem) {
    const std::string_view text = pem.reveal();
    if (text.size() > std::size_t{std::numeric_limits<int>::max()}) return std::nullopt;
    const std::unique_ptr<BIO, free_any> in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!in) return std::nullopt;
    rsa_key read(PEM_read_bio_PrivateKey(in.get(), nullptr, &no_pass_phrase, nullptr));
    // What was wrong must not be taken for a later call's error.
    ERR_clear_error();
    evp_pkey_st* const key = read.key_.get();
    if (key == nullptr || EVP_PKEY_is_a(key, "RSA") != 1) return std::nullopt;
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < least_bits || bits > most_bits) return std::nullopt;
    return read;
}

std::optional<std::string> rsa_key::sign(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, free_any> context(EVP_MD_CTX_new());
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    std::string out(size, '\0');
    const bool good =
        context &&
        EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key_.get(), nullptr) == 1 &&
        EVP_DigestSign(
            context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size()) == 1;
    ERR_clear_error();
    if (!good) return std::nullopt;
    out.resize(size);
    return out;
}

} // namespace sluice
