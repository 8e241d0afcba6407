// Credentials to caller, from the snapshot alone: no I/O, no lock.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/hmac.hpp"
#include "core/base/sha256.hpp"
#include "core/http/message.hpp"
#include "proxy/model/access_token.hpp"
#include "proxy/model/snapshot.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::data {

// Who calls, and what his credential limits him to beside his own rights.
struct caller {
    std::shared_ptr<const model::principal> who; // never null
    std::string only_endpoint; // id: queries of this endpoint and nothing else; empty: no limit
    model::token_scope scope = model::token_scope::all_apis;
};

// Error permission_denied: the credential is for another endpoint. Says nothing about the caller's rights.
[[nodiscard]] result<void> check_may_query(const caller& by, const model::endpoint& endpoint);
// The same of a call whose path, as sent, is this: one that is not a query.
[[nodiscard]] result<void> check_may_call(const caller& by, std::string_view path);

// Keeps what is costly to set up. One for each shard.
class authenticator {
public:
    // "Authorization: Bearer TOKEN", or Basic with the user `token` and the token as its password (api.md
    // §3.1). The token is a personal one or an OAuth access token. Error unauthenticated.
    [[nodiscard]] result<caller>
    authenticate(const http::field_list& fields, const model::snapshot& config, wall_ms now);

private:
    [[nodiscard]] result<caller>
    by_access_token(std::string_view token, const model::snapshot& config, wall_ms now);
    [[nodiscard]] result<caller>
    by_personal_token(std::string_view token, const model::snapshot& config, wall_ms now);

    sha256 hasher_;
    std::shared_ptr<const secret_string> signing_key_; // what signer_ was made with; shared with snapshots
    std::optional<hmac_sha256> signer_;
};

} // namespace sluice::data
