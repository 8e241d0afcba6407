// Kept-alive connections to one origin, driven by pool_policy; hands out leases. One per origin and shard,
// for the life of the shard.
#pragma once

#include "core/base/error.hpp"
#include "core/net/address.hpp"
#include "core/net/guard.hpp"
#include "core/net/http_client.hpp"
#include "core/net/pool_policy.hpp"
#include "core/net/resolver.hpp"
#include "core/net/tls.hpp"

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace sluice::net {

class pool;

// A connection that is out. Destroyed, it goes back to its pool if its exchange ended cleanly, else it is
// closed.
class [[nodiscard]] lease {
public:
    lease() = default;
    lease(pool* from, std::unique_ptr<upstream_connection> connection, bool reused)
        : from_(from)
        , connection_(std::move(connection))
        , reused_(reused) {}
    lease(lease&& other) noexcept = default;
    lease& operator=(lease&&) = delete;
    ~lease();

    [[nodiscard]] upstream_connection& operator*() const noexcept { return *connection_; }
    [[nodiscard]] upstream_connection* operator->() const noexcept { return connection_.get(); }
    [[nodiscard]] bool reused() const noexcept { return reused_; }

private:
    pool* from_ = nullptr;
    std::unique_ptr<upstream_connection> connection_;
    bool reused_ = false;
};

// What all pools of a shard share.
struct pool_services {
    asio::io_context& io;
    resolver& names;
    tls_client& tls;
    const upstream_policy& allowed;
    pool_policy::limits limits;
    std::uint64_t opened = 0; // connections, for metrics
    std::uint64_t reused = 0;
};

class pool {
public:
    pool(pool_services& shared, bool tls, std::string host, std::uint16_t port);
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    // A warm connection, or a new one within `connect_time`, or a place in the queue until `deadline`.
    // `fresh`: a new one if there is room (the retry after a stale one). Errors: bad_upstream,
    // deadline_exceeded, connection_closed (client gone), temporarily_unavailable (queue full).
    [[nodiscard]] asio::awaitable<result<lease>>
    acquire(exchange_guard& guard, steady_time deadline, std::chrono::milliseconds connect_time, bool fresh);

    // Closes idle connections that are too old or on which the provider has said anything.
    void sweep(steady_time now);

    [[nodiscard]] const pool_policy& policy() const noexcept { return policy_; }

private:
    friend class lease;
    struct waiter;

    void give_back(std::unique_ptr<upstream_connection> connection);
    void gone();
    [[nodiscard]] std::unique_ptr<upstream_connection> take_idle(pool_policy::connection_id id);
    [[nodiscard]] asio::awaitable<result<std::unique_ptr<upstream_connection>>> open(exchange_guard& guard,
                                                                                     steady_time deadline);
    [[nodiscard]] asio::awaitable<result<addresses>> find_addresses(exchange_guard& guard,
                                                                    steady_time deadline);
    [[nodiscard]] asio::awaitable<result<std::unique_ptr<upstream_connection>>>
    queue_up(exchange_guard& guard, steady_time deadline);

    pool_services& shared_;
    const bool tls_;
    const std::string host_;
    const std::uint16_t port_;
    const std::string origin_;
    pool_policy policy_;
    absl::flat_hash_map<pool_policy::connection_id, std::unique_ptr<upstream_connection>> idle_;
    pool_policy::connection_id next_id_ = 0;
    std::deque<waiter*> waiting_;
};

// The pools of one shard by origin.
class pool_set {
public:
    explicit pool_set(pool_services shared)
        : shared_(shared) {}
    pool_set(const pool_set&) = delete;
    pool_set& operator=(const pool_set&) = delete;

    [[nodiscard]] pool& of(bool tls, const std::string& host, std::uint16_t port);
    void sweep(steady_time now);

    [[nodiscard]] const pool_services& shared() const noexcept { return shared_; }
    [[nodiscard]] std::size_t open() const noexcept;
    [[nodiscard]] std::size_t idle() const noexcept;

private:
    pool_services shared_;
    std::vector<std::unique_ptr<pool>> pools_;
    string_map<pool*> by_host_[2]; // [tls], key "host:port"
    std::string key_;              // reused: no allocation per request
};

} // namespace sluice::net
