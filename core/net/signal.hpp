// One coroutine waits, someone on the same thread wakes it. A wake-up that comes before the wait is
// remembered. Owned by the object whose state it announces; used on one shard only. (Asio 1.26's experimental
// channel mends try_send after cancel only later.)
#pragma once

#include "core/net/use.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

namespace sluice::net {

class signal {
public:
    explicit signal(asio::any_io_executor executor)
        : executor_(std::move(executor)) {}
    signal(const signal&) = delete;
    signal& operator=(const signal&) = delete;

    // At most one waiter at a time.
    [[nodiscard]] asio::awaitable<void> wait() {
        if (notified_) {
            notified_ = false;
            co_return;
        }
        auto waiting =
            asio::async_initiate<const asio::use_awaitable_t<>, void()>(keep{this}, asio::use_awaitable);
        co_await std::move(waiting);
    }

    // Wakes the waiter from the event loop, not from inside this call: safe in destructors.
    void notify() {
        if (auto handler = take()) asio::post(executor_, std::move(*handler));
    }

    // Runs the waiter inside this call: only from the top of the event loop.
    void notify_inline() {
        if (auto handler = take()) std::move (*handler)();
    }

    [[nodiscard]] bool has_waiter() const noexcept { return waiter_.has_value(); }

private:
    using handler_type = asio::any_completion_handler<void()>;

    struct keep {
        signal* self;
        template <class Handler>
        void operator()(Handler&& handler) const {
            self->waiter_.emplace(std::forward<Handler>(handler));
        }
    };

    std::optional<handler_type> take() {
        std::optional<handler_type> handler;
        if (waiter_) {
            handler.emplace(std::move(*waiter_));
            waiter_.reset();
        } else {
            notified_ = true;
        }
        return handler;
    }

    asio::any_io_executor executor_;
    std::optional<handler_type> waiter_;
    bool notified_ = false;
};

} // namespace sluice::net
