// The metrics history as a whole: the statistics that it follows, the thread that writes what they did in
// each minute when the minute is over, and the answers. Made by the composition root before the shards,
// stopped after them.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/mutex.hpp"
#include "proxy/model/metrics_history.hpp"
#include "proxy/observe/metrics_sampler.hpp"
#include "proxy/observe/metrics_store.hpp"

#include <absl/base/thread_annotations.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice::observe {

class metrics_history final : public model::metrics_history {
public:
    // The clock must outlive the object. `shards_caught_up` returns when each shard has ended what it is
    // doing now: a query is counted right behind its answer, which a client may have seen already.
    metrics_history(
        const std::string& data_dir, const clock& time, std::function<void()> shards_caught_up = [] {});
    // Stops.
    ~metrics_history() override;

    [[nodiscard]] result<void> open() override;
    void follow(std::string_view endpoint_id, std::vector<model::followed_entity> entities) override
        ABSL_LOCKS_EXCLUDED(mutex_);
    void endpoint_deleted(std::string_view endpoint_id) override ABSL_LOCKS_EXCLUDED(mutex_);
    void only_these_are_left(std::vector<std::string> endpoint_ids) override ABSL_LOCKS_EXCLUDED(mutex_);
    [[nodiscard]] result<model::metrics_answer> read(const model::metrics_query& wanted) override
        ABSL_LOCKS_EXCLUDED(disk_, mutex_);

    // When no shard runs any more: writes what is left. Again: nothing.
    void stop() ABSL_LOCKS_EXCLUDED(disk_, mutex_);

private:
    void run();
    // The minute that is over, if one is, and what was deleted, to the disk.
    void keep_up() ABSL_LOCKS_EXCLUDED(disk_, mutex_);
    // What was counted until now belongs to the minute that was running, whatever the clock says now.
    void take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_) ABSL_LOCKS_EXCLUDED(mutex_);
    void take_if_over() ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_) ABSL_LOCKS_EXCLUDED(mutex_);
    [[nodiscard]] result<void> write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_) ABSL_LOCKS_EXCLUDED(mutex_);
    [[nodiscard]] result<void> write_deleted() ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_)
        ABSL_LOCKS_EXCLUDED(mutex_);
    [[nodiscard]] std::int64_t minute_now() const;

    const clock& time_;
    std::function<void()> shards_caught_up_;

    // Held while the disk is waited for; taken before the other one.
    mutex disk_;
    metrics_store store_ ABSL_GUARDED_BY(disk_);
    std::vector<sampled_endpoint> unwritten_ ABSL_GUARDED_BY(disk_); // oldest first
    std::int64_t running_minute_ ABSL_GUARDED_BY(disk_) = 0;
    std::int64_t written_minute_ ABSL_GUARDED_BY(disk_) = 0; // that was running at the last write

    mutex mutex_;
    std::condition_variable_any woken_;
    metrics_sampler sampler_ ABSL_GUARDED_BY(mutex_);
    std::vector<std::string> deleted_ ABSL_GUARDED_BY(mutex_);
    std::optional<std::vector<std::string>> left_ ABSL_GUARDED_BY(mutex_);
    bool running_ ABSL_GUARDED_BY(mutex_) = false;
    bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

} // namespace sluice::observe
