// The composition root: builds the control plane and the shards, connects them, and takes them down again in
// order.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "core/net/address.hpp"
#include "proxy/config.hpp"
#include "proxy/data/ui_files.hpp"
#include "proxy/model/snapshot.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sluice::control {
class plane;
}
namespace sluice::data {
class shard;
class shard_prober;
struct shared_services;
} // namespace sluice::data
namespace sluice::govern {
class bucket_table;
}
namespace sluice::observe {
class metrics_history;
class usage_store;
} // namespace sluice::observe

namespace sluice::proxy {

class gateway final : public model::publisher {
public:
    // Takes checked settings. `ui`: the files of the Serving UI, which outlive the gateway.
    gateway(settings config, const clock& time, std::span<const data::ui_file> ui = data::ui_files());
    ~gateway() override;

    // Opens the listeners, then the store, applies the config file, and serves. On an error everything is
    // stopped again.
    [[nodiscard]] result<void> start();

    // What is listened on, with real ports. After start().
    [[nodiscard]] const std::vector<boost::asio::ip::tcp::endpoint>& listening() const noexcept {
        return listening_;
    }
    // The admin token, if this start made it: to be shown once.
    [[nodiscard]] std::optional<secret_string> made_admin_token() const;

    // From now on /readyz says 503 and every answer is its connection's last.
    void begin_drain();
    // No new connections; idle ones are closed.
    void close_listeners();
    // Requests being answered.
    [[nodiscard]] std::uint64_t in_flight() const;
    // Ends what still runs and joins all threads. Called by the destructor too.
    void stop();

    // begin_drain, close_listeners and stop in turn: requests and streams under way end, within the
    // configured drain time.
    void drain_and_stop();

    void publish(std::shared_ptr<const model::snapshot> next, std::function<void()> stored) override;

private:
    [[nodiscard]] result<void> open_listeners();
    // Returns when each shard has ended what it is doing now. Not from a shard.
    void wait_for_shards() const;
    [[nodiscard]] bool wait_until_left(std::chrono::steady_clock::time_point until) const;
    [[nodiscard]] bool wait_until_idle(std::chrono::steady_clock::time_point until) const;

    const settings config_;
    const clock& time_;
    std::unique_ptr<net::upstream_policy> allowed_;
    std::unique_ptr<govern::bucket_table> buckets_;
    std::unique_ptr<data::shard_prober> prober_;
    std::unique_ptr<observe::usage_store> usage_;
    std::unique_ptr<observe::metrics_history> history_;
    std::unique_ptr<control::plane> control_;
    std::unique_ptr<data::shared_services> shared_;
    std::vector<std::unique_ptr<data::shard>> shards_;
    std::vector<boost::asio::ip::tcp::endpoint> listening_;
    bool running_ = false;
};

} // namespace sluice::proxy
