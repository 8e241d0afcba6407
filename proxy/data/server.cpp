#include "proxy/data/server.hpp"

#include "proxy/data/exchange.hpp"
#include "proxy/data/invoke.hpp"
#include "proxy/data/pages.hpp"
#include "proxy/data/routes.hpp"
#include "proxy/data/shard.hpp"
#include "proxy/data/ui_pages.hpp"

namespace sluice::data {

namespace asio = boost::asio;

namespace {

// Counts a connection and lets the shard find it, for as long as it is open.
class open_connection {
public:
    open_connection(shard& where, net::server_connection& connection)
        : here_(where)
        , connection_(connection) {
        here_.open.insert(&connection_);
        here_.metrics.connections.add();
        here_.metrics.connections_total.add();
    }
    open_connection(const open_connection&) = delete;
    open_connection& operator=(const open_connection&) = delete;
    ~open_connection() {
        here_.open.erase(&connection_);
        here_.metrics.connections.sub();
        here_.shared.connections.fetch_sub(1, std::memory_order_relaxed);
    }

private:
    shard& here_;
    net::server_connection& connection_;
};

class in_flight {
public:
    explicit in_flight(observe::shard_metrics& of)
        : of_(of) {
        of_.in_flight.add();
    }
    in_flight(const in_flight&) = delete;
    in_flight& operator=(const in_flight&) = delete;
    ~in_flight() { of_.in_flight.sub(); }

private:
    observe::shard_metrics& of_;
};

bool is_query(action what) {
    return what == action::invocations || what == action::openai_path || what == action::native_query;
}

asio::awaitable<void> answer(exchange& client) {
    switch (client.to.what) {
    case action::invocations:
    case action::openai_path:
    case action::native_query: co_await invoke(client); break;
    case action::management:
    case action::open_management:
    case action::session: co_await manage(client); break;
    case action::healthz: co_await healthz(client); break;
    case action::readyz: co_await readyz(client); break;
    case action::metrics: co_await metrics(client); break;
    case action::discovery: co_await discovery(client); break;
    case action::oidc_metadata: co_await oidc_metadata(client); break;
    case action::list_models: co_await list_models(client); break;
    case action::ui_page: co_await ui_page(client); break;
    case action::ui_asset: co_await ui_asset(client); break;
    case action::unknown: co_await unknown_route(client); break;
    }
}

} // namespace

asio::awaitable<void> serve(shard& here, asio::ip::tcp::socket socket) {
    net::server_connection connection(here.io, std::move(socket), here.limits);
    const open_connection counted(here, connection);
    exchange client(here, connection);
    bool answered_all = true;
    for (std::size_t served = 1; answered_all; ++served) {
        auto head = co_await connection.read_head(client.head);
        if (!head && head.error().code == errc::connection_closed) break;
        const in_flight counted_request(here.metrics);
        const bool last = !head || served >= here.shared.config.limits.requests_per_connection ||
                          here.shared.now.load(std::memory_order_relaxed) == phase::draining;
        if (!head) client.head = http::request_head();
        client.begin(last);
        client.to = head ? find_route(client.head.verb, client.head.path, client.head.query) : route();
        if (head) {
            co_await answer(client);
        } else {
            here.metrics.malformed_heads.add();
            co_await client.fail(std::move(head).error());
        }
        if (!is_query(client.to.what) && client.answered()) {
            here.metrics.others[static_cast<std::size_t>(client.status / 100)].add();
        }
        client.end();
        answered_all = client.keep_alive && !connection.peer_gone();
    }
    co_await connection.close_gently();
}

} // namespace sluice::data
