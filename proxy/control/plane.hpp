// The control plane: one thread that owns the database, the secrets and all changes, and publishes snapshots
// of what comes of them. Made by the composition root; outlives whatever calls handle(). The shards must run
// until stop() has returned: an answer waits until they have taken the snapshot that it speaks of.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "core/net/address.hpp"
#include "proxy/config.hpp"
#include "proxy/model/management.hpp"
#include "proxy/model/metrics_history.hpp"
#include "proxy/model/prober.hpp"
#include "proxy/model/snapshot.hpp"
#include "proxy/model/usage.hpp"

#include <functional>
#include <memory>

namespace sluice::control {

class plane final : public model::management {
public:
    // The arguments must outlive the object. `prober` may be null: then updates are not probed. It is asked
    // until stop() has returned, and must answer no longer once the object is destroyed.
    plane(const proxy::settings& settings,
          const clock& time,
          model::publisher& publisher,
          const net::upstream_policy& policy,
          model::usage_tables* usage = nullptr,
          model::prober* prober = nullptr,
          model::metrics_history* history = nullptr);
    // Stops.
    ~plane() override;

    // Opens the store, loads everything, applies the config file, publishes the first snapshot and starts the
    // thread. Errors, for the operator to read: the database, the master key, or an entry of the config file.
    // Called once.
    [[nodiscard]] result<void> start();

    // The admin token that this start has made, to be printed once; empty when none was made, and on the
    // second call. After start(), on the thread that called it.
    [[nodiscard]] secret_string made_admin_token();

    // Answers what it has been given, then ends the thread. From any thread but the control thread; again:
    // nothing.
    void stop();

    // Before start() and after stop() the answer is 503, on the calling thread.
    void handle(model::management_request request,
                std::function<void(model::management_response)> done) override;

private:
    class runner;

    const proxy::settings& settings_;
    const clock& time_;
    model::publisher& publisher_;
    const net::upstream_policy& policy_;
    model::usage_tables* const usage_;      // may be null: there are no usage tables then
    model::prober* const prober_;           // may be null
    model::metrics_history* const history_; // may be null: it is not kept then
    secret_string admin_token_;
    std::unique_ptr<runner> runner_; // null before start()
};

} // namespace sluice::control
