// What ends a wait for a provider early: its deadline, or the client's leaving.
#pragma once

#include "core/net/peer.hpp"
#include "core/net/use.hpp"
#include "core/net/watchdog.hpp"

namespace sluice::net {

// A step under way that both a deadline and a leaving client can end.
class interruptible : public deadline_target, public abortable {
protected:
    ~interruptible() = default;
};

// One per request, on its coroutine's stack: points the connection's watchdog and the client's watch at the
// step under way.
class exchange_guard {
public:
    explicit exchange_guard(peer& client)
        : client_(client) {}
    exchange_guard(const exchange_guard&) = delete;
    exchange_guard& operator=(const exchange_guard&) = delete;
    ~exchange_guard() { rest(); }

    // `step` must outlive the guard or the next call. A client that has already left ends it at once.
    void watch(interruptible& step, steady_time at) {
        client_.dog().guard(step, at);
        if (client_.watch(&step)) step.abort();
    }
    // A new deadline for the step under way.
    void extend(deadline_target& step, steady_time at) { client_.dog().guard(step, at); }
    void rest() noexcept {
        client_.dog().rest();
        client_.unhook();
    }
    [[nodiscard]] bool client_gone() const noexcept { return client_.peer_gone(); }

private:
    peer& client_;
};

} // namespace sluice::net
