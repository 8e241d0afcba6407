// The calls of the mlflow gateway client, get_deploy_client("http://…") (api.md §15).
#include "proxy/control/plane_state.hpp"

namespace sluice::control {

result<reply> plane_state::dispatch_mlflow(call, const call_input&) {
    return fail(errc::not_implemented, "This call is not implemented in this version.");
}

} // namespace sluice::control
