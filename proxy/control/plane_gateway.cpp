// What an endpoint has beside its config: limits, tags, AI Gateway, notifications, telemetry. None of these
// makes a config version, and none waits for an update.
#include "proxy/control/endpoint_input.hpp"
#include "proxy/control/plane_state.hpp"

#include <utility>

namespace sluice::control {

result<reply> plane_state::dispatch_gateway(call what, const call_input& input) {
    switch (what) {
    case call::put_rate_limits: return put_rate_limits(input);
    case call::patch_tags: return patch_tags(input);
    default: return fail(errc::not_implemented, "This call is not implemented in this version.");
    }
}

result<reply> plane_state::put_rate_limits(const call_input& input) {
    const result<const endpoint_record*> record = managed(input);
    if (!record) return fail(record.error());
    const result<std::vector<model::rate_limit>> limits = parse_rate_limits(input.body);
    if (!limits) return fail(limits.error());
    if (const result<void> done = commit(registry_.with_limits(**record, *limits)); !done)
        return fail(done.error());
    return show_limits(*limits);
}

result<reply> plane_state::patch_tags(const call_input& input) {
    const result<const endpoint_record*> record = managed(input);
    if (!record) return fail(record.error());
    const result<tags_input> wanted = parse_tags(input.body);
    if (!wanted) return fail(wanted.error());
    endpoint_record next = registry_.with_tags(**record, *wanted);
    if (next.tags.size() > max_tags) {
        return fail(errc::invalid_parameter_value, "An endpoint may have at most 100 tags.");
    }
    if (const result<void> done = commit(std::move(next)); !done) return fail(done.error());
    return show_tags(registry_.find(input.name)->tags);
}

} // namespace sluice::control
