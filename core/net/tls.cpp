#include "core/net/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

namespace sluice::net {

namespace ssl = boost::asio::ssl;

namespace {

// Slots of an SSL object that say where a new session belongs.
int client_slot() {
    static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return slot;
}

void free_origin(void*, void* text, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<std::string*>(text);
}

int origin_slot() {
    static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_origin);
    return slot;
}

} // namespace

tls_client::tls_client()
    : context_(ssl::context::tls_client) {}

tls_client::~tls_client() = default;

result<std::unique_ptr<tls_client>> tls_client::make(const std::vector<std::string>& ca_files) {
    std::unique_ptr<tls_client> made(new tls_client());
    boost::system::error_code ec;
    made->context_.set_default_verify_paths(ec);
    if (ec)
        return fail(errc::invalid_parameter_value,
                    "The system's certificate store cannot be read: " + ec.message());
    for (const std::string& file : ca_files) {
        made->context_.load_verify_file(file, ec);
        if (ec)
            return fail(errc::invalid_parameter_value,
                        "The CA file '" + file + "' cannot be read: " + ec.message());
    }
    made->context_.set_verify_mode(ssl::verify_peer, ec);
    SSL_CTX* raw = made->context_.native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(raw, &tls_client::keep_session);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    return made;
}

std::unique_ptr<tls_stream>
tls_client::wrap(boost::asio::ip::tcp::socket& socket, const std::string& host, const std::string& origin) {
    auto stream = std::make_unique<tls_stream>(socket, context_);
    SSL* raw = stream->native_handle();
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    X509_VERIFY_PARAM* verify = SSL_get0_param(raw);
    if (not_an_address) {
        // SSL_set_tlsext_host_name without the macro's old-style cast; the text is copied.
        SSL_ctrl(
            raw, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
        X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        X509_VERIFY_PARAM_set1_host(verify, host.data(), host.size());
    } else {
        X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str());
    }
    static constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(raw, http_1_1, sizeof http_1_1);
    SSL_set_ex_data(raw, client_slot(), this);
    auto where = std::make_unique<std::string>(origin);
    if (SSL_set_ex_data(raw, origin_slot(), where.get()) == 1)
        static_cast<void>(where.release()); // OpenSSL owns it now
    if (const auto known = sessions_.find(origin); known != sessions_.end()) {
        SSL_set_session(raw, known->second.get());
        sessions_.erase(known);
    }
    return stream;
}

int tls_client::keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<tls_client*>(SSL_get_ex_data(ssl, client_slot()));
    if (!self) return 0;
    self->remember(ssl, session);
    return 1; // the reference is ours now
}

void tls_client::remember(SSL* ssl, SSL_SESSION* session) {
    std::unique_ptr<SSL_SESSION, session_deleter> kept(session);
    const auto* origin = static_cast<const std::string*>(SSL_get_ex_data(ssl, origin_slot()));
    if (!origin) return;
    if (sessions_.size() >= most_sessions && !sessions_.contains(*origin)) sessions_.erase(sessions_.begin());
    sessions_[*origin] = std::move(kept);
}

std::string tls_client::failure(tls_stream& stream, const boost::system::error_code& ec) {
    const long verified = SSL_get_verify_result(stream.native_handle());
    if (verified != X509_V_OK)
        return std::string("certificate not accepted: ") + X509_verify_cert_error_string(verified);
    if (ec.category() == boost::asio::error::get_ssl_category())
        return "TLS handshake failed: " + ec.message();
    return "TLS handshake failed";
}

} // namespace sluice::net
