// OAuth: access tokens for service principals, and the secrets they are had for (api.md §3.3).
#include "proxy/control/plane_state.hpp"

namespace sluice::control {

result<reply> plane_state::dispatch_oauth(call, const call_input&) {
    return fail(errc::not_implemented, "This call is not implemented in this version.");
}

result<reply> plane_state::dispatch_open(call, const model::management_request&) {
    return fail(errc::not_implemented, "This call is not implemented in this version.");
}

} // namespace sluice::control
