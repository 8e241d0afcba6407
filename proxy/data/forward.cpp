#include "proxy/data/forward.hpp"

#include <absl/container/inlined_vector.h>

#include <algorithm>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

using gathered = absl::InlinedVector<asio::const_buffer, 24>;

gathered gather(const attempt& what) {
    const providers::target& to = what.to;
    const providers::upstream_request& request = what.request;
    gathered all;
    const bool has_own_head = what.streams && !to.stream_head.empty();
    const std::string_view head = (has_own_head ? to.stream_head : to.head).reveal();
    all.emplace_back(head.data(), head.size());
    if (!request.credential_lines.empty())
        all.emplace_back(request.credential_lines.data(), request.credential_lines.size());
    all.emplace_back(request.head_tail.data(), request.head_tail.size());
    for (const std::string_view piece : request.body)
        all.emplace_back(piece.data(), piece.size());
    return all;
}

asio::awaitable<result<void>> send_and_read_head(const attempt& what, net::upstream_connection& connection) {
    const gathered all = gather(what);
    const net::pieces data(all.data(), all.size());
    auto sent = co_await connection.write(data);
    if (!sent) co_return fail(std::move(sent).error());
    if (what.entry) what.entry->waits(what.here.shared.time.now());
    auto head = co_await connection.read_head(what.here.shared.config.limits.response_head);
    co_return head;
}

asio::awaitable<result<net::lease>> send(attempt what, net::exchange_guard& guard) {
    shard& here = what.here;
    net::pool& pool = here.pools->of(what.to.to.tls, what.to.to.host, what.to.to.port);
    for (bool fresh = false;; fresh = true) {
        const steady_time now = here.shared.time.now();
        if (what.entry) what.entry->waits(now);
        const steady_time deadline = std::min(what.latest, now + what.first_byte);
        auto leased = co_await pool.acquire(guard, deadline, here.shared.config.timeouts.connect, fresh);
        if (!leased) co_return fail(std::move(leased).error());
        here.metrics.upstream_attempts.add();
        if (what.entry) what.entry->sending();
        if (what.permit) what.permit->keep();
        guard.watch(**leased, deadline);
        auto answered = co_await send_and_read_head(what, **leased);
        if (answered) co_return std::move(leased);
        guard.rest();
        error failed = std::move(answered).error();
        if (failed.code != errc::stale_connection) co_return fail(std::move(failed));
        if (fresh) {
            failed.code = errc::bad_upstream;
            co_return fail(std::move(failed));
        }
        here.metrics.stale_retries.add();
    }
}

void forget_proof(const attempt& what) {
    wipe(what.request.credential_lines);
    what.request.credential_lines.clear();
    what.proved_by.reset();
}

bool is_refusal(const providers::target& to, const http::response_head& head) {
    return to.via->refuses_credential(head.status, head.fields);
}

// A credential that was good may have been taken back.
asio::awaitable<result<net::lease>> send_with_credential(attempt what, net::exchange_guard& guard) {
    shard& here = what.here;
    for (bool again = false;; again = true) {
        const steady_time now = here.shared.time.now();
        if (what.entry) what.entry->waits(now);
        const steady_time deadline = std::min(what.latest, now + what.first_byte);
        auto with = co_await here.proofs.get(what.to, guard, deadline);
        if (what.entry) what.entry->goes_on(here.shared.time.now());
        if (!with) co_return fail(std::move(with).error());
        forget_proof(what);
        what.proved_by = *with;
        auto proved =
            what.to.via->authorize(what.to, what.streams, with->get(), here.shared.time.wall(), what.request);
        if (!proved) co_return fail(std::move(proved).error());
        auto from = co_await send(what, guard);
        if (again || !from || !is_refusal(what.to, (*from)->head())) co_return std::move(from);
        if (!here.proofs.refused(what.to, **with)) co_return std::move(from);
        guard.rest(); // the connection is not read to its end, and closes
    }
}

asio::awaitable<result<net::lease>> refuse(error failed) {
    co_return fail(std::move(failed));
}

} // namespace

asio::awaitable<result<net::lease>> forward(exchange& client,
                                            net::exchange_guard& guard,
                                            const providers::target& to,
                                            observe::account& entry,
                                            govern::permit& permit) {
    const proxy::timeout_settings& times = client.here.shared.config.timeouts;
    const attempt what{client.here,
                       to,
                       client.upstream,
                       client.proved_by,
                       client.call.stream ? times.first_byte_stream : times.first_byte,
                       client.deadline,
                       &entry,
                       &permit,
                       client.call.stream};
    return forward(what, guard); // not awaited: no frame of its own
}

asio::awaitable<result<net::lease>> forward(attempt what, net::exchange_guard& guard) {
    if (what.entry) what.entry->asking();
    if (what.to.credential) return send_with_credential(what, guard);
    forget_proof(what);
    auto proved =
        what.to.via->authorize(what.to, what.streams, nullptr, what.here.shared.time.wall(), what.request);
    if (!proved) return refuse(std::move(proved).error());
    return send(what, guard);
}

} // namespace sluice::data
