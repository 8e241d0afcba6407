// The peer of an exchange that no client waits for: what ends it early is the end of its shard.
#pragma once

#include "core/net/peer.hpp"
#include "core/net/task_group.hpp"
#include "core/net/watchdog.hpp"
#include "proxy/data/shard.hpp"

namespace sluice::data {

class no_client final : public net::peer, public net::abortable {
public:
    explicit no_client(shard& here)
        : dog_(here.io)
        , gone_(here.stopping()) // abort_all has come already
        , registered_(here.tasks, *this) {}

    [[nodiscard]] bool watch(net::abortable* hook) override {
        hook_ = hook;
        return gone_;
    }
    void unhook() noexcept override { hook_ = nullptr; }
    [[nodiscard]] bool peer_gone() const noexcept override { return gone_; }
    [[nodiscard]] net::watchdog& dog() noexcept override { return dog_; }

    void abort() noexcept override {
        gone_ = true;
        if (hook_) hook_->abort();
    }

private:
    net::watchdog dog_;
    net::abortable* hook_ = nullptr;
    bool gone_;
    net::task_group::registration registered_;
};

} // namespace sluice::data
