// Which served entity has which statistics (proxy/model/entity_stats.hpp): they stay over config updates for
// as long as an entity of that name is there. Control thread.
#pragma once

#include "core/base/string_map.hpp"
#include "proxy/control/endpoint_record.hpp"
#include "proxy/model/entity_stats.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::control {

// All are shared with the snapshots and the requests that run on them.
struct endpoint_stats {
    std::shared_ptr<model::entity_stats> refused; // queries that got no entity
    // By name, in the order of the active config.
    std::vector<std::pair<std::string, std::shared_ptr<model::entity_stats>>> entities;

    // Null: none of that name is active.
    [[nodiscard]] std::shared_ptr<model::entity_stats> find(std::string_view entity) const;
};

class statistics {
public:
    // Makes what the active config needs and drops what it no longer has. The reference is good until the
    // next call for that endpoint.
    const endpoint_stats& follow(const endpoint_record& record);
    // Null: follow() has not seen it.
    [[nodiscard]] const endpoint_stats* find(std::string_view endpoint_id) const;
    void erase(std::string_view endpoint_id);

private:
    string_map<std::unique_ptr<endpoint_stats>> by_id_;
};

} // namespace sluice::control
