// What remains of requests and changes: metrics, logs, OpenAPI documents, usage, audit.
#include "proxy/control/plane_state.hpp"

namespace sluice::control {

result<reply> plane_state::dispatch_observe(call what, const call_input& input) {
    if (what == call::list_audit) return list_audit(input);
    return fail(errc::not_implemented, "This call is not implemented in this version.");
}

} // namespace sluice::control
