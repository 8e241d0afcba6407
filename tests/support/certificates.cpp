#include "tests/support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>

namespace sluice::support {

namespace {

constexpr long day = 24L * 60 * 60;

struct bio_deleter {
    void operator()(BIO* one) const noexcept { BIO_free(one); }
};
using bio_ptr = std::unique_ptr<BIO, bio_deleter>;

std::string text_of(BIO* from) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(from, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate);
    return text_of(out.get());
}

std::string pem_of(EVP_PKEY* key) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(out.get());
}

} // namespace

test_authority::key_ptr test_authority::make_key() {
    return key_ptr(EVP_EC_gen("P-256"));
}

test_authority::certificate_ptr
test_authority::make_certificate(const std::string& name, EVP_PKEY* key, long serial) {
    certificate_ptr made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -2 * day);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 2 * day);
    X509_NAME* subject = X509_get_subject_name(made.get());
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
    X509_set_pubkey(made.get(), key);
    return made;
}

void test_authority::extend(X509* subject, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    X509_add_ext(subject, extension, -1);
    X509_EXTENSION_free(extension);
}

test_authority::test_authority(const std::string& name)
    : key_(make_key())
    , certificate_(make_certificate(name, key_.get(), 1)) {
    X509* self = certificate_.get();
    X509_set_issuer_name(self, X509_get_subject_name(self));
    extend(self, self, NID_basic_constraints, "critical,CA:TRUE");
    extend(self, self, NID_key_usage, "critical,keyCertSign");
    X509_sign(self, key_.get(), EVP_sha256());
}

std::string test_authority::certificate() const {
    return pem_of(certificate_.get());
}

identity test_authority::issue(const std::string& names, bool expired) const {
    static std::atomic<long> serial{2};
    const key_ptr key = make_key();
    const certificate_ptr made = make_certificate("server", key.get(), serial.fetch_add(1));
    if (expired) X509_gmtime_adj(X509_getm_notAfter(made.get()), -day);
    X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
    extend(made.get(), certificate_.get(), NID_subject_alt_name, names);
    X509_sign(made.get(), key_.get(), EVP_sha256());
    return {pem_of(made.get()), pem_of(key.get())};
}

} // namespace sluice::support
