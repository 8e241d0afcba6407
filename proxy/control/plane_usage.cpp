// What plane_state tells the usage tables.
#include "proxy/control/plane_state.hpp"

#include <utility>

namespace sluice::control {

namespace {

void append_entities(std::vector<model::usage_entity>& out, const endpoint_record& record, wall_ms when) {
    if (!record.active) return;
    for (const entity_spec& entity : record.active->entities) {
        model::usage_entity one;
        one.served_entity_id = entity.id;
        one.created_by = entity.creator;
        one.endpoint_id = record.id;
        one.endpoint_name = record.name;
        one.name = entity.name;
        one.external_model = entity.model;
        one.provider = entity.provider;
        one.task = providers::to_string(entity.task);
        one.config_version = record.active->version;
        one.change_time = when;
        out.push_back(std::move(one));
    }
}

} // namespace

void plane_state::tell_usage() {
    if (!usage_) return;
    std::vector<model::usage_entity> entities;
    std::vector<std::string> ids;
    for (const auto& record : registry_.all()) {
        ids.push_back(record->id);
        append_entities(entities, *record, record->updated_ms);
    }
    usage_->only_these_are_left(std::move(entities), std::move(ids), time_.wall());
}

void plane_state::tell_usage(const endpoint_record* last, const endpoint_record& next) {
    if (!usage_ || !next.active) return;
    const bool same =
        last && last->id == next.id && last->active && last->active->version == next.active->version;
    if (same) return;
    std::vector<model::usage_entity> entities;
    append_entities(entities, next, time_.wall());
    usage_->entities_in_force(std::move(entities));
}

} // namespace sluice::control
