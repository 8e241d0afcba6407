#include "proxy/control/event_rate.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sluice::control {

event_rate::state& event_rate::state_of(std::string_view key, wall_ms now) {
    const auto found = keys_.find(key);
    if (found != keys_.end()) return found->second;
    if (keys_.size() >= limit_.keys) {
        const auto quiet = std::min_element(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) {
            return a.second.seen < b.second.seen;
        });
        keys_.erase(quiet);
    }
    return keys_.emplace(std::string(key), state{now, now, 0}).first->second;
}

std::optional<std::int64_t> event_rate::admit(std::string_view key, wall_ms now) {
    state& of = state_of(key, now);
    of.seen = now;
    const wall_ms most = limit_.at_once * limit_.interval;
    // A clock that was set back does not keep anything out for longer.
    of.full_at = std::clamp(of.full_at, now, now + most);
    const wall_ms next = of.full_at + limit_.interval;
    if (next > now + most) {
        ++of.left_out;
        return std::nullopt;
    }
    of.full_at = next;
    return std::exchange(of.left_out, 0);
}

} // namespace sluice::control
