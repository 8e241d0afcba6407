// Names to addresses, cached for a while, resolved off the shard (Asio's resolver has a thread of its own). A
// request waits only as long as its own deadline allows, however long the name server takes. One per shard.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/string_map.hpp"
#include "core/net/guard.hpp"
#include "core/net/signal.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::net {

using addresses = std::vector<boost::asio::ip::address>;

class resolver {
public:
    static constexpr std::chrono::seconds good_for{60};
    static constexpr std::chrono::seconds bad_for{3};
    static constexpr std::size_t most_names = 1024;

    explicit resolver(asio::io_context& io)
        : resolver_(io) {}
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    // A wait that a watchdog or a leaving client can end.
    class waiter final : public interruptible {
    public:
        explicit waiter(asio::io_context& io)
            : woken_(io.get_executor()) {}
        void abort() noexcept override {
            ended_ = true;
            woken_.notify();
        }
        std::optional<steady_time> deadline_reached(steady_time) override {
            timed_out_ = true;
            abort();
            return std::nullopt;
        }
        [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

    private:
        friend class resolver;
        signal woken_;
        bool ended_ = false;
        bool timed_out_ = false;
    };

    // The addresses of `host`, at least one; a literal address is its own. Error bad_upstream: the name does
    // not resolve; connection_closed: the waiter was aborted.
    [[nodiscard]] asio::awaitable<result<addresses>> resolve(const std::string& host, waiter& how);

    void cancel() { resolver_.cancel(); }

private:
    struct entry {
        addresses found;
        steady_time good_until;
        bool asking = false;
        std::list<waiter*> waiting;
    };

    void ask(const std::string& host, const std::shared_ptr<entry>& of);

    asio::ip::tcp::resolver resolver_;
    string_map<std::shared_ptr<entry>> entries_; // shared with the pending look-up and those who wait for it
};

} // namespace sluice::net
