#include "proxy/data/upstream_credentials.hpp"

#include "core/base/log.hpp"
#include "core/net/signal.hpp"
#include "providers/provider.hpp"
#include "providers/redact.hpp"
#include "proxy/data/no_client.hpp"
#include "proxy/data/proofs.hpp"
#include "proxy/data/shard.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

using source_ptr =
    std::shared_ptr<const providers::credential_source>; // shared with the targets that have it

constexpr std::chrono::seconds exchange_time{20};
constexpr std::size_t most_token_bytes = std::size_t{64} * 1024;
constexpr std::size_t most_known = 1000;
constexpr std::size_t most_answer_logged = 1024; // of what a token service says
constexpr int most_steps = 16;
constexpr int most_tries = 3;
constexpr std::chrono::milliseconds first_pause{200};

// Something to come, or a time, or a leaving client.
class waiting final : public net::interruptible {
public:
    explicit waiting(asio::io_context& io)
        : woken_(io.get_executor()) {}

    asio::awaitable<void> wait() {
        while (!ended_ && !outcome)
            co_await woken_.wait();
    }
    void tell(const result<credential_ptr>& got) {
        outcome = got;
        woken_.notify();
    }
    void abort() noexcept override {
        ended_ = true;
        woken_.notify();
    }
    std::optional<steady_time> deadline_reached(steady_time) override {
        timed_out = true;
        abort();
        return std::nullopt;
    }

    std::optional<result<credential_ptr>> outcome;
    bool timed_out = false;

private:
    net::signal woken_;
    bool ended_ = false;
};

// How one request of an exchange went: 2xx, or an error, after which another try may help.
struct step_result {
    result<void> outcome;
    bool may_pass = false;
};

struct exchange_run {
    shard& here;
    providers::credential_exchange& exchange;
    const providers::target& about; // names the provider and what no text may show
    steady_time latest;
};

asio::awaitable<result<net::lease>> send(shard& here,
                                         net::exchange_guard& guard,
                                         const providers::credential_request& request,
                                         steady_time latest) {
    net::pool_set& pools = request.is_metadata ? *here.metadata_pools : *here.pools;
    net::pool& pool = pools.of(request.to.tls, request.to.host, request.to.port);
    for (bool fresh = false;; fresh = true) {
        auto leased = co_await pool.acquire(guard, latest, here.shared.config.timeouts.connect, fresh);
        if (!leased) co_return fail(std::move(leased).error());
        guard.watch(**leased, latest);
        const std::string_view head = request.head.reveal();
        const std::string_view body = request.body.reveal();
        constexpr std::string_view end = "\r\n";
        const std::array<asio::const_buffer, 3> all = {asio::const_buffer(head.data(), head.size()),
                                                       asio::const_buffer(end.data(), end.size()),
                                                       asio::const_buffer(body.data(), body.size())};
        const net::pieces data(all);
        auto done = co_await (*leased)->write(data);
        if (done) done = co_await (*leased)->read_head(here.shared.config.limits.response_head);
        if (done) co_return std::move(leased);
        guard.rest();
        const bool again = done.error().code == errc::stale_connection && !fresh;
        if (!again) co_return fail(std::move(done).error());
    }
}

// What a service answers without anything that its request was made of: one that explains why a signature is
// wrong repeats what was signed.
std::string
shown_of(const exchange_run& run, const providers::credential_request& request, std::string_view body) {
    std::vector<secret_string> hidden = proofs_of(request.head.reveal());
    for (secret_string& each : run.exchange.secrets())
        hidden.push_back(std::move(each));
    hidden.insert(hidden.end(), run.about.keys.begin(), run.about.keys.end());
    return providers::redact(body, hidden);
}

// A token service's refusal is the credential's fault; all else is the upstream's (api.md §10.6).
error refusal(const exchange_run& run,
              const providers::credential_request& request,
              int status,
              std::string_view body) {
    const std::string shown = shown_of(run, request, body);
    log::warn("credential_service_refused",
              {{"provider", run.about.provider_name},
               {"status", status},
               {"answer", std::string_view(shown).substr(0, most_answer_logged)}});
    error failed;
    if (request.is_own) {
        const std::string name(providers::name_of_refusal(shown));
        failed.message = "The credentials of the served entity could not be had: " +
                         std::string(request.is_metadata ? "the metadata service" : "the token service") +
                         " answered " + std::to_string(status) + (name.empty() ? "" : " " + name) + ".";
    } else {
        failed = providers::upstream_error(run.about, status, {}, shown, run.here.shared.time.wall());
    }
    failed.code = status >= 400 && status <= 499 ? errc::unauthenticated : errc::bad_upstream;
    failed.retry_after_seconds = 0;
    return failed;
}

asio::awaitable<step_result>
ask(exchange_run& run, net::exchange_guard& guard, const providers::credential_request& request) {
    auto from = co_await send(run.here, guard, request, run.latest);
    if (!from) {
        const bool may_pass = from.error().code == errc::bad_upstream;
        error failed = std::move(from).error();
        if (failed.code == errc::stale_connection) failed.code = errc::bad_upstream;
        co_return step_result{fail(std::move(failed)), may_pass};
    }
    const int status = (*from)->head().status;
    auto body = co_await (*from)->read_whole_body(most_token_bytes);
    guard.rest();
    if (!body) co_return step_result{fail(std::move(body).error()), true};
    if (status < 200 || status > 299)
        co_return step_result{fail(refusal(run, request, status, *body)),
                              providers::is_passing_failure(status, *body)};
    co_return step_result{run.exchange.read(*body, run.here.shared.time.wall()), false};
}

asio::awaitable<result<void>> ask_until_it_passes(exchange_run& run,
                                                  net::exchange_guard& guard,
                                                  const providers::credential_request& request) {
    std::chrono::milliseconds pause = first_pause;
    for (int tries = 1;; ++tries) {
        step_result got = co_await ask(run, guard, request);
        if (got.outcome || !got.may_pass || tries == most_tries) co_return std::move(got.outcome);
        waiting time(run.here.io);
        guard.watch(time, run.here.shared.time.now() + pause);
        co_await time.wait();
        guard.rest();
        if (guard.client_gone()) co_return std::move(got.outcome);
        pause *= 2;
    }
}

asio::awaitable<result<providers::credential>>
fetch_credential(shard& here, const providers::credential_source& source, const providers::target& about) {
    no_client nobody(here);
    net::exchange_guard guard(nobody);
    const std::unique_ptr<providers::credential_exchange> steps = source.begin();
    exchange_run run{here, *steps, about, here.shared.time.now() + exchange_time};
    for (int step = 0; step < most_steps; ++step) {
        auto next = steps->next(here.shared.time.wall());
        if (!next) co_return fail(std::move(next).error());
        const std::optional<providers::credential_request>& request = *next;
        if (!request) {
            std::vector<secret_string> used = steps->secrets();
            providers::credential got = steps->take();
            got.had_with = std::move(used);
            co_return std::move(got);
        }
        auto done = co_await ask_until_it_passes(run, guard, *request);
        if (!done) co_return fail(std::move(done).error());
    }
    co_return fail(errc::bad_upstream, "the access token takes too many requests");
}

asio::awaitable<void> run_exchange(shard& here, source_ptr source, providers::target about) {
    result<providers::credential> got = fail(errc::internal_error, "The access token could not be fetched.");
    try {
        got = co_await fetch_credential(here, *source, about);
    } catch (const std::exception& e) {
        log::error("credential_failed", {{"what", e.what()}});
    }
    if (!got) {
        log::warn("credential_refused",
                  {{"provider", about.provider_name}, {"status", status_of(got.error().code).http_status}});
    }
    here.shared.upstream_credentials.done(source->id(), std::move(got), here.shared.time.wall());
}

} // namespace

asio::awaitable<result<credential_ptr>>
upstream_credentials::get(const providers::target& to, net::exchange_guard& guard, steady_time deadline) {
    const source_ptr source = to.credential;
    const wall_ms now = here_.shared.time.wall();
    if (const auto found = known_.find(source->id()); found != known_.end()) {
        if (now < found->second.good_until) co_return found->second.have;
        known_.erase(found);
    }
    const auto mine = std::make_shared<waiting>(here_.io); // shared with who tells it
    auto reply = here_.shared.upstream_credentials.ask(
        source->id(), now, [mine, &io = here_.io](const result<credential_ptr>& got) {
            asio::post(io, [mine, got] { mine->tell(got); });
        });
    if (reply.begin) here_.tasks.spawn("credential", run_exchange(here_, source, to));
    if (reply.refused) co_return fail(*std::move(reply.refused));
    if (reply.have) {
        if (known_.size() >= most_known) known_.clear();
        known_[source->id()] = {reply.have, reply.good_until};
        co_return reply.have;
    }
    guard.watch(*mine, deadline);
    co_await mine->wait();
    guard.rest();
    const std::optional<result<credential_ptr>>& outcome = mine->outcome;
    if (outcome) co_return *outcome;
    if (mine->timed_out)
        co_return fail(errc::deadline_exceeded, "the provider's access token did not come in time");
    co_return fail(errc::connection_closed, "the client is gone");
}

bool upstream_credentials::refused(const providers::target& to, const providers::credential& used) {
    const std::string& id = to.credential->id();
    if (!here_.shared.upstream_credentials.refused(id, used, here_.shared.time.wall())) return false;
    known_.erase(id);
    return true;
}

} // namespace sluice::data
