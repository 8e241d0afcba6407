// The thread that stores usage rows: takes what the shards' queues hold, ten times a second, and writes it as
// one transaction. A row leaves its queue when it is on the disk, so a disk that is full or busy for a while
// costs nothing until the queue is full; from then on the shards refuse rows and count them.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/mutex.hpp"
#include "core/db/database.hpp"
#include "proxy/model/usage.hpp"
#include "proxy/observe/usage_queue.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sluice::observe {

// What control tells of served entities; one of the three.
struct entity_news {
    std::vector<model::usage_entity> in_force;
    std::string deleted_endpoint;                     // its id
    std::optional<std::vector<std::string>> left_ids; // of all endpoints that there are
    wall_ms when = 0;
};

class usage_writer {
public:
    // `keep_rows`: the oldest beyond go, a few with each batch.
    usage_writer(std::string file, std::uint64_t keep_rows)
        : file_(std::move(file))
        , keep_rows_(static_cast<std::int64_t>(keep_rows)) {}
    usage_writer(const usage_writer&) = delete;
    usage_writer& operator=(const usage_writer&) = delete;
    // Stops.
    ~usage_writer();

    // Before start(). The queue must live until stop() has returned.
    void add(usage_queue& queue) { queues_.push_back(&queue); }

    // Opens the file and starts the thread. Again: nothing.
    [[nodiscard]] result<void> start();

    // Any thread; only notes. More than can be told without a disk are dropped: the next start tells all
    // again.
    void tell(entity_news news);

    // Any thread: waits until what the queues hold now is on the disk, or cannot be written; five seconds at
    // most.
    void flush();

    // Writes what is left and ends the thread. Nothing may be pushed any more. Again: nothing.
    void stop();

private:
    struct statements {
        db::statement insert_request;
        db::statement insert_entity;
        db::statement delete_old;
        db::statement delete_old_entities;
        db::statement mark_deleted;
    };

    [[nodiscard]] result<void> prepare();
    void run();
    [[nodiscard]] bool write_all();
    [[nodiscard]] result<void> write_batch(std::vector<usage_queue::cursor>& cursors);
    [[nodiscard]] result<std::int64_t> write_rows(std::vector<usage_queue::cursor>& cursors);
    [[nodiscard]] result<void> write_row(const usage_row& row);
    [[nodiscard]] result<void> write_news(const entity_news& news);
    [[nodiscard]] result<void> mark_all_but(const std::vector<std::string>& left, wall_ms when);
    [[nodiscard]] result<void> find_bounds();
    [[nodiscard]] result<void> drop_old(std::int64_t written);
    void report_lost();

    const std::string file_;
    const std::int64_t keep_rows_;
    std::vector<usage_queue*> queues_;

    // The thread's own.
    std::unique_ptr<db::database> db_;
    std::unique_ptr<statements> prepared_;
    std::vector<entity_news> writing_; // taken from told_
    std::int64_t oldest_ = 0;          // ids in the table; 0 and -1: none
    std::int64_t newest_ = -1;
    bool bounds_known_ = false;

    mutex mutex_;
    std::condition_variable_any woken_;
    std::condition_variable_any done_;
    std::vector<entity_news> told_ ABSL_GUARDED_BY(mutex_);
    std::uint64_t flushes_wanted_ ABSL_GUARDED_BY(mutex_) = 0;
    std::uint64_t flushes_done_ ABSL_GUARDED_BY(mutex_) = 0;
    bool running_ ABSL_GUARDED_BY(mutex_) = false;
    bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

} // namespace sluice::observe
