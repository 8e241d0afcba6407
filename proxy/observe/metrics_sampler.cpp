#include "proxy/observe/metrics_sampler.hpp"

#include <algorithm>
#include <utility>

namespace sluice::observe {

namespace {

void add_row(std::vector<minute_row>& rows,
             std::int64_t minute,
             const std::string& entity,
             const minute_totals& totals) {
    rows.push_back({minute, entity, totals.counts, pack_times(totals.times)});
}

} // namespace

void metrics_sampler::follow(std::string_view endpoint_id, std::vector<model::followed_entity> entities) {
    std::vector<followed>& mine = by_endpoint_[endpoint_id];
    for (followed& one : mine) {
        const auto same = std::ranges::find(entities, one.entity.stats, &model::followed_entity::stats);
        one.leaving = same == entities.end();
        if (!one.leaving) entities.erase(same);
    }
    for (model::followed_entity& one : entities)
        mine.push_back({std::move(one), nullptr, false});
}

void metrics_sampler::forget(std::string_view endpoint_id) {
    const auto found = by_endpoint_.find(endpoint_id);
    if (found != by_endpoint_.end()) by_endpoint_.erase(found);
}

bool metrics_sampler::has_changed(const followed& one) {
    const std::uint64_t last = one.last ? one.last->counts.requests : 0;
    return read_requests(*one.entity.stats) != last;
}

std::unique_ptr<minute_totals> metrics_sampler::difference(const followed& one, const minute_totals& now) {
    auto out = std::make_unique<minute_totals>(now);
    if (one.last) out->subtract(*one.last);
    return out;
}

std::vector<sampled_endpoint> metrics_sampler::take(std::int64_t minute) {
    std::vector<sampled_endpoint> out;
    for (auto& [endpoint_id, all] : by_endpoint_) {
        std::vector<minute_row> rows;
        for (followed& one : all) {
            if (!has_changed(one)) continue;
            auto now = std::make_unique<minute_totals>(read_totals(*one.entity.stats));
            add_row(rows, minute, one.entity.name, *difference(one, *now));
            one.last = std::move(now);
        }
        // Nobody else has it: nothing is counted any more.
        std::erase_if(all, [](const followed& one) {
            return one.leaving && one.entity.stats.use_count() == 1 && !has_changed(one);
        });
        if (!rows.empty()) out.push_back({endpoint_id, std::move(rows)});
    }
    return out;
}

std::vector<minute_row> metrics_sampler::look(std::string_view endpoint_id, std::int64_t minute) const {
    std::vector<minute_row> out;
    const auto found = by_endpoint_.find(endpoint_id);
    if (found == by_endpoint_.end()) return out;
    for (const followed& one : found->second) {
        if (has_changed(one))
            add_row(out, minute, one.entity.name, *difference(one, read_totals(*one.entity.stats)));
    }
    return out;
}

} // namespace sluice::observe
