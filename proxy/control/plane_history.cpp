// The history of an endpoint's metrics.
#include "proxy/control/history_query.hpp"
#include "proxy/control/plane_state.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::control {

void plane_state::tell_history(const endpoint_record& record, const endpoint_stats& stats) const {
    if (!history_) return;
    std::vector<model::followed_entity> entities;
    entities.push_back({"", stats.refused});
    for (const auto& [name, of] : stats.entities)
        entities.push_back({name, of});
    history_->follow(record.id, std::move(entities));
}

result<reply> plane_state::get_metrics_history(const call_input& input) const {
    const result<const endpoint_record*> record = granted(input, model::permission::can_view);
    if (!record) return fail(record.error());
    if (!history_) return fail(errc::not_implemented, "The history of metrics is not kept here.");
    result<history_query> query = parse_history_query(input.body, time_.wall());
    if (!query) return fail(query.error());
    query->wanted.endpoint_id = (*record)->id;
    if (const std::optional<endpoint_config>& active = (*record)->active) {
        for (const entity_spec& entity : active->entities)
            query->wanted.entities.push_back(entity.name);
    }
    reply out;
    out.later = [history = history_, query = *std::move(query)]() -> result<reply> {
        const result<model::metrics_answer> answer = history->read(query.wanted);
        if (answer) return reply(history_json(query, *answer));
        if (answer.error().code != errc::deadline_exceeded) return fail(answer.error());
        return fail(errc::bad_request, "The query took too long: ask for less time.");
    };
    return out;
}

} // namespace sluice::control
