#include "proxy/data/whole_answer.hpp"

#include "core/json/reader.hpp"
#include "providers/answer_stream.hpp"
#include "providers/dialect_errors.hpp"
#include "providers/openai.hpp"

#include <optional>
#include <utility>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_error_bytes = std::size_t{1024} * 1024; // far more than is told of one

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

// Reads an answer that is an error, as far as it is of use, and says what the client gets for it.
asio::awaitable<error>
read_upstream_error(exchange& client, net::upstream_connection& from, const providers::target& to) {
    const int status = from.head().status;
    const kept_fields fields(from.head().fields);
    auto body = co_await from.read_beginning(most_error_bytes);
    if (!body) co_return std::move(body).error();
    client.usage_refused =
        client.call.adds_usage() && providers::openai::refuses_stream_options(status, *body);
    co_return providers::upstream_error(to, status, fields.list(), *body, client.here.shared.time.wall());
}

// The answer of which the head is read, whole and understood; `body` gets the bytes that came, which live as
// long as the connection.
asio::awaitable<result<providers::answer>> read_answer(exchange& client,
                                                       net::exchange_guard& guard,
                                                       net::lease& from,
                                                       const providers::target& to,
                                                       observe::account& entry,
                                                       std::string_view& body) {
    guard.extend(*from, client.deadline);
    if (!is_success(from->head().status)) {
        error failed = co_await read_upstream_error(client, *from, to);
        entry.goes_on(client.here.shared.time.now());
        guard.rest();
        co_return fail(std::move(failed));
    }
    std::optional<kept_fields> fields;
    if (to.reads_answer_fields) fields.emplace(from->head().fields);
    auto whole = co_await from->read_whole_body(client.here.shared.config.limits.answer_bytes);
    entry.goes_on(client.here.shared.time.now());
    guard.rest();
    if (!whole) co_return fail(std::move(whole).error());
    body = *whole;
    providers::answer_context context = context_of(client);
    context.fields = fields ? &fields->list() : nullptr;
    context.spent = &entry.used;
    context.keeps_order = client.translator != nullptr;
    co_return to.via->read_answer(client.call, to, context, body);
}

// The stream that a client asked for, of an upstream that answers whole. json::padding bytes behind `answer`
// are readable.
asio::awaitable<result<void>>
send_as_stream(exchange& client, std::string_view answer, std::string_view extra, observe::account& entry) {
    std::string events;
    result<void> good;
    if (!providers::append_as_stream(events, client.call, answer))
        good = sluice::fail(errc::bad_upstream, "the answer has another shape than is expected");
    if (good && client.translator) {
        std::string chunks;
        chunks.swap(events);
        chunks.reserve(chunks.size() + json::padding);
        good = client.translator->make_events(client.body, context_of(client))->chunks(chunks, events);
    }
    if (!good) co_return good;
    entry.streaming = true;
    const bool taken = co_await client.stream(events, extra, stream_end::clean);
    if (taken) entry.first_event();
    co_return result<void>();
}

} // namespace

providers::answer_context context_of(const exchange& client) {
    constexpr wall_ms ms_per_second = 1000;
    providers::answer_context context;
    context.created = client.here.shared.time.wall() / ms_per_second;
    context.id_stem = client.id;
    context.as_list = client.to.as_list;
    context.max_event_bytes = client.here.shared.config.limits.event_bytes;
    return context;
}

bool is_success(int status) noexcept {
    return status >= 200 && status <= 299 && status != 204;
}

result<void> check_coding(const http::field_list& fields) {
    const auto coding = http::find(fields, "content-encoding");
    if (!coding || http::iequals(*coding, "identity") || coding->empty()) return {};
    return fail(errc::bad_upstream, "the provider sent a compressed answer that was not asked for");
}

asio::awaitable<result<void>> relay_whole(exchange& client,
                                          net::exchange_guard& guard,
                                          net::lease& from,
                                          const providers::target& to,
                                          std::string_view extra,
                                          observe::account& entry) {
    std::string_view body;
    auto answer = co_await read_answer(client, guard, from, to, entry, body);
    if (!answer) co_return fail(std::move(answer).error());
    entry.used = answer->used; // whether it is good for the client or not
    // JSON where a stream was asked for is an answer only if it looks like one (providers.md §1.12).
    if (client.call.stream && !answer->has_choices) {
        co_return fail(providers::upstream_error(to, 200, {}, body, client.here.shared.time.wall()));
    }
    std::optional<std::string>& rewritten = answer->rewritten;
    if (rewritten) rewritten->reserve(rewritten->size() + json::padding);
    const std::string_view text = rewritten ? std::string_view(*rewritten) : body;
    if (client.call.stream && (rewritten || client.translator)) {
        auto sent = co_await send_as_stream(client, text, extra, entry);
        co_return sent;
    }
    if (client.to.as_list) {
        const std::string list = providers::as_list(text);
        co_await client.send(200, "application/json", list, extra);
        co_return result<void>();
    }
    if (!client.translator) {
        co_await client.send(200, "application/json", text, extra);
        co_return result<void>();
    }
    auto translated = client.translator->from_answer(client.body, text, context_of(client));
    if (!translated) co_return fail(std::move(translated).error());
    co_await client.send(200, "application/json", *translated, extra);
    co_return result<void>();
}

asio::awaitable<result<providers::answer>> read_whole(exchange& client,
                                                      net::exchange_guard& guard,
                                                      net::lease& from,
                                                      const providers::target& to,
                                                      observe::account& entry,
                                                      std::string& text) {
    if (auto good = check_coding(from->head().fields); !good) co_return fail(std::move(good).error());
    std::string_view body;
    auto answer = co_await read_answer(client, guard, from, to, entry, body);
    if (!answer) co_return answer;
    const std::optional<std::string>& rewritten = answer->rewritten;
    text = rewritten ? std::string_view(*rewritten) : body;
    co_return answer;
}

} // namespace sluice::data
