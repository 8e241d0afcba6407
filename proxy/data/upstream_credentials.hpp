// Short-lived credentials for the requests of one shard: those it knows, and the way to the next. On its
// shard only; what all shards share is the credential_table.
#pragma once

#include "core/net/guard.hpp"
#include "providers/target.hpp"
#include "proxy/data/credential_table.hpp"

namespace sluice::data {

class shard;

class upstream_credentials {
public:
    explicit upstream_credentials(shard& here)
        : here_(here) {}
    upstream_credentials(const upstream_credentials&) = delete;
    upstream_credentials& operator=(const upstream_credentials&) = delete;

    // The credential of to.credential, which must be there: at once if it is known, else after an exchange,
    // which goes on when this client leaves. Errors: unauthenticated and bad_upstream with the token
    // service's answer nested; deadline_exceeded; connection_closed; temporarily_unavailable.
    [[nodiscard]] net::asio::awaitable<result<credential_ptr>>
    get(const providers::target& to, net::exchange_guard& guard, steady_time deadline);

    // The provider has answered 401 to it. False: get() would give the same one again.
    [[nodiscard]] bool refused(const providers::target& to, const providers::credential& used);

private:
    struct known {
        credential_ptr have;
        wall_ms good_until = 0;
    };

    shard& here_;
    string_map<known> known_; // by the source's id
};

} // namespace sluice::data
