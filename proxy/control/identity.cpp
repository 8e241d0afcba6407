#include "proxy/control/identity.hpp"

#include "core/base/jwt.hpp"
#include "core/base/sha256.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/identity_scim.hpp"
#include "proxy/control/scim_list.hpp"
#include "proxy/control/vault.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::object;

constexpr std::string_view admin_name = "admin";
constexpr std::string_view token_prefix = "dapi";
constexpr std::size_t token_random_bytes = 32;

std::string digest_of(const secret_string& text) {
    return std::string(as_text(token_digest(text.reveal())));
}

result<secret_string> new_token_text() {
    auto digits = random_hex(token_random_bytes);
    if (!digits) return fail(std::move(digits).error());
    std::string text(token_prefix);
    text.reserve(token_prefix.size() + digits->size());
    text += *digits;
    wipe(*digits);
    secret_string out(text);
    wipe(text);
    return out;
}

bool has_expired(const stored_token& token, wall_ms now) {
    return token.expires_ms >= 0 && token.expires_ms <= now;
}

object info_of(const stored_token& token) {
    return object{{"token_id", token.id},
                  {"creation_time", token.created_ms},
                  {"expiry_time", token.expires_ms},
                  {"comment", token.comment}};
}

result<void> check_admin_token(const secret_string& given) {
    const std::string_view text = given.reveal();
    if (is_jwt(text)) {
        return fail(errc::invalid_parameter_value,
                    "SLUICE_ADMIN_TOKEN looks like an OAuth access token: choose another text");
    }
    if (std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; })) return {};
    return fail(errc::invalid_parameter_value,
                "SLUICE_ADMIN_TOKEN must consist of visible ASCII characters, without blanks");
}

} // namespace

result<std::unique_ptr<identity>>
identity::open(store& db, const clock& time, const secret_string& admin_token) {
    std::unique_ptr<identity> opened(new identity(db, time));
    if (auto loaded = opened->load_people(); !loaded) return fail(std::move(loaded).error());
    if (auto made = opened->make_admin_user(); !made) return fail(std::move(made).error());
    if (auto set = opened->set_admin_token(admin_token); !set) return fail(std::move(set).error());
    return opened;
}

result<void> identity::load_people() {
    auto users = db_.users();
    if (!users) return fail(users.error());
    auto groups = db_.groups();
    if (!groups) return fail(groups.error());
    const auto memberships = db_.memberships();
    if (!memberships) return fail(memberships.error());
    for (stored_user& each : *users)
        people_.put(std::move(each));
    for (stored_group& each : *groups)
        people_.put(std::move(each));
    for (const stored_membership& each : *memberships)
        people_.join(each);
    return {};
}

result<void> identity::make_admin_user() {
    std::int64_t id = people_.find(admin_name);
    if (!people_.user(id)) {
        stored_user admin;
        admin.user_name = admin_name;
        admin.display_name = "Administrator";
        admin.created_ms = time_.wall();
        auto work = db_.begin();
        if (!work) return fail(work.error());
        const auto made = db_.add_user(admin);
        if (!made) return fail(made.error());
        id = *made;
        if (auto joined = db_.add_membership({admins_group, id}); !joined) return joined;
        if (auto kept = work->commit(); !kept) return kept;
        admin.id = id;
        people_.put(std::move(admin));
        people_.join({admins_group, id});
    }
    admin_ = principal_for(*people_.user(id));
    return {};
}

result<void> identity::set_admin_token(const secret_string& given) {
    if (auto ok = check_admin_token(given); !ok) return ok;
    const auto all = db_.tokens();
    if (!all) return fail(all.error());
    const auto old =
        std::find_if(all->begin(), all->end(), [](const auto& token) { return token.is_admin_token; });
    if (given.empty() && old != all->end()) return {};
    secret_string text = given;
    if (given.empty()) {
        auto made = new_token_text();
        if (!made) return fail(std::move(made).error());
        text = *made;
        new_admin_token_ = std::move(*made);
    }
    const std::string digest = digest_of(text);
    if (old != all->end() && old->digest == digest) return {};
    if (std::any_of(all->begin(), all->end(), [&](const auto& token) { return token.digest == digest; })) {
        return fail(errc::invalid_parameter_value,
                    "SLUICE_ADMIN_TOKEN is the text of a token that a user has made: choose another one");
    }
    auto id = random_hex(32);
    if (!id) return fail(std::move(id).error());
    auto work = db_.begin();
    if (!work) return fail(std::move(work).error());
    if (old != all->end()) {
        if (auto gone = db_.delete_token(old->id); !gone) return fail(std::move(gone).error());
    }
    const stored_token token{
        *id, number_of(admin_->id), digest, "admin token", time_.wall(), -1, std::string(admin_name), true};
    if (auto added = db_.add_token(token); !added) return added;
    return work->commit();
}

secret_string identity::take_new_admin_token() {
    return std::exchange(new_admin_token_, secret_string());
}

result<std::shared_ptr<const model::principal>> identity::principal(std::string_view id) {
    const stored_user* user = people_.user(number_of(id));
    return user ? principal_for(*user) : nullptr;
}

result<std::optional<named_principal>> identity::find(model::principal_kind kind,
                                                      std::string_view name) const {
    auto found = find(std::to_string(people_.find(name)));
    if (!found) return found;
    const std::optional<named_principal>& named = *found;
    if (named && named->kind != kind) found->reset();
    return found;
}

result<std::optional<named_principal>> identity::find(std::string_view id) const {
    std::optional<named_principal> out;
    const std::int64_t number = number_of(id);
    if (const stored_user* user = people_.user(number)) {
        out = named_principal{user->kind, std::to_string(number), user->user_name, user->display_name};
    } else if (const stored_group* group = people_.group(number)) {
        out = named_principal{model::principal_kind::group, std::to_string(number), group->name, group->name};
    }
    return out;
}

result<identity_changes> identity::all() {
    auto all = db_.tokens();
    if (!all) return fail(std::move(all).error());
    if (auto dropped = drop_expired(*all); !dropped) return fail(std::move(dropped).error());
    identity_changes out;
    for (const auto kind : {model::principal_kind::user, model::principal_kind::service_principal}) {
        for (const std::int64_t id : people_.users(kind)) {
            const stored_user& user = *people_.user(id);
            if (user.active) out.principals.push_back(principal_for(user));
        }
    }
    for (const auto& token : *all) {
        out.tokens.emplace_back(token.digest,
                                model::token{token.id, std::to_string(token.user_id), token.expires_ms});
    }
    return out;
}

result<stored_user> identity::find_caller(const model::principal& who) {
    const stored_user* user = people_.user(number_of(who.id));
    if (!user) return fail(errc::resource_does_not_exist, "The user does not exist any more.");
    return *user;
}

result<identity_answer> identity::me(const object& query, const model::principal& who) {
    const auto user = find_caller(who);
    if (!user) return fail(user.error());
    const result<scim_query> wanted = scim_query::parse(query);
    if (!wanted) return fail(wanted.error());
    object shown = show_user(*user, people_);
    // Terraform and the CLI read their own name here, whoever they are; to them every caller is a User.
    shown["schemas"] = boost::json::array{"urn:ietf:params:scim:schemas:core:2.0:User"};
    shown["userName"] = user->user_name;
    return identity_answer{wanted->shown(std::move(shown)), {}};
}

result<identity_answer> identity::create_token(const object& body, const model::principal& who) {
    const auto owner = find_caller(who);
    if (!owner) return fail(owner.error());
    return issue(body, *owner, who.user_name);
}

result<identity_answer> identity::create_token_for(const object& body, const model::principal& who) {
    if (!who.is_admin) return fail(errc::permission_denied, "Only admins can create tokens for others.");
    findings found;
    const members in(body, "", found);
    if (in.has("application_id") == in.has("user_name")) {
        found.refuse("Exactly one of 'application_id' and 'user_name' must be given.");
    }
    const std::string name = in.text(in.has("user_name") ? "user_name" : "application_id").value_or("");
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    const stored_user* owner = people_.user(people_.find(name));
    if (!owner) {
        return fail(errc::resource_does_not_exist, "There is no user or application with this name.");
    }
    auto answer = issue(body, *owner, who.user_name);
    if (!answer) return answer;
    object& info = answer->body.as_object()["token_info"].as_object();
    info["created_by_id"] = number_of(who.id);
    info["created_by_username"] = who.user_name;
    info["owner_id"] = owner->id;
    return answer;
}

result<identity_answer>
identity::issue(const object& body, const stored_user& owner, std::string_view created_by) {
    findings found;
    const members in(body, "", found);
    const std::string comment = in.text("comment").value_or("");
    const auto lifetime = in.integer("lifetime_seconds");
    if (comment.size() > max_comment_bytes) found.refuse("'comment' must have at most 1000 bytes.");
    if (lifetime && (*lifetime <= 0 || *lifetime > max_lifetime_seconds)) {
        found.refuse("'lifetime_seconds' must be from 1 to " + std::to_string(max_lifetime_seconds) +
                     "; leave it out for a token that never expires.");
    }
    if (!owner.active) found.refuse("The user is not active.");
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    auto owned = db_.tokens(owner.id);
    if (!owned) return fail(std::move(owned).error());
    auto dropped = drop_expired(*owned);
    if (!dropped) return fail(std::move(dropped).error());
    if (owned->size() >= max_tokens_per_user) {
        return fail(errc::invalid_parameter_value,
                    "A user can have at most 10000 tokens: delete some first.");
    }
    const auto text = new_token_text();
    if (!text) return fail(text.error());
    auto id = random_hex(32);
    if (!id) return fail(std::move(id).error());
    const wall_ms now = time_.wall();
    const stored_token token{std::move(*id),
                             owner.id,
                             digest_of(*text),
                             comment,
                             now,
                             lifetime ? now + *lifetime * 1000 : -1,
                             std::string(created_by),
                             false};
    if (auto added = db_.add_token(token); !added) return fail(std::move(added).error());
    identity_answer out;
    out.body = object{{"token_value", text->reveal()}, {"token_info", info_of(token)}};
    out.changes.tokens_removed = std::move(*dropped);
    out.changes.tokens.emplace_back(token.digest,
                                    model::token{token.id, std::to_string(owner.id), token.expires_ms});
    return out;
}

result<identity_answer> identity::list_tokens(const model::principal& who) {
    auto owned = db_.tokens(number_of(who.id));
    if (!owned) return fail(std::move(owned).error());
    auto dropped = drop_expired(*owned);
    if (!dropped) return fail(std::move(dropped).error());
    boost::json::array infos;
    for (const auto& token : *owned) {
        infos.push_back(info_of(token));
    }
    identity_answer out{object{{"token_infos", std::move(infos)}}, {}};
    out.changes.tokens_removed = std::move(*dropped);
    return out;
}

result<identity_answer> identity::delete_token(const object& body, const model::principal& who) {
    findings found;
    const std::string id = members(body, "", found).required_text("token_id");
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    const auto stored = db_.find_token(id);
    if (!stored) return fail(stored.error());
    const auto& token = *stored;
    if (!token) return fail(errc::resource_does_not_exist, "There is no token with this id.");
    if (!who.is_admin && std::to_string(token->user_id) != who.id) {
        return fail(errc::permission_denied, "Only admins can delete tokens of others.");
    }
    if (token->is_admin_token) {
        return fail(errc::invalid_parameter_value,
                    "The admin token cannot be deleted: start the gateway with another SLUICE_ADMIN_TOKEN.");
    }
    const auto gone = db_.delete_token(id);
    if (!gone) return fail(gone.error());
    identity_answer out{object{}, {}};
    out.changes.tokens_removed.push_back(token->digest);
    return out;
}

result<identity_answer> identity::list_all_tokens(const object& query, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    findings found;
    const members in(query, "", found);
    const auto creator_id = in.text("created_by_id");
    const auto creator = in.text("created_by_username");
    if (creator_id && number_of(*creator_id) == 0) found.refuse("'created_by_id' must be the id of a user.");
    if (auto ok = found.verdict(); !ok) return fail(std::move(ok).error());
    auto all = db_.tokens();
    if (!all) return fail(std::move(all).error());
    auto dropped = drop_expired(*all);
    if (!dropped) return fail(std::move(dropped).error());
    boost::json::array infos;
    for (const auto& token : *all) {
        if (creator && *creator != token.created_by) continue;
        if (creator_id && number_of(*creator_id) != people_.find(token.created_by)) continue;
        infos.push_back(managed_info_of(token));
    }
    identity_answer out{object{{"token_infos", std::move(infos)}}, {}};
    out.changes.tokens_removed = std::move(*dropped);
    return out;
}

result<identity_answer> identity::get_any_token(std::string_view id, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    const auto stored = db_.find_token(id);
    if (!stored) return fail(stored.error());
    const std::optional<stored_token>& token = *stored;
    if (!token) return fail(errc::resource_does_not_exist, "There is no token with this id.");
    return identity_answer{object{{"token_info", managed_info_of(*token)}}, {}};
}

result<identity_answer> identity::delete_any_token(std::string_view id, const model::principal& who) {
    if (auto may = for_admins(who); !may) return fail(may.error());
    return delete_token(object{{"token_id", std::string(id)}}, who);
}

// What admins see of a token beside its owner's view.
object identity::managed_info_of(const stored_token& token) const {
    object out = info_of(token);
    out["created_by_id"] = people_.find(token.created_by);
    out["created_by_username"] = token.created_by;
    out["owner_id"] = token.user_id;
    return out;
}

result<std::vector<std::string>> identity::drop_expired(std::vector<stored_token>& list) {
    const wall_ms now = time_.wall();
    std::vector<stored_token> kept;
    std::vector<std::string> dropped;
    auto work = db_.begin();
    if (!work) return fail(std::move(work).error());
    for (auto& token : list) {
        if (!has_expired(token, now)) {
            kept.push_back(std::move(token));
            continue;
        }
        if (auto gone = db_.delete_token(token.id); !gone) return fail(std::move(gone).error());
        dropped.push_back(std::move(token.digest));
    }
    if (auto done = work->commit(); !done) return fail(std::move(done).error());
    list = std::move(kept);
    return dropped;
}

std::shared_ptr<const model::principal> identity::principal_for(const stored_user& user) {
    auto& shared = principals_[std::to_string(user.id)];
    if (!shared) shared = std::make_shared<const model::principal>(principal_of(user, people_));
    return shared;
}

} // namespace sluice::control
