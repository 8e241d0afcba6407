// From the text of a credential to who calls with it, by the snapshot alone: no I/O, no lock. Both planes ask
// here: data for each request, control for the assertions of the OAuth token call.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/hmac.hpp"
#include "core/base/sha256.hpp"
#include "proxy/model/access_token.hpp"
#include "proxy/model/snapshot.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::model {

// Who calls, and what his credential limits him to beside his own rights.
struct caller {
    std::shared_ptr<const principal> who; // never null
    std::string only_endpoint; // id: queries of this endpoint and nothing else; empty: no such limit
    token_scope scope = token_scope::all_apis;
    wall_ms expires_ms = -1; // of the credential; -1: never
};

// Keeps what is costly to set up. One for each thread that asks.
class credential_checker {
public:
    // A personal token or an access token; nothing when it is not good now, for whatever reason.
    [[nodiscard]] std::optional<caller> check(std::string_view token, const snapshot& config, wall_ms now);

    // By the value of a session's cookie, which is no token; nothing when it is not good now.
    [[nodiscard]] std::optional<caller>
    check_session(std::string_view value, const snapshot& config, wall_ms now);
    // The session's key in the snapshot, 32 raw bytes.
    [[nodiscard]] std::string session_key(std::string_view value);
    // What only the page knows to whom the session was given, and sends beside the cookie. Base64url.
    [[nodiscard]] std::string csrf_token(std::string_view value);

    // The snapshot's signing key, ready for use; null when the snapshot has none. Good until the next call.
    [[nodiscard]] hmac_sha256* signer(const snapshot& config);

private:
    [[nodiscard]] std::optional<caller>
    by_access_token(std::string_view token, const snapshot& config, wall_ms now);
    [[nodiscard]] std::optional<caller>
    by_personal_token(std::string_view token, const snapshot& config, wall_ms now);

    sha256 hasher_;
    std::shared_ptr<const secret_string> signing_key_; // what signer_ was made with; shared with snapshots
    std::optional<hmac_sha256> signer_;
};

} // namespace sluice::model
