// Users, groups, service principals and tokens (api.md §14.5).
#include "proxy/control/plane_state.hpp"

#include <boost/json/serialize.hpp>

namespace sluice::control {

result<reply> plane_state::dispatch_identity(call what, const call_input& input) {
    const auto run = [&]() -> result<identity_answer> {
        switch (what) {
        case call::get_me: return identity_->me(input.who);
        case call::create_user: return identity_->create_user(input.body, input.who);
        case call::create_token: return identity_->create_token(input.body, input.who);
        case call::list_tokens: return identity_->list_tokens(input.who);
        case call::delete_token: return identity_->delete_token(input.body, input.who);
        case call::create_token_on_behalf: return identity_->create_token_for(input.body, input.who);
        default: return fail(errc::not_implemented, "This call is not implemented in this version.");
        }
    };
    const result<identity_answer> answered = run();
    if (!answered) return fail(answered.error());
    if (!answered->changes.empty()) publish(answered->changes);
    return boost::json::serialize(answered->body);
}

} // namespace sluice::control
