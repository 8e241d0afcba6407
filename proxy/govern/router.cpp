#include "proxy/govern/router.hpp"

#include <cassert>

namespace sluice::govern {

std::vector<std::uint16_t> make_schedule(const std::vector<int>& shares) {
    std::int64_t period = 0;
    for (const int share : shares)
        period += share;
    std::vector<std::int64_t> taken(shares.size(), 0); // turns so far
    std::vector<std::uint16_t> turns;
    turns.reserve(static_cast<std::size_t>(period));
    for (std::int64_t slot = 0; slot < period; ++slot) {
        std::size_t first = shares.size();
        std::int64_t first_due = 0;
        for (std::size_t i = 0; i < shares.size(); ++i) {
            const std::int64_t share = shares[i];
            if (share == 0 || period * taken[i] / share > slot) continue;
            const std::int64_t due = (period * (taken[i] + 1) + share - 1) / share;
            if (first == shares.size() || due < first_due) {
                first = i;
                first_due = due;
            }
        }
        assert(first < shares.size()); // the shares fill the period, so somebody is always released
        ++taken[first];
        turns.push_back(static_cast<std::uint16_t>(first));
    }
    return turns;
}

std::size_t router::pick(const model::endpoint& to) {
    assert(!to.entities.empty());
    if (to.entities.size() == 1) return 0;
    auto found = sequences_.find(std::string_view(to.id));
    if (found == sequences_.end()) {
        if (sequences_.size() >= most_endpoints) sequences_.clear();
        found = sequences_.try_emplace(to.id).first;
        start(found->second, to);
    } else if (!same_split(found->second, to)) {
        start(found->second, to);
    }
    sequence& known = found->second;
    if (known.turns.empty()) return 0;
    const std::size_t turn = known.next;
    known.next = turn + 1 == known.turns.size() ? 0 : turn + 1;
    return known.turns[turn];
}

bool router::same_split(const sequence& known, const model::endpoint& to) noexcept {
    if (known.split.size() != to.entities.size()) return false;
    for (std::size_t i = 0; i < known.split.size(); ++i) {
        const model::served_entity& entity = *to.entities[i];
        if (known.split[i].percentage != entity.traffic_percentage || known.split[i].name != entity.name)
            return false;
    }
    return true;
}

void router::start(sequence& fresh, const model::endpoint& to) {
    fresh.split.clear();
    std::vector<int> shares;
    for (const auto& entity : to.entities) {
        fresh.split.push_back({entity->name, entity->traffic_percentage});
        shares.push_back(entity->traffic_percentage);
    }
    fresh.turns = make_schedule(shares);
    fresh.next = 0;
}

} // namespace sluice::govern
