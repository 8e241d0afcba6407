#include "proxy/gateway.hpp"

#include "core/base/log.hpp"
#include "core/net/listener.hpp"
#include "proxy/control/plane.hpp"
#include "proxy/data/probe.hpp"
#include "proxy/data/shard.hpp"
#include "proxy/govern/limits.hpp"
#include "proxy/observe/metrics_history.hpp"
#include "proxy/observe/usage_store.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

namespace sluice::proxy {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds poll_interval{10};
constexpr std::chrono::milliseconds last_answers{5'000};
constexpr std::chrono::milliseconds silence_at_the_end{250};
// How long a draining gateway still takes connections while others are being answered: load balancers need a
// moment to see /readyz.
constexpr std::chrono::milliseconds accept_while_draining{5'000};

std::unique_ptr<net::upstream_policy> policy_of(const settings& config) {
    std::vector<net::cidr> allowed;
    for (const std::string& text : config.upstream_allow) {
        if (auto one = net::parse_cidr(text)) allowed.push_back(*one);
    }
    return std::make_unique<net::upstream_policy>(std::move(allowed));
}

// SO_REUSEPORT would let a second gateway share the port in silence: a plain bind finds out first.
result<void> check_free(const asio::ip::tcp::endpoint& at) {
    if (at.port() == 0) return {};
    asio::io_context io;
    asio::ip::tcp::acceptor probe(io);
    boost::system::error_code ec;
    probe.open(at.protocol(), ec);
    if (!ec) probe.set_option(asio::ip::tcp::acceptor::reuse_address(true), ec);
    if (!ec) probe.bind(at, ec);
    if (!ec) probe.listen(1, ec);
    if (!ec) return {};
    return fail(errc::invalid_parameter_value,
                "Cannot listen on " + at.address().to_string() + ":" + std::to_string(at.port()) + ": " +
                    ec.message() + ".");
}

} // namespace

gateway::gateway(settings config, const clock& time, std::span<const data::ui_file> ui)
    : config_(std::move(config))
    , time_(time)
    , allowed_(policy_of(config_))
    , buckets_(std::make_unique<govern::bucket_table>())
    , prober_(std::make_unique<data::shard_prober>(shards_))
    , usage_(std::make_unique<observe::usage_store>(
          config_.data_dir, config_.usage.keep_rows, [this] { wait_for_shards(); }))
    , history_(
          std::make_unique<observe::metrics_history>(config_.data_dir, time_, [this] { wait_for_shards(); }))
    , control_(std::make_unique<control::plane>(
          config_, time_, *this, *allowed_, usage_.get(), prober_.get(), history_.get()))
    , shared_(new data::shared_services{config_, time_, *allowed_, *buckets_, *control_, ui}) {}

gateway::~gateway() {
    stop();
}

result<void> gateway::open_listeners() {
    for (const std::string& text : config_.listen) {
        auto at = net::parse_listen_address(text);
        if (!at) return fail(std::move(at).error());
        auto is_free = check_free(*at);
        if (!is_free) return is_free;
        for (const auto& shard : shards_) {
            auto opened = shard->listen(*at);
            if (!opened) return opened;
        }
        listening_.push_back(*at);
    }
    return {};
}

result<void> gateway::start() {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const unsigned count = config_.threads > 0 ? config_.threads : cores;
    for (unsigned index = 0; index < count; ++index) {
        auto made = data::shard::make(*shared_, index, count);
        if (!made) return fail(std::move(made).error());
        shards_.push_back(*std::move(made));
        shared_->metrics.push_back(&shards_.back()->metrics);
        usage_->add(shards_.back()->usage);
    }
    auto opened = open_listeners();
    if (!opened) return opened;
    for (const auto& shard : shards_)
        shard->start();
    running_ = true;
    auto started = control_->start();
    if (!started) {
        stop();
        return started;
    }
    // The first snapshot has been posted: it is there before /readyz says so.
    wait_for_shards();
    shared_->now = data::phase::serving;
    return {};
}

void gateway::wait_for_shards() const {
    // Shared: the last one to count may still be at it when the wait is over.
    const auto caught_up = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(shards_.size()));
    for (const auto& shard : shards_)
        shard->when_caught_up([caught_up] { caught_up->count_down(); });
    caught_up->wait();
}

std::optional<secret_string> gateway::made_admin_token() const {
    secret_string made = control_->made_admin_token();
    if (made.empty()) return std::nullopt;
    return made;
}

void gateway::publish(std::shared_ptr<const model::snapshot> next, std::function<void()> stored) {
    if (!running_ || shards_.empty()) {
        stored();
        return;
    }
    // Shared by the shards' callbacks: the last one tells.
    const auto left = std::make_shared<std::atomic<std::size_t>>(shards_.size());
    for (const auto& shard : shards_) {
        shard->publish(next, [left, stored] {
            if (left->fetch_sub(1) == 1) stored();
        });
    }
}

void gateway::begin_drain() {
    shared_->now = data::phase::draining;
}

void gateway::close_listeners() {
    for (const auto& shard : shards_)
        shard->close_listeners();
}

std::uint64_t gateway::in_flight() const {
    std::uint64_t sum = 0;
    for (const auto* one : shared_->metrics)
        sum += one->in_flight.get();
    return sum;
}

bool gateway::wait_until_idle(std::chrono::steady_clock::time_point until) const {
    while (in_flight() > 0) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(poll_interval); // main has nothing else to do
    }
    return true;
}

// No request is under way, and none comes any more: every connection has gone, or has been silent for a while
// (a head that is on its way is not yet a request).
bool gateway::wait_until_left(std::chrono::steady_clock::time_point until) const {
    auto silent_since = std::chrono::steady_clock::now();
    while (shared_->connections > 0) {
        const auto now = std::chrono::steady_clock::now();
        const bool busy = in_flight() > 0;
        if (busy) silent_since = now;
        if (now - silent_since >= silence_at_the_end) return true;
        if (now >= until) return !busy;
        std::this_thread::sleep_for(poll_interval); // main has nothing else to do
    }
    return true;
}

void gateway::drain_and_stop() {
    const auto now = std::chrono::steady_clock::now();
    log::info("draining", {{"in_flight", static_cast<std::int64_t>(in_flight())}});
    begin_drain();
    const auto accepting =
        std::min<std::chrono::milliseconds>(accept_while_draining, config_.timeouts.drain / 2);
    if (!wait_until_idle(now + accepting)) log::info("listeners_closed_while_busy");
    close_listeners();
    if (!wait_until_left(now + config_.timeouts.drain)) {
        log::warn("drain_time_over", {{"in_flight", static_cast<std::int64_t>(in_flight())}});
    }
    stop();
}

void gateway::stop() {
    if (!running_) return;
    // Control stays until the last management call is answered, and the shards until control has nothing to
    // publish any more.
    for (const auto& shard : shards_)
        shard->abort_all();
    if (!wait_until_idle(std::chrono::steady_clock::now() + last_answers)) log::warn("requests_left_at_stop");
    control_->stop();
    for (const auto& shard : shards_)
        shard->let_end();
    for (const auto& shard : shards_)
        shard->join();
    // No request is left that could add a row, or count.
    usage_->stop();
    history_->stop();
    running_ = false;
}

} // namespace sluice::proxy
