// The deadline of one connection's current step. Moving the deadline is a store: the timer is armed once and,
// when it fires early, re-armed to the deadline that holds by then; only an earlier deadline costs a timer
// operation. One per connection, owned by its coroutine, used on its shard only.
#pragma once

#include "core/base/clock.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>

namespace sluice::net {

// What a step does when its time is up: closes its socket and remembers why, or says when to ask again.
class deadline_target {
public:
    [[nodiscard]] virtual std::optional<steady_time> deadline_reached(steady_time now) = 0;

protected:
    ~deadline_target() = default;
};

class watchdog {
public:
    explicit watchdog(boost::asio::io_context& io);
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;
    ~watchdog();

    // From now on `target` is told at `at`. It must outlive the guard or be replaced, or rest() be called,
    // before.
    void guard(deadline_target& target, steady_time at);
    // Nothing has a deadline.
    void rest() noexcept;

private:
    struct state;
    std::shared_ptr<state> state_; // shared with the pending timer handler only
};

} // namespace sluice::net
