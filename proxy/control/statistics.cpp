#include "proxy/control/statistics.hpp"

#include <algorithm>

namespace sluice::control {

std::shared_ptr<model::entity_stats> endpoint_stats::find(std::string_view entity) const {
    const auto found = std::ranges::find(entities, entity, [](const auto& one) { return one.first; });
    return found == entities.end() ? nullptr : found->second;
}

const endpoint_stats& statistics::follow(const endpoint_record& record) {
    std::unique_ptr<endpoint_stats>& kept = by_id_[record.id];
    auto next = std::make_unique<endpoint_stats>();
    next->refused = kept ? kept->refused : std::make_shared<model::entity_stats>();
    if (record.active) {
        for (const entity_spec& entity : record.active->entities) {
            std::shared_ptr<model::entity_stats> stats = kept ? kept->find(entity.name) : nullptr;
            if (!stats) stats = std::make_shared<model::entity_stats>();
            next->entities.emplace_back(entity.name, std::move(stats));
        }
    }
    kept = std::move(next);
    return *kept;
}

const endpoint_stats* statistics::find(std::string_view endpoint_id) const {
    const auto found = by_id_.find(endpoint_id);
    return found == by_id_.end() ? nullptr : found->second.get();
}

void statistics::erase(std::string_view endpoint_id) {
    const auto found = by_id_.find(endpoint_id);
    if (found != by_id_.end()) by_id_.erase(found);
}

} // namespace sluice::control
