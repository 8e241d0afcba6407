// Signing in to the Serving UI and out.
#include "proxy/control/audit.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/plane_state.hpp"

#include <utility>

namespace sluice::control {

// The caller is known by the body only.
result<reply> plane_state::sign_in(const model::management_request& request) {
    result<boost::json::object> body = parse_body(request.body);
    if (!body) return fail(body.error());
    const result<sessions::applicant> who = sessions_.check(*body, request, next_);
    if (!who) return fail(who.error());
    const call_input input{*who->by.who, request, {}, {}, {}, &*who};
    return change(*audit_rule_of(call::create_session), input);
}

result<reply> plane_state::dispatch_session(call what, const call_input& input) {
    if (what == call::get_session) return sessions::show(input.request, next_);
    result<reply> done = what == call::create_session
                             ? sessions_.create(*input.signs_in, input.request, next_)
                             : sessions_.remove(input.request, next_);
    changed_ = true;
    return done;
}

} // namespace sluice::control
