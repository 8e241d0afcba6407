#include "proxy/control/sessions.hpp"

#include "core/base/base64.hpp"
#include "core/base/secret_string.hpp"
#include "core/json/writer.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/directory.hpp"
#include "proxy/control/vault.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::size_t random_size = 32; // bytes of a session's value

struct session_change {
    std::string key;
    std::optional<model::session> value; // nullopt: it goes
};

// Takes out of the snapshot what is not stored any more.
void forget(model::snapshot& next,
            const std::function<bool(const std::string&, const model::session&)>& has_ended) {
    std::vector<session_change> ended;
    next.sessions.for_each([&](const std::string& key, const model::session& each) {
        if (has_ended(key, each)) ended.push_back({key, std::nullopt});
    });
    if (!ended.empty()) next.sessions = next.sessions.with_all(ended);
}

result<secret_string> new_value() {
    auto bytes = random_bytes(random_size);
    if (!bytes) return fail(std::move(bytes).error());
    std::string text = base64url_encode(*bytes);
    wipe(*bytes);
    secret_string out(text);
    wipe(text);
    return out;
}

std::string cookie_of(std::string_view value, std::int64_t seconds, bool https) {
    std::string out(model::session_cookie_name);
    out.append("=").append(value).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
    out += std::to_string(seconds);
    if (https) out += "; Secure";
    return out;
}

reply described(const model::principal& who,
                std::string_view csrf_token,
                wall_ms expires_ms,
                std::string_view workspace_id) {
    reply out;
    out.body.clear();
    json::object_writer body(out.body);
    body.text("id", who.id);
    body.text("user_name", who.user_name);
    body.text("display_name", who.display_name);
    body.boolean("is_admin", who.is_admin);
    body.boolean("may_create", who.may_create);
    body.text("workspace_id", workspace_id);
    body.text("csrf_token", csrf_token);
    body.number("expires_ms", expires_ms);
    body.close();
    out.headers.emplace_back("cache-control", "no-store");
    return out;
}

tl::unexpected<error> not_signed_in() {
    return fail(errc::unauthenticated,
                "Nobody is signed in: the call is made with a session's cookie alone.");
}

} // namespace

result<void> sessions::load(model::snapshot& next) {
    if (auto gone = db_.delete_sessions_before(time_.wall()); !gone) return gone;
    const auto all = db_.sessions();
    if (!all) return fail(all.error());
    std::vector<session_change> there;
    there.reserve(all->size());
    for (const stored_session& each : *all) {
        there.push_back(
            {each.digest, model::session{each.token_digest, std::to_string(each.user_id), each.expires_ms}});
    }
    next.sessions = next.sessions.with_all(there);
    return {};
}

result<sessions::applicant> sessions::check(const boost::json::object& body, const model::snapshot& next) {
    findings found;
    const secret_string token(members(body, "", found).required_text("token"));
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    auto by = checker_.check(token.reveal(), next, time_.wall());
    if (!by) return fail(errc::unauthenticated, "Invalid access token.");
    if (!by->only_endpoint.empty() || by->scope != model::token_scope::all_apis) {
        return fail(errc::permission_denied,
                    "A token that is limited to an endpoint or a scope cannot sign in.");
    }
    const sha256_digest digest = token_digest(token.reveal());
    const model::token* personal = next.tokens.find(as_text(digest));
    if (!personal) return applicant{*std::move(by), {}, {}};
    return applicant{*std::move(by), personal->id, std::string(as_text(digest))};
}

// For one more session.
result<void> sessions::make_room(std::int64_t user_id) {
    if (auto gone = db_.delete_sessions_before(time_.wall()); !gone) return gone;
    const auto own = db_.session_digests(user_id);
    if (!own) return fail(own.error());
    for (std::size_t i = 0; i + max_sessions <= own->size(); ++i) {
        if (auto gone = db_.delete_session((*own)[i]); !gone) return gone;
    }
    return {};
}

result<reply>
sessions::create(const applicant& who, const model::management_request& request, model::snapshot& next) {
    const wall_ms now = time_.wall();
    const wall_ms until = who.by.expires_ms;
    const wall_ms expires = until < 0 ? now + longest : std::min(now + longest, until);
    const std::int64_t user_id = number_of(who.by.who->id);
    if (auto room = make_room(user_id); !room) return fail(std::move(room).error());
    const auto value = new_value();
    if (!value) return fail(value.error());
    const std::string key = checker_.session_key(value->reveal());
    const stored_session stored{key, user_id, who.token_id, who.token_key, now, expires};
    if (auto added = db_.add_session(stored); !added) return fail(std::move(added).error());
    const auto left = db_.session_digests(user_id);
    if (!left) return fail(left.error());
    forget(next, [&](const std::string& each_key, const model::session& each) {
        if (each.expires_ms <= now || (!each.token.empty() && !next.tokens.find(each.token))) return true;
        return each.owner == who.by.who->id && std::ranges::find(*left, each_key) == left->end();
    });
    next.sessions = next.sessions.with(key, model::session{who.token_key, who.by.who->id, expires});
    reply out = described(*who.by.who, checker_.csrf_token(value->reveal()), expires, next.workspace_id);
    // A whole second at least: 0 would delete it.
    const std::int64_t seconds = std::max<std::int64_t>((expires - now) / 1000, 1);
    out.headers.emplace_back("set-cookie", cookie_of(value->reveal(), seconds, request.https));
    return out;
}

result<reply> sessions::show(const model::management_request& request, const model::snapshot& next) {
    const auto& used = request.session;
    if (!used || !request.who) return not_signed_in();
    return described(*request.who, used->csrf_token, used->expires_ms, next.workspace_id);
}

result<reply> sessions::remove(const model::management_request& request, model::snapshot& next) {
    const auto& used = request.session;
    if (!used) return not_signed_in();
    if (auto gone = db_.delete_session(used->key); !gone) return fail(std::move(gone).error());
    next.sessions = next.sessions.without(used->key);
    reply out;
    out.headers.emplace_back("set-cookie", cookie_of("", 0, request.https));
    return out;
}

result<void> sessions::remove_all_of(const std::vector<std::string>& principals, model::snapshot& next) {
    if (principals.empty()) return {};
    for (const std::string& id : principals) {
        if (auto gone = db_.delete_sessions_of(number_of(id)); !gone) return gone;
    }
    forget(next, [&](const std::string&, const model::session& each) {
        return std::ranges::find(principals, each.owner) != principals.end();
    });
    return {};
}

} // namespace sluice::control
