#include "proxy/data/relay.hpp"

#include "core/json/reader.hpp"
#include "providers/answer_stream.hpp"
#include "providers/client_stream.hpp"
#include "providers/dialect_errors.hpp"
#include "providers/redact.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds drain_time{500};
constexpr std::string_view coded = "the provider sent a compressed answer that was not asked for";

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

bool is_coded(const http::field_list& fields) {
    const auto coding = http::find(fields, "content-encoding");
    return coding && !http::iequals(*coding, "identity") && !coding->empty();
}

// The fields of a head, copied: the connection's own views die when more is read.
class kept_fields {
public:
    explicit kept_fields(const http::field_list& fields) {
        std::size_t size = 0;
        for (const http::field& one : fields)
            size += one.name.size() + one.value.size();
        text_.reserve(size); // the views below stay good
        for (const http::field& one : fields)
            list_.push_back({keep(one.name), keep(one.value)});
    }
    kept_fields(const kept_fields&) = delete;
    kept_fields& operator=(const kept_fields&) = delete;

    [[nodiscard]] const http::field_list& list() const noexcept { return list_; }

private:
    std::string_view keep(std::string_view piece) {
        const std::size_t begin = text_.size();
        text_ += piece;
        return std::string_view(text_).substr(begin);
    }

    std::string text_;
    http::field_list list_;
};

// What the provider's code takes from here; good while the head is.
providers::answer_context context_of(const exchange& client, const net::upstream_connection& from) {
    constexpr wall_ms ms_per_second = 1000;
    providers::answer_context context;
    context.created = client.here.shared.time.wall() / ms_per_second;
    context.id_stem = client.id;
    context.fields = &from.head().fields;
    context.max_event_bytes = client.here.shared.config.limits.event_bytes;
    return context;
}

bool is_success(int status) {
    return status >= 200 && status <= 299 && status != 204;
}

// The credentials that a request was proved with: they are not among the target's keys.
std::vector<secret_string> proofs_of(std::string_view lines) {
    constexpr std::string_view scheme = "Bearer ";
    std::vector<secret_string> out;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find("\r\n"), lines.size());
        std::string_view value = lines.substr(0, end);
        value.remove_prefix(std::min(value.find(": ") + 2, value.size()));
        if (value.starts_with(scheme)) value.remove_prefix(scheme.size());
        out.emplace_back(value);
        lines.remove_prefix(std::min(end + 2, lines.size()));
    }
    return out;
}

// Reads the whole of an answer that is an error, and says what the client gets for it.
asio::awaitable<error>
read_upstream_error(exchange& client, net::upstream_connection& from, const providers::target& to) {
    const int status = from.head().status;
    const kept_fields fields(from.head().fields);
    auto body = co_await from.read_whole_body(client.here.shared.config.limits.answer_bytes);
    if (!body) co_return std::move(body).error();
    std::string shown(*body);
    if (to.credential) shown = providers::redact(shown, proofs_of(client.upstream.credential_lines));
    co_return providers::upstream_error(to, status, fields.list(), shown, client.here.shared.time.wall());
}

// The answer of which the head is read, whole and understood; `body` gets the bytes that came, which live as
// long as the connection.
asio::awaitable<result<providers::answer>> read_answer(exchange& client,
                                                       net::exchange_guard& guard,
                                                       net::lease& from,
                                                       const providers::target& to,
                                                       std::string_view& body) {
    guard.extend(*from, client.deadline);
    if (!is_success(from->head().status)) {
        error failed = co_await read_upstream_error(client, *from, to);
        guard.rest();
        co_return fail(std::move(failed));
    }
    std::optional<kept_fields> fields;
    if (to.reads_answer_fields) fields.emplace(from->head().fields);
    auto whole = co_await from->read_whole_body(client.here.shared.config.limits.answer_bytes);
    guard.rest();
    if (!whole) co_return fail(std::move(whole).error());
    body = *whole;
    providers::answer_context context = context_of(client, *from);
    context.fields = fields ? &fields->list() : nullptr;
    co_return to.via->read_answer(client.call, to, context, body);
}

// The stream that a client asked for, of an upstream that answers whole.
asio::awaitable<result<void>> send_as_stream(exchange& client,
                                             std::string_view answer,
                                             providers::answer_context context,
                                             std::string_view extra,
                                             observe::account& entry) {
    std::string padded(answer);
    padded.reserve(padded.size() + json::padding);
    std::string events;
    result<void> good;
    if (!providers::append_as_stream(events, client.call, padded))
        good = sluice::fail(errc::bad_upstream, "the answer has another shape than is expected");
    if (good && client.translator) {
        std::string chunks;
        chunks.swap(events);
        chunks.reserve(chunks.size() + json::padding);
        good = client.translator->make_events(client.body, context)->chunks(chunks, events);
    }
    if (!good) co_return good;
    entry.streaming = true;
    const bool taken = co_await client.stream(events, extra, stream_end::clean);
    if (taken) entry.first_event();
    co_return result<void>();
}

// The whole answer in the client's own dialect; `text` is of OpenAI's.
result<std::string>
in_dialect(const exchange& client, std::string_view text, const providers::answer_context& context) {
    std::string padded(text);
    padded.reserve(padded.size() + json::padding);
    return client.translator->from_answer(client.body, padded, context);
}

std::unique_ptr<providers::decoder>
make_decoder(const exchange& client, const providers::target& to, const providers::answer_context& context) {
    auto decoder = to.via->make_decoder(client.call, to, context);
    if (!client.translator) return decoder;
    return providers::translate_stream(std::move(decoder),
                                       client.translator->make_events(client.body, context));
}

asio::awaitable<result<void>> relay_whole(exchange& client,
                                          net::exchange_guard& guard,
                                          net::lease& from,
                                          const providers::target& to,
                                          std::string_view extra,
                                          observe::account& entry) {
    std::string_view body;
    auto answer = co_await read_answer(client, guard, from, to, body);
    if (!answer) co_return fail(std::move(answer).error());
    // JSON where a stream was asked for is an answer only if it looks like one (providers.md §1.12).
    if (client.call.stream && !answer->has_choices) {
        co_return fail(providers::upstream_error(to, 200, {}, body, client.here.shared.time.wall()));
    }
    entry.used = answer->used;
    const std::optional<std::string>& rewritten = answer->rewritten;
    const std::string_view text = rewritten ? std::string_view(*rewritten) : body;
    if (client.call.stream && (rewritten || client.translator)) {
        auto sent = co_await send_as_stream(client, text, context_of(client, *from), extra, entry);
        co_return sent;
    }
    if (!client.translator) {
        co_await client.send(200, "application/json", text, extra);
        co_return result<void>();
    }
    auto translated = in_dialect(client, text, context_of(client, *from));
    if (!translated) co_return fail(std::move(translated).error());
    co_await client.send(200, "application/json", *translated, extra);
    co_return result<void>();
}

// One turn of a stream: what the bytes that are here become. `finished`: the upstream's body has ended.
result<void> decode_available(net::upstream_connection& from,
                              providers::decoder& decoder,
                              std::string& out,
                              bool& finished) {
    for (;;) {
        auto next = from.take();
        if (!next) return fail(std::move(next).error());
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

// Ends a stream that went wrong: what came before, the error event, no [DONE].
asio::awaitable<void> end_broken(exchange& client,
                                 const providers::target& to,
                                 std::string& out,
                                 std::string_view extra,
                                 error failed,
                                 observe::account& entry) {
    entry.cause = own_words(failed);
    const error shown = in_provider_form(to, std::move(failed));
    providers::append_error_event(client.to.speaks, out, shown);
    entry.failure = status_of(shown.code).error_code;
    entry.stream_status = status_of(shown.code).http_status;
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
    const std::unique_ptr<providers::decoder> decoder = make_decoder(client, to, context_of(client, *from));
    stream_wait waiting(client, *from);
    std::string out;
    entry.streaming = true;
    for (;;) {
        bool upstream_ended = false;
        result<void> read = decode_available(*from, *decoder, out, upstream_ended);
        entry.used = decoder->used();
        if (!read && !client.streaming && out.empty()) co_return read;
        if (!read) {
            guard.rest();
            co_await end_broken(client, to, out, extra, std::move(read).error(), entry);
            co_return result<void>();
        }
        const bool complete = upstream_ended || decoder->finished();
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
        if (client.streaming) {
            const steady_time at = waiting.begin(client.here.shared.time.now());
            guard.watch(*from, at);
            guard.extend(waiting, at);
        }
        auto more = co_await from->fill();
        if (more) continue;
        guard.rest();
        if (!client.streaming || more.error().code == errc::connection_closed)
            co_return fail(std::move(more).error());
        co_await end_broken(client, to, out, extra, std::move(more).error(), entry);
        co_return result<void>();
    }
}

} // namespace

std::string own_words(const error& e) {
    return e.message.starts_with('{') ? std::string() : e.message;
}

error in_provider_form(const providers::target& to, error e) {
    const bool ours = e.code == errc::connection_closed || e.code == errc::temporarily_unavailable;
    if (ours || e.message.starts_with('{')) return e;
    return providers::upstream_failure(to, e.code, e.message);
}

asio::awaitable<result<providers::answer>> read_whole(exchange& client,
                                                      net::exchange_guard& guard,
                                                      net::lease& from,
                                                      const providers::target& to,
                                                      std::string& text) {
    if (is_coded(from->head().fields)) co_return fail(errc::bad_upstream, std::string(coded));
    std::string_view body;
    auto answer = co_await read_answer(client, guard, from, to, body);
    if (answer) text = answer->rewritten ? std::string_view(*answer->rewritten) : body;
    co_return answer;
}

asio::awaitable<result<void>> relay(exchange& client,
                                    net::exchange_guard& guard,
                                    net::lease from,
                                    const providers::target& to,
                                    std::string_view extra,
                                    observe::account& entry) {
    if (is_coded(from->head().fields)) co_return fail(errc::bad_upstream, std::string(coded));
    const bool as_stream =
        client.call.stream && is_success(from->head().status) && is_stream(to, from->head().fields);
    if (as_stream) co_return co_await relay_stream(client, guard, from, to, extra, entry);
    co_return co_await relay_whole(client, guard, from, to, extra, entry);
}

} // namespace sluice::data
