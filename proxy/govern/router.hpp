// Traffic split: which served entity the next request of an endpoint goes to. No randomness: after any number
// of requests each entity has had its share to within less than one request.
#pragma once

#include "core/base/string_map.hpp"
#include "proxy/model/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::govern {

// One period of a split: sum(shares) turns (100 for shares in percent), each the index of an entity. Earliest
// deadline first (the "pfair" scheduling of Baruah et al.; Tijdeman's chairman assignment): the j-th turn of
// an entity of share w out of W is released at floor(W*j/w) and due at ceil(W*(j+1)/w); among the released
// the earliest due goes first, the lower index at a tie. Empty when no share is positive.
[[nodiscard]] std::vector<std::uint16_t> make_schedule(const std::vector<int>& shares);

// One for each shard, used by its thread only.
class router {
public:
    // Endpoints of several entities that are remembered; beyond it all sequences start anew.
    static constexpr std::size_t most_endpoints = 65'536;

    // Index into to.entities. The endpoint has at least one entity. An entity with no traffic is only picked
    // when none has any (the first one then), which control does not let happen.
    [[nodiscard]] std::size_t pick(const model::endpoint& to);

    [[nodiscard]] std::size_t remembered() const noexcept { return sequences_.size(); }

private:
    struct share {
        std::string name;
        int percentage = 0;
    };
    struct sequence {
        std::vector<share> split; // what `turns` was made for
        std::vector<std::uint16_t> turns;
        std::size_t next = 0;
    };

    [[nodiscard]] static bool same_split(const sequence& known, const model::endpoint& to) noexcept;
    static void start(sequence& fresh, const model::endpoint& to);

    string_map<sequence> sequences_; // by endpoint id
};

} // namespace sluice::govern
