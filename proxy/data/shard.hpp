// One shard: a thread, its event loop, and everything a request on it needs. Nothing of it is shared but what
// the comments say; all members are used on the shard's thread only, once it runs.
#pragma once

#include "core/base/clock.hpp"
#include "core/net/address.hpp"
#include "core/net/http_server.hpp"
#include "core/net/listener.hpp"
#include "core/net/pool.hpp"
#include "core/net/resolver.hpp"
#include "core/net/task_group.hpp"
#include "core/net/tls.hpp"
#include "providers/provider.hpp"
#include "proxy/config.hpp"
#include "proxy/data/credential_table.hpp"
#include "proxy/data/ui_files.hpp"
#include "proxy/data/upstream_credentials.hpp"
#include "proxy/govern/limits.hpp"
#include "proxy/govern/router.hpp"
#include "proxy/model/credentials.hpp"
#include "proxy/model/management.hpp"
#include "proxy/model/snapshot.hpp"
#include "proxy/observe/metrics.hpp"
#include "proxy/observe/usage_queue.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

namespace sluice::data {

enum class phase : std::uint8_t { starting, serving, draining };

// What all shards share; outlives them.
struct shared_services {
    const proxy::settings& config;
    const clock& time;
    const net::upstream_policy& allowed;
    govern::bucket_table& buckets;
    model::management& control;
    std::span<const ui_file> ui; // static memory
    std::atomic<phase> now{phase::starting};
    std::atomic<std::size_t> connections{0}; // open client connections of the process, against the cap
    credential_table upstream_credentials;
    std::vector<const observe::shard_metrics*> metrics; // of all shards; fixed before the first runs
};

class shard {
public:
    // Error invalid_parameter_value: a CA file.
    [[nodiscard]] static result<std::unique_ptr<shard>>
    make(shared_services& shared, unsigned index, unsigned count);

    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;
    ~shard();

    // Before start(): listens on one more address. Port 0 is replaced by the port that was given.
    [[nodiscard]] result<void> listen(boost::asio::ip::tcp::endpoint& at);
    void start();
    // Any thread; `stored` runs on the shard.
    void publish(std::shared_ptr<const model::snapshot> next, std::function<void()> stored);
    // Any thread; `told` runs on the shard behind everything that was posted before.
    void when_caught_up(std::function<void()> told);
    // Any thread. No new connections; idle ones are closed.
    void close_listeners();
    // Any thread. Ends everything that still runs; the loop goes on for those who publish or answer.
    void abort_all();
    // Any thread. The loop ends as soon as no work is left.
    void let_end();
    // Waits for the thread.
    void join();

    // abort_all has come: nothing new is begun.
    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    // For the coroutines of this shard.
    void new_request_id(std::string& id);
    // "date: …\r\n", remade once a second.
    [[nodiscard]] std::string_view date_line(wall_ms now);

    shared_services& shared;
    const unsigned index; // 0 is the first
    observe::shard_metrics metrics;
    observe::usage_queue usage; // read by the usage table's writer
    net::server_limits limits;
    boost::asio::io_context io{1};
    net::task_group tasks{io};
    net::resolver names{io};
    std::unique_ptr<net::tls_client> tls;
    std::unique_ptr<net::pool_set> pools;
    std::unique_ptr<net::pool_set>
        metadata_pools; // to metadata services: fixed addresses, whatever is allowed
    upstream_credentials proofs{*this};
    govern::limiter limiter;
    govern::router turns;
    model::credential_checker credentials;
    std::shared_ptr<const model::snapshot> current;   // shared with the requests that started on it
    std::unordered_set<net::server_connection*> open; // client connections

private:
    shard(shared_services& services, unsigned number, std::string id_prefix);

    void accepted(boost::asio::ip::tcp::socket socket);
    [[nodiscard]] boost::asio::awaitable<void> sweep();

    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
    boost::asio::steady_timer sweep_timer_;
    std::vector<std::unique_ptr<net::listener>> listeners_;
    std::thread thread_;
    std::string id_prefix_;
    std::uint64_t next_id_ = 0;
    std::string date_;
    std::int64_t date_second_ = -1;
    bool stopping_ = false;
};

} // namespace sluice::data
