#include "core/net/pool.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::net {

// One request in the queue. It is woken with a connection, or with leave to open one, or by its deadline or
// its client's leaving.
struct pool::waiter final : interruptible {
    explicit waiter(asio::io_context& io)
        : woken(io.get_executor()) {}
    void abort() noexcept override {
        ended = true;
        woken.notify();
    }
    std::optional<steady_time> deadline_reached(steady_time) override {
        timed_out = true;
        abort();
        return std::nullopt;
    }

    signal woken;
    std::unique_ptr<upstream_connection> handed;
    bool may_try = false;
    bool ended = false;
    bool timed_out = false;
};

lease::~lease() {
    if (!connection_) return;
    if (connection_->reusable())
        from_->give_back(std::move(connection_));
    else
        from_->gone();
}

pool::pool(pool_services& shared, bool tls, std::string host, std::uint16_t port)
    : shared_(shared)
    , tls_(tls)
    , host_(std::move(host))
    , port_(port)
    , origin_((tls ? "https://" : "http://") + host_ + ":" + std::to_string(port))
    , policy_(shared.limits) {}

std::unique_ptr<upstream_connection> pool::take_idle(pool_policy::connection_id id) {
    const auto found = idle_.find(id);
    std::unique_ptr<upstream_connection> connection = std::move(found->second);
    idle_.erase(found);
    return connection;
}

asio::awaitable<result<lease>> pool::acquire(exchange_guard& guard,
                                             steady_time deadline,
                                             std::chrono::milliseconds connect_time,
                                             bool fresh) {
    for (;;) {
        const steady_time now = std::chrono::steady_clock::now();
        for (const auto old : policy_.expire(now))
            take_idle(old).reset();
        const pool_policy::decision next = policy_.acquire(now, fresh);
        if (next.what == pool_policy::action::refuse) {
            co_return fail(
                errc::temporarily_unavailable, "Too many requests wait for a connection to the provider.", 1);
        }
        if (next.what == pool_policy::action::open) {
            auto opened = co_await open(guard, std::min(deadline, now + connect_time));
            if (!opened) {
                gone();
                co_return fail(std::move(opened).error());
            }
            ++shared_.opened;
            co_return lease(this, *std::move(opened), false);
        }
        std::unique_ptr<upstream_connection> connection;
        if (next.what == pool_policy::action::reuse) {
            connection = take_idle(next.id);
        } else {
            auto handed = co_await queue_up(guard, deadline);
            if (!handed) co_return fail(std::move(handed).error());
            connection = *std::move(handed);
            if (!connection) continue;
        }
        if (fresh || !connection->quiet()) {
            connection.reset();
            gone();
            continue;
        }
        ++shared_.reused;
        co_return lease(this, std::move(connection), true);
    }
}

asio::awaitable<result<addresses>> pool::find_addresses(exchange_guard& guard, steady_time deadline) {
    resolver::waiter waiting(shared_.io);
    guard.watch(waiting, deadline);
    auto found = co_await shared_.names.resolve(host_, waiting);
    guard.rest();
    if (!found && waiting.timed_out())
        co_return fail(errc::deadline_exceeded, "the provider's host name took too long to resolve");
    if (!found) co_return fail(std::move(found).error());
    std::erase_if(*found, [&](const asio::ip::address& address) {
        return !(tls_ ? shared_.allowed.allows(address) : shared_.allowed.named(address));
    });
    if (found->empty()) {
        co_return fail(errc::bad_upstream,
                       "the provider's host name has no address that may be connected to");
    }
    co_return std::move(found);
}

asio::awaitable<result<std::unique_ptr<upstream_connection>>> pool::open(exchange_guard& guard,
                                                                         steady_time deadline) {
    auto where = co_await find_addresses(guard, deadline);
    if (!where) co_return fail(std::move(where).error());
    error failed;
    for (std::size_t i = 0; i < where->size(); ++i) {
        // A share of what is left for each address: one that is silent does not take the others' time.
        const steady_time now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / static_cast<std::int64_t>(where->size() - i);
        auto connection = std::make_unique<upstream_connection>(shared_.io);
        guard.watch(*connection, now + share);
        auto done = co_await connection->connect((*where)[i], port_);
        if (done && tls_) done = co_await connection->handshake(shared_.tls, host_, origin_);
        guard.rest();
        if (done) co_return std::move(connection);
        failed = std::move(done).error();
        if (failed.code == errc::connection_closed) break;
    }
    co_return fail(std::move(failed));
}

asio::awaitable<result<std::unique_ptr<upstream_connection>>> pool::queue_up(exchange_guard& guard,
                                                                             steady_time deadline) {
    waiter waiting(shared_.io);
    waiting_.push_back(&waiting);
    guard.watch(waiting, deadline);
    while (!waiting.handed && !waiting.may_try && !waiting.ended)
        co_await waiting.woken.wait();
    guard.rest();
    std::erase(waiting_, &waiting);
    policy_.waited();
    if (waiting.handed) co_return std::move(waiting.handed);
    if (waiting.may_try) co_return std::unique_ptr<upstream_connection>();
    if (waiting.timed_out)
        co_return fail(errc::deadline_exceeded, "no connection to the provider became free in time");
    co_return fail(errc::connection_closed, "the client is gone");
}

void pool::give_back(std::unique_ptr<upstream_connection> connection) {
    connection->begin_reuse();
    for (waiter* one : waiting_) {
        if (one->handed || one->may_try || one->ended) continue;
        one->handed = std::move(connection);
        one->woken.notify();
        return;
    }
    const pool_policy::connection_id id = next_id_++;
    policy_.keep(id, std::chrono::steady_clock::now());
    idle_.emplace(id, std::move(connection));
}

void pool::gone() {
    policy_.gone();
    for (waiter* one : waiting_) {
        if (one->handed || one->may_try || one->ended) continue;
        one->may_try = true;
        one->woken.notify();
        return;
    }
}

void pool::sweep(steady_time now) {
    for (const auto old : policy_.expire(now))
        take_idle(old).reset();
    std::vector<pool_policy::connection_id> dead;
    for (const auto& one : policy_.idle_list()) {
        if (!idle_.find(one.id)->second->quiet()) dead.push_back(one.id);
    }
    for (const auto id : dead) {
        policy_.forget_idle(id);
        take_idle(id).reset();
    }
}

pool& pool_set::of(bool tls, const std::string& host, std::uint16_t port) {
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, port).ptr;
    key_.assign(host).append(1, ':').append(digits, end);
    auto& by_host = by_host_[tls ? 1 : 0];
    if (const auto found = by_host.find(key_); found != by_host.end()) return *found->second;
    pools_.push_back(std::make_unique<pool>(shared_, tls, host, port));
    by_host.emplace(key_, pools_.back().get());
    return *pools_.back();
}

void pool_set::sweep(steady_time now) {
    for (const auto& one : pools_)
        one->sweep(now);
}

std::size_t pool_set::open() const noexcept {
    std::size_t sum = 0;
    for (const auto& one : pools_)
        sum += one->policy().open();
    return sum;
}

std::size_t pool_set::idle() const noexcept {
    std::size_t sum = 0;
    for (const auto& one : pools_)
        sum += one->policy().idle();
    return sum;
}

} // namespace sluice::net
