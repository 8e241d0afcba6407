#include "proxy/observe/metrics_history.hpp"

#include "core/base/log.hpp"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace sluice::observe {

namespace {

constexpr std::int64_t longest_pause = 1000;    // milliseconds: the clock may be set
constexpr std::size_t most_unwritten = 100'000; // endpoints' minutes

} // namespace

metrics_history::metrics_history(const std::string& data_dir,
                                 const clock& time,
                                 std::function<void()> shards_caught_up)
    : time_(time)
    , shards_caught_up_(std::move(shards_caught_up))
    , store_(data_dir + "/metrics.db") {}

metrics_history::~metrics_history() {
    stop();
}

std::int64_t metrics_history::minute_now() const {
    return time_.wall() / ms_per_minute;
}

result<void> metrics_history::open() {
    {
        const mutex_lock lock(mutex_);
        if (running_) return {};
    }
    {
        const mutex_lock disk(disk_);
        if (auto opened = store_.open(); !opened) {
            return fail(errc::internal_error, "The metrics history: " + opened.error().message);
        }
        running_minute_ = minute_now();
        written_minute_ = running_minute_;
    }
    const mutex_lock lock(mutex_);
    running_ = true;
    thread_ = std::thread([this] { run(); });
    return {};
}

void metrics_history::follow(std::string_view endpoint_id, std::vector<model::followed_entity> entities) {
    const mutex_lock lock(mutex_);
    sampler_.follow(endpoint_id, std::move(entities));
}

void metrics_history::endpoint_deleted(std::string_view endpoint_id) {
    const mutex_lock lock(mutex_);
    sampler_.forget(endpoint_id);
    deleted_.emplace_back(endpoint_id);
}

void metrics_history::only_these_are_left(std::vector<std::string> endpoint_ids) {
    const mutex_lock lock(mutex_);
    left_ = std::move(endpoint_ids);
}

void metrics_history::stop() {
    {
        const mutex_lock lock(mutex_);
        if (!running_) return;
        running_ = false;
        stopping_ = true;
        woken_.notify_one();
    }
    thread_.join();
    const mutex_lock disk(disk_);
    take();
    result<void> written = write_deleted();
    if (written) written = write();
    if (!written) log::error("metrics_history_lost");
    store_.close();
}

void metrics_history::run() {
    for (;;) {
        const std::int64_t left = ms_per_minute - time_.wall() % ms_per_minute;
        {
            const mutex_lock lock(mutex_);
            if (!stopping_)
                woken_.wait_for(mutex_, milliseconds(std::clamp<std::int64_t>(left, 1, longest_pause)));
            if (stopping_) return;
        }
        keep_up();
    }
}

void metrics_history::keep_up() {
    const mutex_lock disk(disk_);
    take_if_over();
    if (const result<void> deleted = write_deleted(); !deleted) return; // the database has logged the cause
    if (running_minute_ == written_minute_) return;
    written_minute_ = running_minute_; // when the disk refuses, the next try is in a minute
    if (const result<void> written = write(); !written) log::error("metrics_history_not_written");
}

void metrics_history::take_if_over() {
    const std::int64_t now = minute_now();
    if (now == running_minute_) return;
    take();
    running_minute_ = now;
}

void metrics_history::take() {
    std::vector<sampled_endpoint> taken;
    {
        const mutex_lock lock(mutex_);
        taken = sampler_.take(running_minute_);
    }
    std::ranges::move(taken, std::back_inserter(unwritten_));
    if (unwritten_.size() <= most_unwritten) return;
    // The disk has been refusing for a long time.
    const auto lost = static_cast<std::ptrdiff_t>(unwritten_.size() - most_unwritten);
    unwritten_.erase(unwritten_.begin(), unwritten_.begin() + lost);
    log::error("metrics_history_lost", {{"rows", static_cast<std::int64_t>(lost)}});
}

result<void> metrics_history::write() {
    if (!unwritten_.empty()) {
        if (auto added = store_.add(unwritten_); !added) return added;
        unwritten_.clear();
    }
    return store_.drop_old(minute_now());
}

result<void> metrics_history::write_deleted() {
    std::vector<std::string> deleted;
    std::optional<std::vector<std::string>> left;
    {
        const mutex_lock lock(mutex_);
        deleted.swap(deleted_);
        left.swap(left_);
    }
    if (left) {
        if (auto erased = store_.erase_others(*left); !erased) {
            const mutex_lock lock(mutex_);
            if (!left_) left_ = std::move(left);
            return erased;
        }
    }
    if (deleted.empty()) return {};
    const absl::flat_hash_set<std::string_view> gone(deleted.begin(), deleted.end());
    std::erase_if(unwritten_,
                  [&gone](const sampled_endpoint& one) { return gone.contains(one.endpoint_id); });
    for (const std::string& id : deleted) {
        if (auto erased = store_.erase(id); !erased) {
            const mutex_lock lock(mutex_);
            deleted_.insert(deleted_.end(), deleted.begin(), deleted.end());
            return erased;
        }
    }
    return {};
}

result<model::metrics_answer> metrics_history::read(const model::metrics_query& wanted) {
    shards_caught_up_();
    std::vector<minute_row> rows;
    {
        const mutex_lock disk(disk_);
        take_if_over();
        auto stored = store_.read(wanted.endpoint_id,
                                  wanted.start / ms_per_minute,
                                  (wanted.end + ms_per_minute - 1) / ms_per_minute);
        if (!stored) return fail(std::move(stored).error());
        rows = *std::move(stored);
        for (const sampled_endpoint& one : unwritten_) {
            if (one.endpoint_id == wanted.endpoint_id)
                rows.insert(rows.end(), one.rows.begin(), one.rows.end());
        }
        const mutex_lock lock(mutex_);
        std::ranges::move(sampler_.look(wanted.endpoint_id, running_minute_), std::back_inserter(rows));
    }
    return summarize(std::move(rows), wanted);
}

} // namespace sluice::observe
