// Whom an exchange with a provider is made for: it owns the deadline of the step under way, and its leaving
// ends that step. On one shard.
#pragma once

#include "core/net/use.hpp"
#include "core/net/watchdog.hpp"

namespace sluice::net {

class peer {
public:
    // From now on `hook` (may be null) is aborted when the peer leaves. Says at once whether it already has.
    [[nodiscard]] virtual bool watch(abortable* hook) = 0;
    virtual void unhook() noexcept = 0;
    [[nodiscard]] virtual bool peer_gone() const noexcept = 0;
    [[nodiscard]] virtual watchdog& dog() noexcept = 0;

protected:
    ~peer() = default;
};

} // namespace sluice::net
