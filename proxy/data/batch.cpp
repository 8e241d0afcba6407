#include "proxy/data/batch.hpp"

#include "core/json/reader.hpp"
#include "providers/list_parts.hpp"
#include "providers/merged_answer.hpp"
#include "proxy/data/forward.hpp"
#include "proxy/data/whole_answer.hpp"

#include <string>
#include <utility>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_parts = 2048; // upstream requests for one of a client

constexpr std::size_t most_repeated = std::size_t{64} * 1024 * 1024; // bytes, in all requests together

result<void> check(const exchange& client, const providers::target& to, const providers::list_parts& parts) {
    if (client.call.stream) {
        return fail(errc::bad_request,
                    "'prompt' must be one text for provider " + to.provider_name +
                        " when 'stream' is true, not a list of several.");
    }
    if (!parts.has_only_texts())
        return fail(errc::bad_request,
                    "Parameter input is not supported for provider " + to.provider_name + ".");
    if (parts.size() > most_parts || parts.size() * parts.repeated_bytes() > most_repeated) {
        return fail(errc::bad_request,
                    "The list has too many elements: provider " + to.provider_name + " takes " +
                        std::to_string(to.most_items) + " in one request.");
    }
    return {};
}

} // namespace

bool is_batch(const exchange& client, const providers::target& to) noexcept {
    return to.most_items > 0 && providers::count_items(client.call) > to.most_items;
}

asio::awaitable<result<void>> batch(exchange& client,
                                    net::exchange_guard& guard,
                                    const providers::target& to,
                                    std::string_view extra,
                                    observe::account& entry,
                                    govern::permit& permit) {
    providers::list_parts parts(client.call, to.most_items);
    if (auto good = check(client, to, parts); !good) co_return good;
    providers::merged_answer merged(to.kind);
    std::string answered; // one of them, with room behind it for the parser
    for (std::string_view body = parts.next(); !body.empty(); body = parts.next()) {
        auto encoded = providers::unified::parse(to.kind, body, client.call);
        if (encoded) encoded = to.via->encode(client.call, to, client.upstream);
        if (!encoded) co_return encoded;
        const bool is_first = !client.asked;
        client.asked = true;
        if (is_first) client.here.metrics.dropped_members.add(client.upstream.dropped);
        auto from = co_await forward(client, guard, to, entry, permit);
        if (!from) co_return fail(std::move(from).error());
        entry.used = providers::usage();
        auto answer = co_await read_whole(client, guard, *from, to, entry, answered);
        if (!answer) merged.count(entry.used);
        entry.used = merged.used();
        if (!answer) co_return fail(std::move(answer).error());
        answered.reserve(answered.size() + json::padding);
        const bool fits = merged.add(answered, answer->used);
        entry.used = merged.used();
        if (!fits)
            co_return fail(errc::bad_upstream, "a part of the answer has another shape than is expected");
        if (merged.size() > client.here.shared.config.limits.answer_bytes)
            co_return fail(errc::bad_upstream, "the answers are too large together");
    }
    const std::string text = std::move(merged).finish();
    co_await client.send(200, "application/json", text, extra);
    co_return result<void>();
}

} // namespace sluice::data
