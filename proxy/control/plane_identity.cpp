// Users, groups, service principals and tokens (api.md §14.5).
#include "proxy/control/plane_state.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace sluice::control {

result<identity_answer> plane_state::answer_identity(call what, const call_input& input) {
    constexpr auto user = model::principal_kind::user;
    constexpr auto service = model::principal_kind::service_principal;
    switch (what) {
    case call::get_me: return identity_->me(input.body, input.who);
    case call::create_user: return identity_->create_user(user, input.body, input.who);
    case call::list_users: return identity_->list_users(user, input.body);
    case call::get_user: return identity_->get_user(user, input.name, input.body);
    case call::put_user: return identity_->put_user(user, input.name, input.body, input.who);
    case call::patch_user: return identity_->patch_user(user, input.name, input.body, input.who);
    case call::delete_user: return identity_->delete_user(user, input.name, input.who);
    case call::create_service_principal: return identity_->create_user(service, input.body, input.who);
    case call::list_service_principals: return identity_->list_users(service, input.body);
    case call::get_service_principal: return identity_->get_user(service, input.name, input.body);
    case call::put_service_principal: return identity_->put_user(service, input.name, input.body, input.who);
    case call::patch_service_principal:
        return identity_->patch_user(service, input.name, input.body, input.who);
    case call::delete_service_principal: return identity_->delete_user(service, input.name, input.who);
    case call::create_group: return identity_->create_group(input.body, input.who);
    case call::list_groups: return identity_->list_groups(input.body);
    case call::get_group: return identity_->get_group(input.name, input.body);
    case call::put_group: return identity_->put_group(input.name, input.body, input.who);
    case call::patch_group: return identity_->patch_group(input.name, input.body, input.who);
    case call::delete_group: return identity_->delete_group(input.name, input.who);
    case call::create_token: return identity_->create_token(input.body, input.who);
    case call::list_tokens: return identity_->list_tokens(input.who);
    case call::delete_token: return identity_->delete_token(input.body, input.who);
    case call::create_token_on_behalf: return identity_->create_token_for(input.body, input.who);
    case call::list_all_tokens: return identity_->list_all_tokens(input.body, input.who);
    case call::get_any_token: return identity_->get_any_token(input.name, input.who);
    case call::delete_any_token: return identity_->delete_any_token(input.name, input.who);
    default: return fail(errc::not_implemented, "This call is not implemented in this version.");
    }
}

// Limits name their principals: a new name is taken over, and the limits of who is deleted go.
result<void> plane_state::follow_principal(call what, std::string_view id) {
    const bool gone =
        what == call::delete_user || what == call::delete_group || what == call::delete_service_principal;
    if (!gone && what != call::put_group && what != call::patch_group) return {};
    std::string name;
    if (!gone) {
        const result<std::optional<named_principal>> found = identity_->find(id);
        if (!found) return fail(found.error());
        if (const std::optional<named_principal>& who = *found) name = who->name;
    }
    const auto is_affected = [&](const model::rate_limit& limit) {
        return limit.principal_id == id && (gone || limit.principal != name);
    };
    for (const auto& record : registry_.all()) {
        if (std::ranges::none_of(record->limits, is_affected)) continue;
        endpoint_record next = *record;
        if (gone) {
            std::erase_if(next.limits, is_affected);
        } else {
            for (model::rate_limit& limit : next.limits) {
                if (is_affected(limit)) limit.principal = name;
            }
        }
        if (result<void> done = commit(std::move(next)); !done) return done;
    }
    return {};
}

result<reply> plane_state::dispatch_identity(call what, const call_input& input) {
    const result<identity_answer> done = answer_identity(what, input);
    if (!done) return fail(done.error());
    if (!done->changes.empty()) {
        note_rights(done->changes);
        publish(done->changes);
    }
    const result<void> ended = sessions_.remove_all_of(done->changes.principals_removed, next_);
    if (!ended) return fail(ended.error());
    if (const result<void> followed = follow_principal(what, input.name); !followed)
        return fail(followed.error());
    return boost::json::serialize(done->body);
}

} // namespace sluice::control
