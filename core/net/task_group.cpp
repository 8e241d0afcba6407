#include "core/net/task_group.hpp"

#include "core/base/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <utility>
#include <vector>

namespace sluice::net {

void task_group::spawn(std::string_view name, asio::awaitable<void> task) {
    ++running_;
    asio::co_spawn(
        io_, std::move(task), [this, name](const std::exception_ptr& failure) { finished(name, failure); });
}

void task_group::finished(std::string_view name, const std::exception_ptr& failure) {
    --running_;
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& e) {
        log::error("task_failed", {{"task", name}, {"what", e.what()}});
    }
}

void task_group::abort_all() noexcept {
    // abort() may end a task and so change the set.
    const std::vector<abortable*> all(registered_.begin(), registered_.end());
    for (abortable* one : all) {
        if (registered_.contains(one)) one->abort();
    }
}

task_group::registration::registration(task_group& group, abortable& what)
    : group_(group)
    , what_(what) {
    group_.registered_.insert(&what_);
}

task_group::registration::~registration() {
    group_.registered_.erase(&what_);
}

} // namespace sluice::net
