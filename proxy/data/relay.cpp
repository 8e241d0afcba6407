#include "proxy/data/relay.hpp"

#include "providers/client_stream.hpp"
#include "providers/dialect_errors.hpp"
#include "providers/failures.hpp"
#include "providers/redact.hpp"
#include "proxy/data/proofs.hpp"
#include "proxy/data/whole_answer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds drain_time{500};

// The wait for a stream's next bytes: ends it when the provider stays silent too long, and meanwhile keeps
// the client's connection alive.
class stream_wait final : public net::deadline_target {
public:
    stream_wait(exchange& client, net::upstream_connection& from)
        : client_(client)
        , from_(from) {}

    // When to be asked first. What the provider sends counts as a sign of its life; what the client was sent
    // last, as one for the client.
    [[nodiscard]] steady_time begin(steady_time now) {
        const proxy::timeout_settings& times = client_.here.shared.config.timeouts;
        hard_ = std::min(client_.deadline, now + times.stream_idle);
        return std::min(hard_, sent_ + times.stream_keep_alive);
    }
    void sent(steady_time now) noexcept { sent_ = now; }
    [[nodiscard]] std::optional<steady_time> deadline_reached(steady_time now) override {
        if (now >= hard_) return from_.deadline_reached(now);
        client_.keep_stream_alive();
        sent_ = now;
        return std::min(hard_, now + client_.here.shared.config.timeouts.stream_keep_alive);
    }

private:
    exchange& client_;
    net::upstream_connection& from_;
    steady_time hard_;
    steady_time sent_;
};

// Reads what a provider still sends behind a complete stream, so that its connection can be used again.
asio::awaitable<void> drain(shard& here, net::lease from) {
    const net::task_group::registration registered(here.tasks, *from);
    net::watchdog dog(here.io);
    dog.guard(*from, std::chrono::steady_clock::now() + drain_time);
    for (;;) {
        auto next = from->take();
        if (!next || next->finished) break;
        if (!next->data.empty()) continue;
        auto more = co_await from->fill();
        if (!more) break;
    }
    dog.rest();
}

bool is_stream(const providers::target& to, const http::field_list& fields) {
    const auto type = http::find(fields, "content-type");
    return type && to.via->is_stream_type(to, *type);
}

std::unique_ptr<providers::decoder>
make_decoder(const exchange& client, const providers::target& to, const http::field_list& fields) {
    providers::answer_context context = context_of(client);
    context.fields = &fields;
    auto decoder = to.via->make_decoder(client.call, to, context);
    if (!client.translator) return decoder;
    return providers::translate_stream(std::move(decoder),
                                       client.translator->make_events(client.body, context));
}

bool is_early_end(const error& e, const providers::target& to) {
    return e.message == providers::upstream_failure(to, errc::bad_upstream, providers::ended_early).message;
}

// The connection broke inside of the body. The stream may be complete all the same, or its last event an
// error of the provider: the decoder knows.
result<void> end_cut(error broken,
                     const providers::target& to,
                     providers::decoder& decoder,
                     std::string& out,
                     bool& finished) {
    if (broken.code != errc::bad_upstream) return fail(std::move(broken));
    std::string rest;
    if (auto ended = decoder.end(rest); !ended)
        return fail(is_early_end(ended.error(), to) ? std::move(broken) : std::move(ended).error());
    out += rest;
    finished = true;
    return {};
}

// One turn of a stream: what the bytes that are here become. `finished`: the upstream's body has ended.
result<void> decode_available(net::upstream_connection& from,
                              const providers::target& to,
                              providers::decoder& decoder,
                              std::string& out,
                              bool& finished) {
    for (;;) {
        auto next = from.take();
        if (!next) return end_cut(std::move(next).error(), to, decoder, out, finished);
        if (!next->data.empty()) {
            auto read = decoder.body(next->data, out);
            if (!read) return read;
            if (decoder.finished()) return {};
        }
        if (next->finished) {
            finished = true;
            return decoder.end(out);
        }
        if (next->data.empty()) return {};
    }
}

void note_failure(const error& shown, observe::account& entry) {
    entry.failure = status_of(shown.code).error_code;
    entry.stream_status = status_of(shown.code).http_status;
}

// Where the last of these whole events starts.
std::size_t last_of(std::string_view events) noexcept {
    constexpr std::string_view end = "\n\n";
    if (events.size() <= end.size()) return 0;
    const std::size_t before = events.rfind(end, events.size() - end.size() - 1);
    return before == std::string_view::npos ? 0 : before + end.size();
}

// A stream that is complete and has told of its failure by itself, in its last event.
void note_told(const exchange& client,
               const providers::target& to,
               const error& told,
               std::string& out,
               observe::account& entry) {
    entry.cause = own_words(told);
    note_failure(told, entry);
    // Of what goes out the provider's code knows the keys that last. It has a bound for this event alone.
    if (!to.credential) return;
    const auto hidden = proofs_of(client.upstream.credential_lines, client.proved_by.get());
    const std::size_t begin = last_of(out);
    out.replace(begin, std::string::npos, providers::redact(std::string_view(out).substr(begin), hidden));
}

// Ends a stream that went wrong: what came before, the error event, no [DONE].
asio::awaitable<void> end_broken(exchange& client,
                                 const providers::target& to,
                                 std::string& out,
                                 std::string_view extra,
                                 error failed,
                                 observe::account& entry) {
    entry.cause = own_words(failed);
    const error shown = in_provider_form(client, to, std::move(failed));
    if (client.to.as_list)
        providers::append_error_element(client.to.speaks, out, shown);
    else
        providers::append_error_event(client.to.speaks, out, shown);
    note_failure(shown, entry);
    co_await client.stream(out, extra, stream_end::broken);
}

// The stream is complete for the client; is it for the provider too? Looks only at what has arrived.
bool fully_read(net::upstream_connection& from) {
    for (;;) {
        const auto next = from.take();
        if (!next) return true; // broken: nothing to wait for
        if (next->finished) return true;
        if (next->data.empty()) return false;
    }
}

asio::awaitable<result<void>> relay_stream(exchange& client,
                                           net::exchange_guard& guard,
                                           net::lease& from,
                                           const providers::target& to,
                                           std::string_view extra,
                                           observe::account& entry) {
    const std::unique_ptr<providers::decoder> decoder = make_decoder(client, to, from->head().fields);
    stream_wait waiting(client, *from);
    std::string out;
    std::optional<error> broken; // the connection, behind all that was read
    entry.streaming = true;
    entry.goes_on(client.here.shared.time.now());
    for (;;) {
        bool upstream_ended = false;
        result<void> read = broken ? end_cut(*broken, to, *decoder, out, upstream_ended)
                                   : decode_available(*from, to, *decoder, out, upstream_ended);
        entry.used = decoder->used();
        if (!read && !client.streaming && out.empty()) co_return read;
        if (!read) {
            guard.rest();
            co_await end_broken(client, to, out, extra, std::move(read).error(), entry);
            co_return result<void>();
        }
        const bool complete = upstream_ended || decoder->finished();
        if (const error* const told = decoder->failure()) note_told(client, to, *told, out, entry);
        if (!out.empty() || complete) {
            guard.rest();
            const bool taken =
                co_await client.stream(out, extra, complete ? stream_end::clean : stream_end::more);
            entry.first_event();
            waiting.sent(client.here.shared.time.now());
            if (!taken) co_return fail(errc::connection_closed, "the client is gone");
        }
        if (complete) {
            if (!upstream_ended && !fully_read(*from))
                client.here.tasks.spawn("drain", drain(client.here, std::move(from)));
            co_return result<void>();
        }
        out.clear();
        const steady_time now = client.here.shared.time.now();
        if (client.streaming) {
            const steady_time at = waiting.begin(now);
            guard.watch(*from, at);
            guard.extend(waiting, at);
        }
        entry.waits(now);
        auto more = co_await from->fill();
        entry.goes_on(client.here.shared.time.now());
        if (more) continue;
        guard.rest();
        if (more.error().code == errc::connection_closed) co_return fail(std::move(more).error());
        broken = std::move(more).error();
    }
}

} // namespace

std::string own_words(const error& e) {
    return e.message.starts_with('{') ? std::string() : e.message;
}

error in_provider_form(const exchange& client, const providers::target& to, error e) {
    const bool ours = e.code == errc::connection_closed || e.code == errc::temporarily_unavailable;
    if (!ours && !e.message.starts_with('{')) return providers::upstream_failure(to, e.code, e.message);
    if (to.credential) {
        const auto hidden = proofs_of(client.upstream.credential_lines, client.proved_by.get());
        e.message = providers::redact(e.message, hidden);
    }
    return e;
}

asio::awaitable<result<void>> relay(exchange& client,
                                    net::exchange_guard& guard,
                                    net::lease from,
                                    const providers::target& to,
                                    std::string_view extra,
                                    observe::account& entry) {
    if (auto good = check_coding(from->head().fields); !good) co_return fail(std::move(good).error());
    const bool as_stream =
        client.call.stream && is_success(from->head().status) && is_stream(to, from->head().fields);
    if (as_stream) co_return co_await relay_stream(client, guard, from, to, extra, entry);
    co_return co_await relay_whole(client, guard, from, to, extra, entry);
}

} // namespace sluice::data
