#include "core/base/jwt.hpp"

#include "core/base/base64.hpp"

namespace sluice {

namespace {

// {"alg":"HS256","typ":"JWT"}
constexpr std::string_view head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";

} // namespace

bool is_jwt(std::string_view text) noexcept {
    return text.starts_with(head);
}

std::string sign_jwt(std::string_view payload, hmac_sha256& key) {
    std::string out(head);
    out += base64url_encode(payload);
    const sha256_digest code = key.sign(out);
    out += '.';
    out += base64url_encode(as_text(code));
    return out;
}

std::optional<std::string> verify_jwt(std::string_view token, hmac_sha256& key) {
    if (token.size() > longest_jwt || !is_jwt(token)) return std::nullopt;
    const std::size_t dot = token.find('.', head.size());
    if (dot == std::string_view::npos) return std::nullopt;
    // A third dot is no digit of base64.
    const std::optional<std::string> code = base64url_decode(token.substr(dot + 1));
    if (!code || !key.verify(token.substr(0, dot), *code)) return std::nullopt;
    return base64url_decode(token.substr(head.size(), dot - head.size()));
}

} // namespace sluice
