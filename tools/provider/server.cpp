#include "tools/provider/server.hpp"

#include "tools/provider/shard.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

namespace sluice::sim {

namespace {

using boost::system::error_code;
using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

result<tcp::endpoint> parse_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const auto refused = fail(errc::bad_request, "'" + text + "' is not an address of the form HOST:PORT.");
    if (colon == std::string::npos) return refused;
    std::string host = text.substr(0, colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    std::uint16_t port = 0;
    const char* const last = text.data() + text.size();
    const auto [end, bad_port] = std::from_chars(text.data() + colon + 1, last, port);
    error_code bad_host;
    const asio::ip::address address = asio::ip::make_address(host, bad_host);
    if (bad_host || bad_port != std::errc() || end != last) return refused;
    return tcp::endpoint(address, port);
}

std::string to_text(const tcp::endpoint& at) {
    const std::string host = at.address().to_string();
    return (at.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(at.port());
}

result<tcp::acceptor> bind_to(asio::io_context& context, const tcp::endpoint& at, bool shared) {
    tcp::acceptor acceptor(context);
    error_code ec;
    acceptor.open(at.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && shared) acceptor.set_option(reuse_port(true), ec);
    if (!ec) acceptor.bind(at, ec);
    if (!ec) acceptor.listen(4096, ec);
    if (ec) return fail(errc::bad_request, "Cannot listen on " + to_text(at) + ": " + ec.message() + '.');
    return acceptor;
}

// With SO_REUSEPORT a port that another of our own processes listens on would be shared without a word, and
// each would get some of the connections; a first bind without it finds that out.
result<void> check_free(const tcp::endpoint& at) {
    if (at.port() == 0) return {};
    asio::io_context context(1);
    auto probe = bind_to(context, at, false);
    if (!probe) return fail(probe.error());
    return {};
}

class listener final : public stoppable {
public:
    listener(shard& here, tcp::acceptor acceptor, asio::ssl::context* tls)
        : here_(here)
        , acceptor_(std::move(acceptor))
        , pause_(here.context)
        , tls_(tls) {
        here_.alive.insert(this);
    }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener() { here_.alive.erase(this); }

    asio::awaitable<void> run() {
        while (acceptor_.is_open()) {
            auto [ec, socket] = co_await acceptor_.async_accept(use_result);
            if (here_.stopping) co_return;
            if (!ec) {
                serve_connection(here_, std::move(socket), tls_);
                continue;
            }
            // Out of descriptors: do not spin.
            pause_.expires_after(std::chrono::milliseconds(20));
            [[maybe_unused]] auto [waited] = co_await pause_.async_wait(use_result);
        }
    }

    void stop() override {
        error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    }

private:
    shard& here_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    asio::ssl::context* tls_;
};

asio::awaitable<void> run_listener(std::unique_ptr<listener> l) {
    co_await l->run();
}

void report_listener(std::exception_ptr failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(std::move(failure));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "sluice-provider: a listener failed: %s\n", e.what());
    }
}

void stop_shard(shard& here) {
    here.stopping = true;
    const std::vector<stoppable*> all(here.alive.begin(), here.alive.end());
    for (stoppable* one : all)
        one->stop();
}

} // namespace

struct server::parts {
    server_settings settings;
    stats counters;
    std::unique_ptr<asio::ssl::context> tls; // null: nothing listens with TLS
    std::vector<std::unique_ptr<shard>> shards;
    std::vector<std::thread> threads;
    std::vector<std::string> addresses;

    result<void> load_certificate();
    result<void> listen(const std::string& address, asio::ssl::context* with_tls);
};

result<void> server::parts::load_certificate() {
    if (settings.tls_listen.empty()) return {};
    tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code ec;
    tls->use_certificate_chain_file(settings.certificate, ec);
    if (!ec) tls->use_private_key_file(settings.key, asio::ssl::context::pem, ec);
    if (ec) return fail(errc::bad_request, "Cannot use the certificate and key given: " + ec.message() + '.');
    SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
    return {};
}

result<void> server::parts::listen(const std::string& address, asio::ssl::context* with_tls) {
    auto parsed = parse_address(address);
    if (!parsed) return fail(parsed.error());
    tcp::endpoint at = *parsed;
    if (auto is_free = check_free(at); !is_free) return is_free;
    for (const auto& here : shards) {
        auto acceptor = bind_to(here->context, at, true);
        if (!acceptor) return fail(acceptor.error());
        at.port(acceptor->local_endpoint()
                    .port()); // the other threads take the port that the first one was given
        auto l = std::make_unique<listener>(*here, std::move(*acceptor), with_tls);
        asio::co_spawn(here->context, run_listener(std::move(l)), report_listener);
    }
    addresses.push_back((with_tls != nullptr ? "https " : "http ") + to_text(at));
    return {};
}

server::server(std::unique_ptr<parts> p)
    : parts_(std::move(p)) {}

result<std::unique_ptr<server>> server::start(server_settings settings) {
    auto p = std::make_unique<parts>();
    p->settings = std::move(settings);
    if (auto loaded = p->load_certificate(); !loaded) return fail(loaded.error());
    for (unsigned i = 0; i < std::max(1U, p->settings.threads); ++i)
        p->shards.push_back(std::make_unique<shard>(p->counters, p->settings.who));
    std::unique_ptr<server> out(new server(std::move(p)));
    parts& all = *out->parts_;
    for (const std::string& address : all.settings.listen)
        if (auto done = all.listen(address, nullptr); !done) return fail(done.error());
    for (const std::string& address : all.settings.tls_listen)
        if (auto done = all.listen(address, all.tls.get()); !done) return fail(done.error());
    for (const auto& here : all.shards)
        all.threads.emplace_back([context = &here->context] { context->run(); });
    return out;
}

server::~server() {
    stop();
    if (parts_->threads.empty()) // listening failed half-way: the listeners end here
        for (const auto& here : parts_->shards)
            here->context.run();
    for (std::thread& thread : parts_->threads)
        if (thread.joinable()) thread.join();
}

const std::vector<std::string>& server::addresses() const noexcept {
    return parts_->addresses;
}

const stats& server::counters() const noexcept {
    return parts_->counters;
}

void server::stop() {
    for (const auto& here : parts_->shards)
        asio::post(here->context, [target = here.get()] { stop_shard(*target); });
}

void server::run_until_signal() {
    asio::io_context context(1);
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([this](error_code, int) { stop(); });
    context.run();
    for (std::thread& thread : parts_->threads)
        if (thread.joinable()) thread.join();
}

} // namespace sluice::sim
