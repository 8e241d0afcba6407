#include "proxy/data/shard.hpp"

#include "core/base/hex.hpp"
#include "core/base/log.hpp"
#include "proxy/data/server.hpp"

#include <boost/asio/post.hpp>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds sweep_interval{1};

// What makes request ids unlike those of other shards and of earlier starts.
result<std::string> make_id_prefix(unsigned shard) {
    std::array<unsigned char, 8> raw{};
    if (RAND_bytes(raw.data(), static_cast<int>(raw.size())) != 1)
        return fail(errc::internal_error, "the system gives no random bytes");
    const std::string text = hex_encode({reinterpret_cast<const char*>(raw.data()), raw.size()});
    return text + "-" + std::to_string(shard) + "-";
}

net::server_limits server_limits_of(const proxy::settings& config) {
    net::server_limits limits;
    limits.head = config.limits.request_head;
    limits.body_bytes = config.limits.body_bytes;
    limits.head_time = config.timeouts.head;
    limits.body_time = config.timeouts.body;
    limits.body_min_rate = config.timeouts.body_min_rate;
    limits.keep_alive_time = config.timeouts.keep_alive;
    return limits;
}

// For requests whose address the operator's own environment gives.
const net::upstream_policy& any_address() {
    static const net::upstream_policy all(
        {net::cidr{asio::ip::address_v4(), 0}, net::cidr{asio::ip::address_v6(), 0}});
    return all;
}

} // namespace

shard::shard(shared_services& services, unsigned number, std::string id_prefix)
    : shared(services)
    , index(number)
    , limits(server_limits_of(services.config))
    , limiter(services.buckets)
    , current(std::make_shared<model::snapshot>())
    , keep_running_(io.get_executor())
    , sweep_timer_(io)
    , id_prefix_(std::move(id_prefix)) {}

result<std::unique_ptr<shard>> shard::make(shared_services& shared, unsigned index, unsigned count) {
    auto prefix = make_id_prefix(index);
    if (!prefix) return fail(std::move(prefix).error());
    std::unique_ptr<shard> made(new shard(shared, index, *std::move(prefix)));
    auto tls = net::tls_client::make(shared.config.upstream_ca);
    if (!tls) return fail(std::move(tls).error());
    made->tls = *std::move(tls);
    net::pool_policy::limits bounds;
    bounds.connections = std::max<std::size_t>(1, shared.config.limits.upstream_connections / count);
    bounds.waiting = bounds.connections;
    bounds.idle = shared.config.timeouts.pool_idle;
    made->pools = std::make_unique<net::pool_set>(
        net::pool_services{made->io, made->names, *made->tls, shared.allowed, bounds});
    made->metadata_pools = std::make_unique<net::pool_set>(
        net::pool_services{made->io, made->names, *made->tls, any_address(), bounds});
    return made;
}

shard::~shard() {
    join();
}

result<void> shard::listen(asio::ip::tcp::endpoint& at) {
    auto opened = net::listener::open(io, at);
    if (!opened) return fail(std::move(opened).error());
    at = (*opened)->local();
    listeners_.push_back(*std::move(opened));
    return {};
}

void shard::start() {
    for (const auto& one : listeners_) {
        tasks.spawn("listener",
                    one->run([this](asio::ip::tcp::socket socket) { accepted(std::move(socket)); }));
    }
    tasks.spawn("sweep", sweep());
    thread_ = std::thread([this] { io.run(); });
}

void shard::accepted(asio::ip::tcp::socket socket) {
    if (shared.connections.fetch_add(1, std::memory_order_relaxed) >=
        shared.config.limits.client_connections) {
        shared.connections.fetch_sub(1, std::memory_order_relaxed);
        return; // the socket closes: a connection beyond the cap
    }
    tasks.spawn("connection", serve(*this, std::move(socket)));
}

asio::awaitable<void> shard::sweep() {
    while (!stopping_) {
        sweep_timer_.expires_after(sweep_interval);
        co_await sweep_timer_.async_wait(net::use_result);
        pools->sweep(shared.time.now());
        metadata_pools->sweep(shared.time.now());
        metrics.upstream_open.set(pools->open());
        metrics.upstream_idle.set(pools->idle());
        metrics.upstream_opened_total.set(pools->shared().opened);
        metrics.upstream_reused_total.set(pools->shared().reused);
    }
}

void shard::publish(std::shared_ptr<const model::snapshot> next, std::function<void()> stored) {
    asio::post(io, [this, next = std::move(next), stored = std::move(stored)] {
        current = next;
        stored();
    });
}

void shard::when_caught_up(std::function<void()> told) {
    asio::post(io, std::move(told));
}

void shard::close_listeners() {
    asio::post(io, [this] {
        for (const auto& one : listeners_)
            one->close();
        const std::vector<net::server_connection*> all(open.begin(), open.end());
        for (net::server_connection* one : all)
            one->close_if_idle();
    });
}

void shard::abort_all() {
    asio::post(io, [this] {
        stopping_ = true;
        for (const auto& one : listeners_)
            one->close();
        sweep_timer_.cancel();
        names.cancel();
        tasks.abort_all();
        const std::vector<net::server_connection*> all(open.begin(), open.end());
        for (net::server_connection* one : all)
            one->abort();
    });
}

void shard::let_end() {
    asio::post(io, [this] { keep_running_.reset(); });
}

void shard::join() {
    if (thread_.joinable()) thread_.join();
}

void shard::new_request_id(std::string& id) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), next_id_++).ptr;
    id.assign(id_prefix_).append(digits.data(), end);
}

std::string_view shard::date_line(wall_ms at) {
    const std::int64_t second = at / 1000;
    if (second != date_second_) {
        date_second_ = second;
        const std::time_t now = static_cast<std::time_t>(second);
        std::tm utc{};
        gmtime_r(&now, &utc);
        std::array<char, 64> text{};
        const std::size_t n =
            std::strftime(text.data(), text.size(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
        date_.assign(text.data(), n);
    }
    return date_;
}

} // namespace sluice::data
