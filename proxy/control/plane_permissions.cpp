// The permissions API of serving endpoints (api.md §12).
#include "proxy/control/plane_state.hpp"

namespace sluice::control {

result<reply> plane_state::dispatch_permissions(call, const call_input&) {
    return fail(errc::not_implemented, "This call is not implemented in this version.");
}

} // namespace sluice::control
