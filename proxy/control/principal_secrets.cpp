#include "proxy/control/principal_secrets.hpp"

#include "core/base/hex.hpp"
#include "core/base/secret_string.hpp"
#include "core/base/sha256.hpp"
#include "core/http/framing.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/directory.hpp"
#include "proxy/control/time_text.hpp"
#include "proxy/control/vault.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::object;
using model::token_scope;

constexpr std::string_view secret_prefix = "dose";
constexpr std::size_t secret_random_bytes = 32;
constexpr std::string_view any_scope = "all-apis";

result<secret_string> new_secret_text() {
    auto digits = random_hex(secret_random_bytes);
    if (!digits) return fail(std::move(digits).error());
    std::string text(secret_prefix);
    text.reserve(secret_prefix.size() + digits->size());
    text += *digits;
    wipe(*digits);
    secret_string out(text);
    wipe(text);
    return out;
}

// "3600s", as JSON has a protobuf Duration; a fraction has no use here.
std::int64_t lifetime_of(const members& in) {
    const std::optional<std::string> text = in.text("lifetime");
    if (!text) return principal_secrets::longest_lifetime;
    std::string_view digits = *text;
    const bool in_seconds = digits.ends_with('s');
    if (in_seconds) digits.remove_suffix(1);
    const std::optional<std::uint64_t> seconds = http::parse_decimal(digits);
    if (in_seconds && seconds && *seconds > 0 &&
        *seconds <= static_cast<std::uint64_t>(principal_secrets::longest_lifetime)) {
        return static_cast<std::int64_t>(*seconds);
    }
    in.found().refuse("'lifetime' must be a number of seconds with an 's' behind it, from 1s to " +
                      std::to_string(principal_secrets::longest_lifetime) + "s.");
    return 0;
}

// Without any, everything.
token_scope token_scope_of(const members& in) {
    const std::vector<std::string> wanted = in.texts("scopes");
    bool all = wanted.empty();
    for (const std::string& one : wanted) {
        all = all || one == any_scope;
        if (one != any_scope && one != to_string(token_scope::model_serving)) {
            in.found().refuse("'scopes' may hold all-apis and model-serving only.");
        }
    }
    return all ? token_scope::all_apis : token_scope::model_serving;
}

object info_of(const stored_principal_secret& secret) {
    object out{{"id", secret.id},
               {"status", "ACTIVE"},
               {"secret_hash", hex_encode(secret.digest)},
               {"create_time", rfc3339(secret.created_ms)},
               {"update_time", rfc3339(secret.created_ms)},
               {"expire_time", rfc3339(secret.expires_ms)}};
    if (secret.scope != any_scope) out["scopes"] = boost::json::array{boost::json::string(secret.scope)};
    return out;
}

tl::unexpected<error> not_there() {
    return fail(errc::resource_does_not_exist, "There is no service principal with this id.");
}

} // namespace

result<std::int64_t> principal_secrets::managed(std::string_view id, const model::principal& who) {
    if (!who.is_admin) {
        return fail(errc::permission_denied, "Only admins can manage the secrets of service principals.");
    }
    const std::int64_t known = number_of(id);
    if (known == 0) return not_there();
    const auto there = db_.is_service_principal(known);
    if (!there) return fail(there.error());
    if (!*there) return not_there();
    return known;
}

result<std::vector<stored_principal_secret>> principal_secrets::current(std::int64_t principal_id) {
    auto all = db_.principal_secrets(principal_id);
    if (!all) return all;
    const wall_ms now = time_.wall();
    for (const auto& secret : *all) {
        if (secret.expires_ms > now) continue;
        if (auto gone = db_.delete_principal_secret(principal_id, secret.id); !gone)
            return fail(gone.error());
    }
    std::erase_if(*all, [now](const auto& secret) { return secret.expires_ms <= now; });
    return all;
}

result<object>
principal_secrets::create(std::string_view id, const object& body, const model::principal& who) {
    const auto principal = managed(id, who);
    if (!principal) return fail(principal.error());
    findings found;
    const members in(body, "", found);
    const std::int64_t lifetime = lifetime_of(in);
    const token_scope scope = token_scope_of(in);
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    const auto others = current(*principal);
    if (!others) return fail(others.error());
    if (others->size() >= max_secrets) {
        return fail(errc::secret_limit_exceeded,
                    "A service principal has at most " + std::to_string(max_secrets) +
                        " secrets: delete one first.");
    }
    const auto text = new_secret_text();
    if (!text) return fail(text.error());
    auto name = random_hex(16);
    if (!name) return fail(std::move(name).error());
    const wall_ms now = time_.wall();
    const stored_principal_secret secret{*name,
                                         *principal,
                                         std::string(as_text(token_digest(text->reveal()))),
                                         std::string(to_string(scope)),
                                         now,
                                         now + lifetime * 1000};
    if (auto added = db_.add_principal_secret(secret); !added) return fail(std::move(added).error());
    object out = info_of(secret);
    out["secret"] = boost::json::string(text->reveal().data(), text->reveal().size());
    return out;
}

result<object>
principal_secrets::list(std::string_view id, const object& query, const model::principal& who) {
    const auto principal = managed(id, who);
    if (!principal) return fail(principal.error());
    findings found;
    const members in(query, "", found);
    const std::int64_t page_size = in.integer("page_size").value_or(0); // 0: as many as there are
    const std::int64_t from = in.integer("page_token").value_or(0);
    if (page_size < 0) found.refuse("'page_size' must not be negative.");
    if (from < 0) found.refuse("'page_token' is not one that a list has given.");
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    const auto all = current(*principal);
    if (!all) return fail(all.error());
    const auto begin = std::min(static_cast<std::size_t>(from), all->size());
    const std::size_t count = page_size == 0 ? all->size() : static_cast<std::size_t>(page_size);
    const std::size_t end = begin + std::min(count, all->size() - begin);
    boost::json::array shown;
    for (std::size_t i = begin; i < end; ++i)
        shown.push_back(info_of((*all)[i]));
    object out{{"secrets", std::move(shown)}};
    if (end < all->size()) out["next_page_token"] = std::to_string(end);
    return out;
}

result<void>
principal_secrets::remove(std::string_view id, std::string_view secret_id, const model::principal& who) {
    const auto principal = managed(id, who);
    if (!principal) return fail(principal.error());
    const auto gone = db_.delete_principal_secret(*principal, secret_id);
    if (!gone) return fail(gone.error());
    if (!*gone) {
        return fail(errc::resource_does_not_exist, "The service principal has no secret with this id.");
    }
    return {};
}

result<std::optional<model::caller>> principal_secrets::authenticate(std::string_view client_id,
                                                                     std::string_view secret,
                                                                     const model::snapshot& config) {
    // Found by digest: nothing is compared that a client could time.
    const auto digest = token_digest(secret);
    const auto found = db_.find_principal_secret(as_text(digest));
    if (!found) return fail(found.error());
    const auto& known = *found;
    if (!known || known->expires_ms <= time_.wall()) return std::nullopt;
    const auto* who = config.principals.find(std::to_string(known->principal_id)); // the active ones
    if (!who || (*who)->user_name != client_id) return std::nullopt;
    const token_scope most = known->scope == any_scope ? token_scope::all_apis : token_scope::model_serving;
    return model::caller{*who, {}, most, known->expires_ms};
}

} // namespace sluice::control
