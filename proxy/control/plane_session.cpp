// Signing in to the Serving UI and out.
#include "core/base/log.hpp"
#include "proxy/control/audit.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/plane_state.hpp"

#include <optional>
#include <utility>

namespace sluice::control {

// The caller is known by the body only.
result<reply> plane_state::sign_in(const model::management_request& request) {
    result<boost::json::object> body = parse_body(request.body);
    if (!body) return fail(body.error());
    const result<sessions::applicant> who = sessions_.check(*body, next_);
    if (!who) {
        if (who.error().code == errc::unauthenticated) log_refused_sign_in(request);
        return fail(who.error());
    }
    const call_input input{*who->by.who, request, {}, {}, {}, &*who};
    return change(*audit_rule_of(call::create_session), input);
}

// Anybody can ask, as often as he likes.
void plane_state::log_refused_sign_in(const model::management_request& request) {
    const std::optional<std::int64_t> left_out = refused_sign_ins_.admit("", time_.wall());
    if (!left_out) return;
    log::warn("sign_in_refused",
              {{"request_id", request.request_id}, {"remote", request.remote}, {"left_out", *left_out}});
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
