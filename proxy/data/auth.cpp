#include "proxy/data/auth.hpp"

#include "core/base/base64.hpp"
#include "core/base/secret_string.hpp"

#include <optional>
#include <string>
#include <string_view>

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

} // namespace

result<std::shared_ptr<const model::principal>>
authenticate(const http::field_list& fields, const model::snapshot& config, sha256& hasher, wall_ms now) {
    const auto field = http::find(fields, "authorization");
    const auto missing = [] {
        return fail(errc::unauthenticated,
                    "Credential was not sent or was of an unsupported type for this API.");
    };
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
    // Found by digest: what an attacker can time is the digest of a guess, which says nothing about the
    // token.
    const sha256_digest digest = hasher.digest(token);
    const model::token* known = config.tokens.find(as_text(digest));
    if (!known || (known->expires_ms >= 0 && known->expires_ms <= now)) {
        return fail(errc::unauthenticated, "Invalid access token.");
    }
    const std::shared_ptr<const model::principal>* who = config.principals.find(known->owner);
    if (!who) return fail(errc::unauthenticated, "Invalid access token."); // the user is not active any more
    return *who;
}

} // namespace sluice::data
