// The parts of the event loop that wait: watchdog, signal, resolver. Real loops, and no wait longer than a
// few milliseconds.
#include "core/net/resolver.hpp"
#include "core/net/signal.hpp"
#include "core/net/task_group.hpp"
#include "core/net/watchdog.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sluice::net::timing_test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class target final : public deadline_target {
public:
    std::optional<steady_time> deadline_reached(steady_time now) override {
        reached.push_back(now);
        const std::optional<steady_time> next = again;
        again.reset();
        return next;
    }
    std::vector<steady_time> reached;
    std::optional<steady_time> again;
};

TEST(watchdog, tells_its_target_when_the_time_has_come_and_not_before) {
    asio::io_context io;
    watchdog dog(io);
    target step;
    const steady_time at = steady_clock::now() + milliseconds(3);
    dog.guard(step, at);
    io.run();
    ASSERT_EQ(step.reached.size(), 1U);
    EXPECT_GE(step.reached[0], at);
}

TEST(watchdog, says_nothing_while_resting) {
    asio::io_context io;
    watchdog dog(io);
    target step;
    dog.guard(step, steady_clock::now() + milliseconds(1));
    dog.rest();
    io.run();
    EXPECT_TRUE(step.reached.empty());
}

TEST(watchdog, a_later_deadline_replaces_an_earlier_one) {
    asio::io_context io;
    watchdog dog(io);
    target first;
    target second;
    dog.guard(first, steady_clock::now() + milliseconds(1));
    const steady_time at = steady_clock::now() + milliseconds(6);
    dog.guard(second, at);
    io.run();
    EXPECT_TRUE(first.reached.empty());
    ASSERT_EQ(second.reached.size(), 1U);
    EXPECT_GE(second.reached[0], at);
}

TEST(watchdog, an_earlier_deadline_is_not_slept_through) {
    asio::io_context io;
    watchdog dog(io);
    target step;
    dog.guard(step, steady_clock::now() + hours(1));
    dog.rest();
    dog.guard(step, steady_clock::now() + milliseconds(1));
    io.run();
    EXPECT_EQ(step.reached.size(), 1U);
}

TEST(watchdog, a_target_may_ask_to_be_asked_again) {
    asio::io_context io;
    watchdog dog(io);
    target step;
    const steady_time again = steady_clock::now() + milliseconds(5);
    step.again = again;
    dog.guard(step, steady_clock::now() + milliseconds(1));
    io.run();
    ASSERT_EQ(step.reached.size(), 2U);
    EXPECT_GE(step.reached[1], again);
}

TEST(watchdog, one_that_is_gone_leaves_the_loop_nothing_to_wait_for) {
    asio::io_context io;
    target step;
    {
        watchdog dog(io);
        dog.guard(step, steady_clock::now() + hours(1));
    }
    io.run();
    EXPECT_TRUE(step.reached.empty());
}

asio::awaitable<void> wait_for(signal& what, int times, int& woken) {
    for (int i = 0; i < times; ++i) {
        co_await what.wait();
        ++woken;
    }
}

TEST(signal, a_wake_up_before_the_wait_is_remembered_once) {
    asio::io_context io;
    task_group tasks(io);
    signal ready(io.get_executor());
    int woken = 0;
    ready.notify();
    ready.notify();
    tasks.spawn("test", wait_for(ready, 2, woken));
    io.poll(); // run() would wait for the task, which waits for the second wake-up
    EXPECT_EQ(woken, 1);
    EXPECT_TRUE(ready.has_waiter());
    ready.notify_inline();
    io.poll();
    EXPECT_EQ(woken, 2);
    EXPECT_FALSE(ready.has_waiter());
}

asio::awaitable<void> throw_something() {
    throw std::runtime_error("a bug");
    co_return;
}

TEST(task_group, an_exception_ends_its_task_and_nothing_else) {
    asio::io_context io;
    task_group tasks(io);
    signal ready(io.get_executor());
    int woken = 0;
    tasks.spawn("throws", throw_something());
    tasks.spawn("waits", wait_for(ready, 1, woken));
    EXPECT_EQ(tasks.running(), 2U);
    io.poll();
    EXPECT_EQ(tasks.running(), 1U);
    ready.notify_inline();
    io.poll();
    EXPECT_EQ(tasks.running(), 0U);
    EXPECT_EQ(woken, 1);
}

asio::awaitable<void>
look_up(resolver& names, resolver::waiter& how, std::string host, std::optional<result<addresses>>& out) {
    out.emplace(co_await names.resolve(host, how));
}

TEST(resolver, a_literal_address_is_its_own) {
    asio::io_context io;
    task_group tasks(io);
    resolver names(io);
    for (const std::string host : {"127.0.0.1", "::1", "2001:db8::7"}) {
        resolver::waiter how(io);
        std::optional<result<addresses>> found;
        tasks.spawn("test", look_up(names, how, host, found));
        io.restart();
        io.run();
        ASSERT_TRUE(found && *found) << host;
        EXPECT_EQ((*found)->size(), 1U);
        EXPECT_EQ((*found)->front().to_string(), host);
    }
}

TEST(resolver, several_who_ask_for_one_name_all_get_its_addresses) {
    asio::io_context io;
    task_group tasks(io);
    resolver names(io);
    resolver::waiter how[3] = {resolver::waiter(io), resolver::waiter(io), resolver::waiter(io)};
    std::optional<result<addresses>> found[3];
    for (int i = 0; i < 3; ++i)
        tasks.spawn("test", look_up(names, how[i], "localhost", found[i]));
    io.run();
    for (const auto& one : found) {
        ASSERT_TRUE(one && *one);
        EXPECT_TRUE((*one)->front().is_loopback());
    }
}

TEST(resolver, who_does_not_want_to_wait_any_more_need_not) {
    asio::io_context io;
    task_group tasks(io);
    resolver names(io);
    resolver::waiter leaving(io);
    resolver::waiter late(io);
    std::optional<result<addresses>> first;
    std::optional<result<addresses>> second;
    tasks.spawn("leaving", look_up(names, leaving, "localhost", first));
    tasks.spawn("late", look_up(names, late, "localhost", second));
    leaving.abort();
    EXPECT_FALSE(late.deadline_reached(steady_clock::now()).has_value());
    io.run();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->error().code, errc::connection_closed);
    EXPECT_EQ(second->error().code, errc::connection_closed);
    EXPECT_FALSE(leaving.timed_out());
    EXPECT_TRUE(late.timed_out());
}

} // namespace
} // namespace sluice::net::timing_test
