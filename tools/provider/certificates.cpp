#include "tools/provider/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <string_view>
#include <unistd.h>

namespace sluice::sim {

namespace {

namespace fs = std::filesystem;

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using cert_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;

constexpr long valid_seconds = 10L * 365 * 24 * 3600;

struct identity {
    key_ptr key;
    cert_ptr certificate;
};

bool add_extension(X509* certificate, X509* issuer, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_random_serial(X509* certificate) {
    std::uint64_t serial = 0;
    unsigned char bytes[8]; // NOLINT(modernize-avoid-c-arrays): OpenSSL fills it
    if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
    for (const unsigned char byte : bytes)
        serial = (serial << 8U) | byte;
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U) == 1;
}

// A key and a certificate for it without extensions and signature.
result<identity> draft(const char* common_name) {
    identity out{key_ptr(EVP_EC_gen("P-256")), cert_ptr(X509_new())};
    if (!out.key || !out.certificate) return fail(errc::internal_error, "OpenSSL could not make a key.");
    X509* const x = out.certificate.get();
    X509_NAME* const name = X509_get_subject_name(x);
    const auto* text = reinterpret_cast<const unsigned char*>(common_name);
    const bool good = X509_set_version(x, X509_VERSION_3) == 1 && set_random_serial(x) &&
                      X509_gmtime_adj(X509_getm_notBefore(x), -3600) != nullptr &&
                      X509_gmtime_adj(X509_getm_notAfter(x), valid_seconds) != nullptr &&
                      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
                      X509_set_pubkey(x, out.key.get()) == 1;
    if (!good) return fail(errc::internal_error, "OpenSSL could not make a certificate.");
    return out;
}

result<identity> make_ca() {
    auto ca = draft("Sluice simulated provider: test CA");
    if (!ca) return ca;
    X509* const x = ca->certificate.get();
    const bool good = X509_set_issuer_name(x, X509_get_subject_name(x)) == 1 &&
                      add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                      add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                      add_extension(x, x, NID_subject_key_identifier, "hash") &&
                      X509_sign(x, ca->key.get(), EVP_sha256()) > 0;
    if (!good) return fail(errc::internal_error, "OpenSSL could not sign the test CA.");
    return ca;
}

result<identity> make_server(const identity& ca) {
    auto server = draft("localhost");
    if (!server) return server;
    X509* const x = server->certificate.get();
    X509* const issuer = ca.certificate.get();
    const bool good =
        X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 &&
        add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(x, issuer, NID_key_usage, "critical,digitalSignature") &&
        add_extension(x, issuer, NID_ext_key_usage, "serverAuth") &&
        add_extension(x, issuer, NID_subject_key_identifier, "hash") &&
        add_extension(x, issuer, NID_authority_key_identifier, "keyid:always") &&
        add_extension(x, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1") &&
        X509_sign(x, ca.key.get(), EVP_sha256()) > 0;
    if (!good) return fail(errc::internal_error, "OpenSSL could not sign the server certificate.");
    return server;
}

std::string_view contents(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, size > 0 ? static_cast<std::size_t>(size) : 0};
}

// The file appears whole or not at all.
result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string draft_path = path + ".new." + std::to_string(::getpid());
    const int fd = ::open(draft_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) return fail(errc::internal_error, "Cannot write " + path + '.');
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const bool closed = ::close(fd) == 0;
    if (!written || !closed || std::rename(draft_path.c_str(), path.c_str()) != 0)
        return fail(errc::internal_error, "Cannot write " + path + '.');
    return {};
}

result<void> write_certificate(const std::string& path, X509* certificate) {
    const bio_ptr memory(BIO_new(BIO_s_mem()));
    if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1)
        return fail(errc::internal_error, "OpenSSL could not write a certificate.");
    return write_file(path, contents(memory.get()), 0644);
}

result<void> write_key(const std::string& path, EVP_PKEY* key) {
    const bio_ptr memory(BIO_new(BIO_s_mem()));
    if (!memory || PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(errc::internal_error, "OpenSSL could not write a key.");
    return write_file(path, contents(memory.get()), 0600);
}

} // namespace

result<certificate_files> make_test_ca(const std::string& directory) {
    const fs::path root(directory);
    certificate_files files{
        (root / "ca.pem").string(), (root / "server.pem").string(), (root / "server-key.pem").string()};
    std::error_code ec;
    if (fs::exists(files.ca, ec) && fs::exists(files.certificate, ec) && fs::exists(files.key, ec))
        return files;
    fs::create_directories(root, ec);
    if (ec)
        return fail(errc::internal_error,
                    "Cannot make the directory " + directory + ": " + ec.message() + '.');

    const auto ca = make_ca();
    if (!ca) return fail(ca.error());
    const auto server = make_server(*ca);
    if (!server) return fail(server.error());
    if (auto done = write_key(files.key, server->key.get()); !done) return fail(done.error());
    if (auto done = write_certificate(files.certificate, server->certificate.get()); !done)
        return fail(done.error());
    if (auto done = write_certificate(files.ca, ca->certificate.get()); !done) return fail(done.error());
    return files;
}

} // namespace sluice::sim
