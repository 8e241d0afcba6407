#include "proxy/model/credentials.hpp"

#include "core/base/base64.hpp"
#include "core/base/jwt.hpp"

#include <array>

namespace sluice::model {

namespace {

// Keeps this digest apart from the one that the session is known by.
constexpr std::string_view csrf_label = "sluice csrf token of the session ";

} // namespace

std::optional<caller> credential_checker::check(std::string_view token, const snapshot& config, wall_ms now) {
    return is_jwt(token) ? by_access_token(token, config, now) : by_personal_token(token, config, now);
}

std::optional<caller>
credential_checker::check_session(std::string_view value, const snapshot& config, wall_ms now) {
    const sha256_digest digest = hasher_.digest(value);
    const session* known = config.sessions.find(as_text(digest));
    if (!known || known->expires_ms <= now) return std::nullopt;
    if (!known->token.empty() && !config.tokens.find(known->token)) return std::nullopt; // deleted since
    const std::shared_ptr<const principal>* who = config.principals.find(known->owner);
    if (!who) return std::nullopt; // deleted or inactive since
    return caller{*who, {}, token_scope::all_apis, known->expires_ms};
}

std::string credential_checker::session_key(std::string_view value) {
    return std::string(as_text(hasher_.digest(value)));
}

std::string credential_checker::csrf_token(std::string_view value) {
    const std::array<std::string_view, 2> pieces = {csrf_label, value};
    return base64url_encode(as_text(hasher_.digest(pieces)));
}

hmac_sha256* credential_checker::signer(const snapshot& config) {
    if (!config.signing_key) return nullptr;
    if (!signer_ || signing_key_ != config.signing_key) {
        signer_.emplace(*config.signing_key);
        signing_key_ = config.signing_key;
    }
    return &*signer_;
}

std::optional<caller>
credential_checker::by_personal_token(std::string_view token, const snapshot& config, wall_ms now) {
    // Found by digest: what an attacker can time is the digest of a guess, which says nothing about the
    // token.
    const sha256_digest digest = hasher_.digest(token);
    const model::token* known = config.tokens.find(as_text(digest));
    if (!known || (known->expires_ms >= 0 && known->expires_ms <= now)) return std::nullopt;
    const std::shared_ptr<const principal>* who = config.principals.find(known->owner);
    if (!who) return std::nullopt; // the user is not active any more
    return caller{*who, {}, token_scope::all_apis, known->expires_ms};
}

std::optional<caller>
credential_checker::by_access_token(std::string_view token, const snapshot& config, wall_ms now) {
    hmac_sha256* const key = signer(config);
    if (!key) return std::nullopt;
    std::optional<access_claims> claims = check_access_token(token, *key, config.workspace_id, now);
    if (!claims) return std::nullopt;
    const std::shared_ptr<const principal>* who = config.principals.find(claims->subject);
    if (!who) return std::nullopt; // deleted or inactive since
    return caller{*who, std::move(claims->endpoint_id), claims->scope, claims->expires * 1000};
}

} // namespace sluice::model
