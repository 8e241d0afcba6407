// The only place that spawns coroutines. A group belongs to one shard; it counts its tasks, logs an exception
// that escapes one (a bug), and can end them all: each task that has something to abort registers it for its
// life time.
#pragma once

#include "core/net/use.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <exception>
#include <string_view>
#include <unordered_set>

namespace sluice::net {

class task_group {
public:
    explicit task_group(asio::io_context& io)
        : io_(io) {}
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    // `name` is a literal, for the log.
    void spawn(std::string_view name, asio::awaitable<void> task);
    [[nodiscard]] std::size_t running() const noexcept { return running_; }

    // Aborts whatever is registered now.
    void abort_all() noexcept;

    // Keeps `what` in the set of things to abort.
    class registration {
    public:
        registration(task_group& group, abortable& what);
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        ~registration();

    private:
        task_group& group_;
        abortable& what_;
    };

private:
    void finished(std::string_view name, const std::exception_ptr& failure);

    asio::io_context& io_;
    std::size_t running_ = 0;
    std::unordered_set<abortable*> registered_;
};

} // namespace sluice::net
