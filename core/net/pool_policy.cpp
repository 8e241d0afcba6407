#include "core/net/pool_policy.hpp"

#include <algorithm>

namespace sluice::net {

pool_policy::decision pool_policy::acquire(steady_time now, bool fresh) {
    const bool room = open_ < limits_.connections;
    if (!(fresh && room) && !idle_.empty() && now - idle_.back().since < limits_.idle) {
        const connection_id id = idle_.back().id;
        idle_.pop_back();
        return {action::reuse, id};
    }
    if (room) {
        ++open_;
        return {action::open, 0};
    }
    if (waiting_ >= limits_.waiting) return {action::refuse, 0};
    ++waiting_;
    return {action::wait, 0};
}

std::vector<pool_policy::connection_id> pool_policy::expire(steady_time now) {
    std::vector<connection_id> old;
    const auto fresh = std::find_if(idle_.begin(), idle_.end(), [&](const idle_connection& one) {
        return now - one.since < limits_.idle;
    });
    for (auto one = idle_.begin(); one != fresh; ++one)
        old.push_back(one->id);
    idle_.erase(idle_.begin(), fresh);
    open_ -= old.size();
    return old;
}

void pool_policy::forget_idle(connection_id id) {
    const auto found =
        std::find_if(idle_.begin(), idle_.end(), [&](const idle_connection& one) { return one.id == id; });
    if (found == idle_.end()) return;
    idle_.erase(found);
    --open_;
}

} // namespace sluice::net
