// How many events of each principal are written down: so many at once, then one an interval, so that nobody
// fills a log which has room for so many rows only. What is left out is counted. No clock, no thread.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/string_map.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::control {

struct event_limit {
    std::int64_t at_once = 1;
    wall_ms interval = 1; // milliseconds
    std::size_t keys = 1; // that are remembered; of more the one that has been quiet longest is forgotten
};

class event_rate {
public:
    explicit event_rate(event_limit limit)
        : limit_(limit) {}

    // nullopt: the event is left out. Else how many of this key were left out before it.
    [[nodiscard]] std::optional<std::int64_t> admit(std::string_view key, wall_ms now);
    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }

private:
    struct state {
        wall_ms full_at = 0; // when as many as ever are let through at once
        wall_ms seen = 0;
        std::int64_t left_out = 0;
    };
    state& state_of(std::string_view key, wall_ms now);

    const event_limit limit_;
    string_map<state> keys_;
};

} // namespace sluice::control
