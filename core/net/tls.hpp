// TLS towards providers: certificates are always verified (system store and the operator's CA files) against
// the name that was dialled, at least TLS 1.2, SNI, and sessions resumed per origin. One per shard; lives as
// long as its connections.
#pragma once

#include "core/base/error.hpp"
#include "core/base/string_map.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::net {

using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

class tls_client {
public:
    // Error invalid_parameter_value: a CA file cannot be read (the text names it).
    [[nodiscard]] static result<std::unique_ptr<tls_client>> make(const std::vector<std::string>& ca_files);

    tls_client(const tls_client&) = delete;
    tls_client& operator=(const tls_client&) = delete;
    ~tls_client();

    // A stream over `socket`, set up to verify `host` and to resume the last session with `origin`.
    [[nodiscard]] std::unique_ptr<tls_stream>
    wrap(boost::asio::ip::tcp::socket& socket, const std::string& host, const std::string& origin);

    // Why the last handshake on this stream failed, for people ("certificate has expired"); never an address.
    [[nodiscard]] static std::string failure(tls_stream& stream, const boost::system::error_code& ec);

private:
    tls_client();
    static int keep_session(SSL* ssl, SSL_SESSION* session);
    void remember(SSL* ssl, SSL_SESSION* session);

    boost::asio::ssl::context context_;
    struct session_deleter {
        void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
    };
    static constexpr std::size_t most_sessions = 256;
    string_map<std::unique_ptr<SSL_SESSION, session_deleter>>
        sessions_; // by origin; each is used once (TLS 1.3 tickets)
};

} // namespace sluice::net
