// OAuth: access tokens for service principals, and the secrets they are had for (api.md §3.3).
#include "proxy/control/plane_state.hpp"

#include <boost/json/serialize.hpp>

namespace sluice::control {

result<reply> plane_state::dispatch_oauth(call what, const call_input& input) {
    // The path's second parameter is the secret's id.
    if (what == call::delete_principal_secret) {
        const auto gone = principal_secrets_.remove(input.name, input.parameters.back(), input.who);
        if (!gone) return fail(gone.error());
        return reply();
    }
    const result<boost::json::object> answer =
        what == call::create_principal_secret ? principal_secrets_.create(input.name, input.body, input.who)
                                              : principal_secrets_.list(input.name, input.body, input.who);
    if (!answer) return fail(answer.error());
    return boost::json::serialize(*answer);
}

result<reply> plane_state::dispatch_open(call what, const model::management_request& request) {
    if (what == call::create_access_token) return oauth_.token(request, next_);
    if (what == call::create_session) return sign_in(request);
    return fail(errc::unauthenticated, "Credential was not sent or was of an unsupported type for this API.");
}

} // namespace sluice::control
