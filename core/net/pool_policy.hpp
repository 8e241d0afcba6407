// Which connection of one origin a request gets, when a new one is opened, who waits. Decisions only: no
// sockets, no clock. The pool asks and carries out. One per origin and shard.
#pragma once

#include "core/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sluice::net {

class pool_policy {
public:
    struct limits {
        std::size_t connections = 1024; // open, being opened or idle
        std::size_t waiting = 1024;     // requests in the queue
        std::chrono::milliseconds idle{55'000};
    };
    using connection_id = std::uint32_t;

    enum class action : std::uint8_t {
        reuse,  // take the idle connection `id`
        open,   // open a new one: it is counted from now on
        wait,   // queue up; counted until waited()
        refuse, // the queue is full
    };
    struct decision {
        action what = action::refuse;
        connection_id id = 0;
    };

    explicit pool_policy(const limits& bounds)
        : limits_(bounds) {}

    // A request wants a connection. The one used last is taken first: the others can age and go. `fresh`: a
    // new one if there is room.
    [[nodiscard]] decision acquire(steady_time now, bool fresh);
    // The request that was told to wait does not wait any more.
    void waited() noexcept { --waiting_; }

    // A connection that nobody waits for goes idle; `id` names it from now on.
    void keep(connection_id id, steady_time now) { idle_.push_back({id, now}); }
    // A counted connection is gone: it failed to open, broke, or was dropped.
    void gone() noexcept { --open_; }

    // Idle connections that are older than the limit, oldest first; they are no longer counted.
    [[nodiscard]] std::vector<connection_id> expire(steady_time now);
    // An idle connection turned out to be dead.
    void forget_idle(connection_id id);

    [[nodiscard]] std::size_t open() const noexcept { return open_; }
    [[nodiscard]] std::size_t idle() const noexcept { return idle_.size(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
    [[nodiscard]] const auto& idle_list() const noexcept { return idle_; }

    struct idle_connection {
        connection_id id;
        steady_time since;
    };

private:
    limits limits_;
    std::size_t open_ = 0;
    std::size_t waiting_ = 0;
    std::vector<idle_connection> idle_; // oldest first
};

} // namespace sluice::net
