// RSA signatures, RSASSA-PKCS1-v1_5 with SHA-256: what JSON Web Signature calls RS256.
#pragma once

#include "core/base/secret_string.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace sluice {

// A private key. Any thread may sign with it. OpenSSL wipes its copy of the key with the object.
class rsa_key {
public:
    // From PEM without a pass phrase, PKCS#8 or PKCS#1; nothing for all else, and for keys of less than 1024
    // or more than 8192 bits.
    [[nodiscard]] static std::optional<rsa_key> from_pem(const secret_string& pem);

    // The raw signature; nothing when OpenSSL fails.
    [[nodiscard]] std::optional<std::string> sign(std::string_view text) const;

private:
    struct free_key {
        void operator()(evp_pkey_st* key) const noexcept;
    };
    explicit rsa_key(evp_pkey_st* key)
        : key_(key) {}

    std::unique_ptr<evp_pkey_st, free_key> key_;
};

} // namespace sluice
