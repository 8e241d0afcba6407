#include "proxy/data/batch.hpp"

#include "core/json/reader.hpp"
#include "providers/merged_answer.hpp"
#include "proxy/data/forward.hpp"
#include "proxy/data/whole_answer.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_parts = 2048; // upstream requests for one of a client

result<void> check(const exchange& client, const providers::target& to, std::size_t items) {
    if (client.call.stream) {
        return fail(errc::bad_request,
                    "'prompt' must be one text for provider " + to.provider_name +
                        " when 'stream' is true, not a list of several.");
    }
    if ((items + to.most_items - 1) / to.most_items > most_parts) {
        return fail(errc::bad_request,
                    "The list has too many elements: provider " + to.provider_name + " takes " +
                        std::to_string(to.most_items) + " in one request.");
    }
    return {};
}

} // namespace

bool is_batch(const exchange& client, const providers::target& to) noexcept {
    return to.most_items > 0 && providers::unified::count_items(client.call) > to.most_items;
}

asio::awaitable<result<void>> batch(exchange& client,
                                    net::exchange_guard& guard,
                                    const providers::target& to,
                                    std::string_view extra,
                                    observe::account& entry,
                                    govern::permit& permit) {
    const std::size_t items = providers::unified::count_items(client.call);
    if (auto good = check(client, to, items); !good) co_return good;
    providers::merged_answer merged(to.kind);
    std::string part; // of the answers, with room behind it for the parser
    for (std::size_t first = 0; first < items; first += to.most_items) {
        client.call.first_item = first;
        client.call.item_count = std::min(to.most_items, items - first);
        auto encoded = to.via->encode(client.call, to, client.upstream);
        if (!encoded) co_return encoded;
        client.asked = true;
        if (first == 0) client.here.metrics.dropped_members.add(client.upstream.dropped);
        auto from = co_await forward(client, guard, to, entry, permit);
        if (!from) co_return fail(std::move(from).error());
        auto answer = co_await read_whole(client, guard, *from, to, part);
        if (!answer) co_return fail(std::move(answer).error());
        part.reserve(part.size() + json::padding);
        if (!merged.add(part, answer->used))
            co_return fail(errc::bad_upstream, "a part of the answer has another shape than is expected");
        entry.used = merged.used();
        if (merged.size() > client.here.shared.config.limits.answer_bytes)
            co_return fail(errc::bad_upstream, "the answers are too large together");
    }
    const std::string text = std::move(merged).finish();
    co_await client.send(200, "application/json", text, extra);
    co_return result<void>();
}

} // namespace sluice::data
