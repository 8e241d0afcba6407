#include "tools/provider/tokens.hpp"

#include "core/base/base64.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/text.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

constexpr std::int64_t longest_assertion = 3600;
constexpr std::int64_t clock_skew = 300;

answer oauth_error(int status, std::string_view name, std::string_view description) {
    answer a;
    a.status = status;
    a.body = R"({"error":)";
    append_quoted(a.body, name);
    a.body += R"(,"error_description":)";
    append_quoted(a.body, description);
    a.body += '}';
    return a;
}

answer token_answer(token_kind kind, const exchange& of, std::string_view more = {}) {
    answer a;
    a.body = R"({"access_token":)";
    append_quoted(a.body, make_token(kind, of.now + of.who.token_seconds));
    a.body += R"(,"expires_in":)";
    append_number(a.body, static_cast<std::uint64_t>(of.who.token_seconds));
    a.body.append(more).append(R"(,"token_type":"Bearer"})");
    return a;
}

bool is_form(const exchange& of) {
    return is_media_type(field_value(of.request, "content-type"), "application/x-www-form-urlencoded");
}

// What is wrong with the claims; "" for nothing.
std::string_view wrong_claim(const exchange& of, const json::object& claims) {
    constexpr std::array<rule, 6> rules = {{{"iss", want::text, true},
                                            {"scope", want::text, true},
                                            {"aud", want::text, true},
                                            {"iat", want::integer, true},
                                            {"exp", want::integer, true},
                                            {"sub", want::text}}};
    if (check_members(claims, rules)) return "Invalid claim set.";
    const std::string_view issuer = text_member(claims, "iss");
    if (issuer.empty() || (!of.who.google_issuer.empty() && issuer != of.who.google_issuer))
        return "Invalid grant: account not found";
    if (text_member(claims, "scope") != "https://www.googleapis.com/auth/cloud-platform")
        return "Invalid OAuth scope or ID token audience provided.";
    const std::string here = std::string(field_value(of.request, "host")) + std::string(of.request.target);
    const std::string_view audience = text_member(claims, "aud");
    if (audience != "https://oauth2.googleapis.com/token" && audience != "https://" + here &&
        audience != "http://" + here)
        return "Invalid JWT: Failed audience check.";
    const std::int64_t issued = claims.at("iat").to_number<std::int64_t>();
    const std::int64_t expires = claims.at("exp").to_number<std::int64_t>();
    if (issued > of.now + clock_skew || expires <= of.now || expires - issued > longest_assertion ||
        expires <= issued)
        return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
    return {};
}

std::string_view wrong_assertion(const exchange& of, std::string_view assertion) {
    const std::size_t first = assertion.find('.');
    const std::size_t second = first == std::string_view::npos ? first : assertion.find('.', first + 1);
    if (second == std::string_view::npos) return "Bad Request";
    const auto header = base64url_decode(assertion.substr(0, first));
    const auto claims = base64url_decode(assertion.substr(first + 1, second - first - 1));
    const auto signature = base64url_decode(assertion.substr(second + 1));
    if (!header || !claims || !signature) return "Invalid JWT: not base64url.";
    const auto header_json = parse_object(*header);
    const auto claims_json = parse_object(*claims);
    if (!header_json || !claims_json) return "Invalid JWT: not JSON.";
    const json::object& kind = header_json->get_object();
    if (text_member(kind, "alg") != "RS256" || text_member(kind, "typ") != "JWT")
        return "Invalid JWT Signature.";
    if (!of.who.google_key.empty() &&
        !verify_rs256(of.who.google_key, assertion.substr(0, second), *signature))
        return "Invalid JWT Signature.";
    return wrong_claim(of, claims_json->get_object());
}

} // namespace

bool verify_rs256(std::string_view public_key, std::string_view text, std::string_view signature) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> pem(
        BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())), &BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PUBKEY(pem.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!key || !context || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return false;
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(),
                            reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(),
                            reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

answer google_token(const exchange& of) {
    constexpr std::string_view wanted = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    if (!is_form(of)) return oauth_error(400, "invalid_request", "The body must be a form.");
    const auto grant = form_value(of.request.body, "grant_type");
    if (!grant || *grant != wanted) return oauth_error(400, "unsupported_grant_type", "Invalid grant_type.");
    const auto assertion = form_value(of.request.body, "assertion");
    if (!assertion) return oauth_error(400, "invalid_request", "Missing assertion.");
    const std::string_view wrong = wrong_assertion(of, *assertion);
    if (!wrong.empty()) return oauth_error(400, "invalid_grant", wrong);
    return token_answer(token_kind::google, of);
}

answer entra_token(const exchange& of) {
    if (!is_form(of)) return oauth_error(400, "invalid_request", "AADSTS900144: The body must be a form.");
    const auto value = [&of](std::string_view name) {
        return form_value(of.request.body, name).value_or(std::string());
    };
    if (value("grant_type") != "client_credentials")
        return oauth_error(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.");
    const std::string client = value("client_id");
    if (client.empty() || (!of.who.entra_client.empty() && client != of.who.entra_client))
        return oauth_error(400, "unauthorized_client", "AADSTS700016: The application was not found.");
    const std::string secret = value("client_secret");
    if (secret.empty() || (!of.who.entra_secret.empty() && secret != of.who.entra_secret))
        return oauth_error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    if (value("scope") != "https://cognitiveservices.azure.com/.default")
        return oauth_error(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.");
    return token_answer(token_kind::entra, of, R"(,"ext_expires_in":3599)");
}

} // namespace sluice::sim
