#include "core/net/watchdog.hpp"

#include <boost/asio/steady_timer.hpp>

namespace sluice::net {

struct watchdog::state {
    explicit state(boost::asio::io_context& io)
        : timer(io) {}

    boost::asio::steady_timer timer;
    deadline_target* target = nullptr;
    steady_time deadline;
    steady_time armed;
    bool waiting = false;
};

namespace {

template <class State>
void arm(const std::shared_ptr<State>& self);

template <class State>
void fired(const std::weak_ptr<State>& weak) {
    const auto self = weak.lock();
    if (!self) return;
    self->waiting = false;
    if (!self->target) return;
    const steady_time now = std::chrono::steady_clock::now();
    if (now >= self->deadline) {
        const auto next = self->target->deadline_reached(now);
        if (!next) {
            self->target = nullptr;
            return;
        }
        self->deadline = *next;
    }
    if (!self->waiting) arm(self);
}

template <class State>
void arm(const std::shared_ptr<State>& self) {
    self->waiting = true;
    self->armed = self->deadline;
    self->timer.expires_at(self->deadline);
    self->timer.async_wait(
        [weak = std::weak_ptr<State>(self)](const boost::system::error_code&) { fired(weak); });
}

} // namespace

watchdog::watchdog(boost::asio::io_context& io)
    : state_(std::make_shared<state>(io)) {}

watchdog::~watchdog() {
    rest();
    if (state_->waiting) state_->timer.cancel();
}

void watchdog::guard(deadline_target& target, steady_time at) {
    state_->target = &target;
    state_->deadline = at;
    if (!state_->waiting) {
        arm(state_);
    } else if (at < state_->armed) {
        state_->armed = at;
        state_->timer.cancel(); // the handler runs with "aborted" and arms the timer anew
    }
}

void watchdog::rest() noexcept {
    state_->target = nullptr;
}

} // namespace sluice::net
