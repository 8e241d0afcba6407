#include "proxy/data/auth.hpp"

#include "core/base/base64.hpp"
#include "core/base/jwt.hpp"
#include "core/base/secret_string.hpp"

namespace sluice::data {

namespace {

constexpr std::size_t longest_credential = std::size_t{8} * 1024;

std::string_view trim_left(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    return text;
}

// The scheme's argument, when the field has that scheme.
std::optional<std::string_view> argument_of(std::string_view scheme, std::string_view field) {
    if (field.size() <= scheme.size() || field[scheme.size()] != ' ') return std::nullopt;
    if (!http::iequals(field.substr(0, scheme.size()), scheme)) return std::nullopt;
    return trim_left(field.substr(scheme.size()));
}

std::optional<secret_string> basic_token(std::string_view encoded) {
    if (encoded.size() > longest_credential) return std::nullopt;
    auto plain = base64_decode(encoded);
    if (!plain) return std::nullopt;
    std::optional<secret_string> token;
    static constexpr std::string_view user = "token:";
    if (plain->starts_with(user)) token.emplace(std::string_view(*plain).substr(user.size()));
    wipe(*plain);
    return token;
}

tl::unexpected<error> missing() {
    return fail(errc::unauthenticated, "Credential was not sent or was of an unsupported type for this API.");
}

// Whatever is wrong with it.
tl::unexpected<error> invalid() {
    return fail(errc::unauthenticated, "Invalid access token.");
}

// What the scope model-serving includes beside queries.
constexpr std::string_view serving_calls[] = {"/api/2.0/serving-endpoints",
                                              "/api/2.0/permissions/serving-endpoints",
                                              "/api/2.0/endpoints",
                                              "/serving-endpoints",
                                              "/ai-gateway"};

bool is_below(std::string_view path, std::string_view prefix) {
    if (!path.starts_with(prefix)) return false;
    return path.size() == prefix.size() || path[prefix.size()] == '/';
}

} // namespace

result<void> check_may_query(const caller& by, const model::endpoint& endpoint) {
    if (by.only_endpoint.empty() || by.only_endpoint == endpoint.id) return {};
    return fail(errc::permission_denied, "The access token is for queries of another endpoint.");
}

result<void> check_may_call(const caller& by, std::string_view path) {
    if (!by.only_endpoint.empty()) {
        return fail(errc::permission_denied, "The access token is for queries of one endpoint only.");
    }
    if (by.scope == model::token_scope::all_apis) return {};
    for (const std::string_view prefix : serving_calls) {
        if (is_below(path, prefix)) return {};
    }
    return fail(errc::permission_denied,
                "The scope of the access token, model-serving, does not include this call.");
}

result<caller>
authenticator::authenticate(const http::field_list& fields, const model::snapshot& config, wall_ms now) {
    const auto field = http::find(fields, "authorization");
    if (!field) return missing();
    std::optional<secret_string> from_basic;
    std::string_view token;
    if (const auto bearer = argument_of("Bearer", *field)) {
        token = *bearer;
    } else if (const auto basic = argument_of("Basic", *field)) {
        from_basic = basic_token(*basic);
        if (!from_basic) return missing();
        token = from_basic->reveal();
    } else {
        return missing();
    }
    return is_jwt(token) ? by_access_token(token, config, now) : by_personal_token(token, config, now);
}

result<caller>
authenticator::by_personal_token(std::string_view token, const model::snapshot& config, wall_ms now) {
    // Found by digest: what an attacker can time is the digest of a guess, which says nothing about the
    // token.
    const sha256_digest digest = hasher_.digest(token);
    const model::token* known = config.tokens.find(as_text(digest));
    if (!known || (known->expires_ms >= 0 && known->expires_ms <= now)) return invalid();
    const std::shared_ptr<const model::principal>* who = config.principals.find(known->owner);
    if (!who) return invalid(); // the user is not active any more
    return caller{*who, {}, model::token_scope::all_apis};
}

result<caller>
authenticator::by_access_token(std::string_view token, const model::snapshot& config, wall_ms now) {
    if (!config.signing_key) return invalid();
    if (signing_key_ != config.signing_key) {
        signer_.emplace(*config.signing_key);
        signing_key_ = config.signing_key;
    }
    auto claims = model::check_access_token(token, *signer_, config.workspace_id, now);
    if (!claims) return invalid();
    const std::shared_ptr<const model::principal>* who = config.principals.find(claims->subject);
    if (!who) return invalid(); // deleted or inactive since
    return caller{*who, std::move(claims->endpoint_id), claims->scope};
}

} // namespace sluice::data
