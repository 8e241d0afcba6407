// A certificate authority that lives as long as a test.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace sluice::support {

// What a TLS server shows: PEM texts.
struct identity {
    std::string certificate;
    std::string key;
};

class test_authority {
public:
    explicit test_authority(const std::string& name = "Test CA");

    // For --upstream-ca.
    [[nodiscard]] std::string certificate() const;
    // `names`: subjectAltName in OpenSSL's words, "DNS:localhost,IP:127.0.0.1".
    [[nodiscard]] identity issue(const std::string& names, bool expired = false) const;

private:
    struct key_deleter {
        void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    };
    struct certificate_deleter {
        void operator()(X509* one) const noexcept { X509_free(one); }
    };
    using key_ptr = std::unique_ptr<EVP_PKEY, key_deleter>;
    using certificate_ptr = std::unique_ptr<X509, certificate_deleter>;

    [[nodiscard]] static key_ptr make_key();
    [[nodiscard]] static certificate_ptr
    make_certificate(const std::string& name, EVP_PKEY* key, long serial);
    static void extend(X509* subject, X509* issuer, int what, const std::string& value);

    key_ptr key_;
    certificate_ptr certificate_;
};

} // namespace sluice::support
