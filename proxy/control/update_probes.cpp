#include "proxy/control/update_probes.hpp"

namespace sluice::control {

update_probes::round update_probes::begin(std::string_view name, std::size_t probes) {
    forget(name);
    round id = std::make_shared<const std::string>(name); // shared with the probes of the round
    rounds_.emplace(*id, entry{id, probes, std::nullopt});
    return id;
}

void update_probes::forget(std::string_view name) {
    if (const auto found = rounds_.find(name); found != rounds_.end()) rounds_.erase(found);
}

bool update_probes::add(const round& of, const result<void>& outcome) {
    const auto found = rounds_.find(*of);
    if (found == rounds_.end() || found->second.id != of || found->second.verdict) return false;
    entry& at = found->second;
    --at.waiting;
    if (outcome && at.waiting > 0) return false;
    at.verdict = outcome;
    return true;
}

std::optional<result<void>> update_probes::verdict(std::string_view name) const {
    const auto found = rounds_.find(name);
    return found == rounds_.end() ? std::nullopt : found->second.verdict;
}

} // namespace sluice::control
