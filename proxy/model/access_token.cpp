#include "proxy/model/access_token.hpp"

#include "core/base/jwt.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::model {

namespace {

constexpr std::string_view issuer = "sluice";
constexpr wall_ms clock_steps_back = 60'000; // by as much a clock may be corrected while tokens are out

bool is_plain(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

void add(std::string& out, std::string_view name, std::string_view text) {
    out.append(out.empty() ? "{\"" : ",\"").append(name).append("\":\"").append(text).append("\"");
}

void add(std::string& out, std::string_view name, std::int64_t number) {
    out.append(",\"").append(name).append("\":").append(std::to_string(number));
}

// Reads what issue_access_token writes and nothing else: one flat object without blanks, texts without
// escapes, each claim at most once, none that it does not know. A claim that a later version adds may take
// rights away, so it must not be passed over.
class claims_reader {
public:
    explicit claims_reader(std::string_view payload)
        : left_(payload) {}

    [[nodiscard]] std::optional<access_claims> read() {
        if (!eat("{")) return std::nullopt;
        do {
            if (!claim()) return std::nullopt;
        } while (eat(","));
        if (!eat("}") || !left_.empty()) return std::nullopt;
        if (issuer_ != issuer || claims_.subject.empty() || claims_.audience.empty() ||
            claims_.token_id.empty() || scope_.empty() || claims_.issued <= 0 || claims_.expires <= 0) {
            return std::nullopt;
        }
        if (scope_ == to_string(token_scope::model_serving)) {
            claims_.scope = token_scope::model_serving;
        } else if (scope_ != to_string(token_scope::all_apis)) {
            return std::nullopt;
        }
        return std::move(claims_);
    }

private:
    bool eat(std::string_view text) noexcept {
        if (!left_.starts_with(text)) return false;
        left_.remove_prefix(text.size());
        return true;
    }

    std::optional<std::string_view> text() noexcept {
        if (!eat("\"")) return std::nullopt;
        const std::size_t end = left_.find('"');
        if (end == std::string_view::npos || !is_plain(left_.substr(0, end))) return std::nullopt;
        const std::string_view out = left_.substr(0, end);
        left_.remove_prefix(end + 1);
        return out;
    }

    // A text that must not be empty, for a claim that must not have been there.
    bool text_into(std::string& claim) {
        const std::optional<std::string_view> found = text();
        if (!found || found->empty() || !claim.empty()) return false;
        claim = *found;
        return true;
    }

    bool number_into(std::int64_t& claim) noexcept {
        if (claim != 0 || left_.empty() || left_.front() < '1' || left_.front() > '9') return false;
        constexpr std::int64_t most = 1'000'000'000'000; // year 33658: times 1000 it is still a number
        const auto [end, problem] = std::from_chars(left_.data(), left_.data() + left_.size(), claim);
        left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
        return problem == std::errc{} && claim <= most;
    }

    bool claim() {
        const std::optional<std::string_view> name = text();
        if (!name || !eat(":")) return false;
        if (*name == "iat") return number_into(claims_.issued);
        if (*name == "exp") return number_into(claims_.expires);
        const std::array<std::pair<std::string_view, std::string*>, 7> texts = {
            {{"iss", &issuer_},
             {"aud", &claims_.audience},
             {"sub", &claims_.subject},
             {"client_id", &claims_.client_id},
             {"scope", &scope_},
             {"endpoint_id", &claims_.endpoint_id},
             {"jti", &claims_.token_id}}};
        for (const auto& [key, value] : texts) {
            if (*name == key) return text_into(*value);
        }
        return false;
    }

    std::string_view left_;
    access_claims claims_;
    std::string issuer_;
    std::string scope_;
};

} // namespace

std::string_view to_string(token_scope scope) noexcept {
    return scope == token_scope::all_apis ? "all-apis" : "model-serving";
}

std::optional<std::string> issue_access_token(const access_claims& claims, hmac_sha256& key) {
    for (const std::string* text :
         {&claims.subject, &claims.audience, &claims.token_id, &claims.endpoint_id}) {
        if (!is_plain(*text)) return std::nullopt;
    }
    std::string payload;
    add(payload, "iss", issuer);
    add(payload, "aud", claims.audience);
    add(payload, "sub", claims.subject);
    if (!claims.client_id.empty() && is_plain(claims.client_id)) add(payload, "client_id", claims.client_id);
    add(payload, "scope", to_string(claims.scope));
    if (!claims.endpoint_id.empty()) add(payload, "endpoint_id", claims.endpoint_id);
    add(payload, "jti", claims.token_id);
    add(payload, "iat", claims.issued);
    add(payload, "exp", claims.expires);
    payload += '}';
    std::string token = sign_jwt(payload, key);
    if (token.size() > longest_jwt) return std::nullopt;
    return token;
}

std::optional<access_claims> read_claims(std::string_view payload) {
    return claims_reader(payload).read();
}

std::optional<access_claims>
check_access_token(std::string_view token, hmac_sha256& key, std::string_view audience, wall_ms now) {
    const std::optional<std::string> payload = verify_jwt(token, key);
    if (!payload) return std::nullopt;
    std::optional<access_claims> claims = read_claims(*payload);
    if (!claims || claims->audience != audience) return std::nullopt;
    if (claims->expires * 1000 <= now || claims->issued * 1000 > now + clock_steps_back) return std::nullopt;
    return claims;
}

} // namespace sluice::model
