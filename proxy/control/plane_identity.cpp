// Users, groups, service principals and tokens (api.md §14.5).
#include "proxy/control/plane_state.hpp"

#include <boost/json/serialize.hpp>

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

result<reply> plane_state::dispatch_identity(call what, const call_input& input) {
    const result<identity_answer> done = answer_identity(what, input);
    if (!done) return fail(done.error());
    if (!done->changes.empty()) publish(done->changes);
    return boost::json::serialize(done->body);
}

} // namespace sluice::control
