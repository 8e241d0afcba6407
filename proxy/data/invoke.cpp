#include "proxy/data/invoke.hpp"

#include "core/base/log.hpp"
#include "proxy/data/auth.hpp"
#include "proxy/data/batch.hpp"
#include "proxy/data/forward.hpp"
#include "proxy/data/native_query.hpp"
#include "proxy/data/relay.hpp"
#include "proxy/data/whole_answer.hpp"
#include "proxy/observe/account.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_id_logged = 256; // of a client's own request id

using endpoint_ptr = std::shared_ptr<const model::endpoint>;
using entity_ptr = std::shared_ptr<const model::served_entity>;

// The endpoint that the path or the body's "model" names.
result<endpoint_ptr> find_endpoint(const exchange& client, std::string_view name) {
    const endpoint_ptr* found = client.config->endpoints.find(name);
    if (found) return *found;
    const bool by_model = client.to.what != action::invocations;
    return fail(by_model ? errc::endpoint_not_found : errc::resource_does_not_exist,
                "The given endpoint does not exist, please retry after checking the specified name: '" +
                    std::string(name.substr(0, 128)) + "'.");
}

// The task of an endpoint that can be queried now.
result<providers::task> serving_task(const model::endpoint& endpoint) {
    const std::optional<providers::task>& task = endpoint.task;
    if (endpoint.state == model::serving::ready && !endpoint.entities.empty() && task) return *task;
    if (endpoint.state == model::serving::starting) {
        return fail(
            errc::temporarily_unavailable, "The endpoint '" + endpoint.name + "' is not ready yet.", 1);
    }
    return fail(errc::invalid_parameter_value,
                "The endpoint '" + endpoint.name + "' has no active configuration to serve.");
}

result<void> check_task(const exchange& client, const model::endpoint& endpoint, providers::task served) {
    if (served == client.to.kind) return {};
    return fail(errc::bad_request,
                "The endpoint '" + endpoint.name + "' serves the task " + std::string(to_string(served)) +
                    ", which this path does not take.");
}

// The served entity that answers: the one the path pins, else the traffic split's next. Shared: it outlives a
// config update.
result<entity_ptr> find_entity(exchange& client, const model::endpoint& endpoint) {
    if (client.to.entity.empty()) {
        const auto has_traffic = [](const entity_ptr& one) { return one->traffic_percentage > 0; };
        if (std::ranges::any_of(endpoint.entities, has_traffic))
            return endpoint.entities[client.here.turns.pick(endpoint)];
        return fail(errc::invalid_parameter_value,
                    "The endpoint '" + endpoint.name +
                        "' has no served entity that takes traffic and can serve: its state says why.");
    }
    for (const entity_ptr& one : endpoint.entities) {
        if (one->name == client.to.entity) return one;
    }
    if (std::ranges::find(endpoint.out_of_service, client.to.entity) != endpoint.out_of_service.end()) {
        return fail(errc::invalid_parameter_value,
                    "The served entity '" + client.to.entity + "' of the endpoint '" + endpoint.name +
                        "' cannot serve: its state says why.");
    }
    return fail(errc::resource_does_not_exist,
                "The endpoint '" + endpoint.name + "' has no served entity of the given name: '" +
                    client.to.entity.substr(0, 128) + "'.");
}

// The endpoint, if the caller may query it. Only from here on the query counts on the endpoint: nobody else
// moves its metrics.
result<endpoint_ptr> find_allowed(const exchange& client,
                                  const model::caller& by,
                                  std::string_view name,
                                  observe::account& entry) {
    auto endpoint = find_endpoint(client, name);
    if (!endpoint) return endpoint;
    if (auto good = check_may_query(by, **endpoint); !good) return fail(std::move(good).error());
    entry.count_on((*endpoint)->refused.get(), client.here.index, client.here.shared.metrics.size());
    entry.endpoint = endpoint->get();
    return endpoint;
}

// At most so many bytes, and no part of a character.
std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U)
        --most;
    return text.substr(0, most);
}

// What the client says about its call, for log and usage table.
void note_labels(const exchange& client, observe::account& entry) {
    entry.asks_stream = client.call.stream;
    entry.client_request_id = beginning(client.call.client_request_id, most_id_logged);
    const auto* context = client.call.find(providers::unified::known::usage_context);
    if (!context) return;
    entry.usage_context = client.body.substr(context->value_begin, context->value_end - context->value_begin);
}

// The endpoint that a parsed body names, if it does what this path is for.
result<endpoint_ptr> find_named(const exchange& client, const model::caller& by, observe::account& entry) {
    auto endpoint = find_allowed(client, by, client.call.model, entry);
    if (!endpoint) return endpoint;
    auto served = serving_task(**endpoint);
    if (!served) return fail(std::move(served).error());
    auto good = check_task(client, **endpoint, *served);
    if (!good) return fail(std::move(good).error());
    return endpoint;
}

// On most paths the endpoint's name is in the body, so the body is parsed first; elsewhere the endpoint's
// task says how to parse.
result<endpoint_ptr> parse_and_find(exchange& client, const model::caller& by, observe::account& entry) {
    if (client.to.what == action::openai_path) {
        auto parsed = providers::unified::parse(client.to.kind, client.body, client.call);
        if (!parsed) return fail(std::move(parsed).error());
        if (client.call.model.empty())
            return fail(errc::bad_request, "The request must name the endpoint in \"model\".");
        return find_named(client, by, entry);
    }
    if (client.to.what == action::native_query) {
        auto parsed = parse_native(client);
        if (!parsed) return fail(std::move(parsed).error());
        return find_named(client, by, entry);
    }
    auto endpoint = find_allowed(client, by, client.to.endpoint, entry);
    if (!endpoint) return endpoint;
    auto served = serving_task(**endpoint);
    if (!served) return fail(std::move(served).error());
    auto good = providers::unified::parse(*served, client.body, client.call);
    if (!good) return fail(std::move(good).error());
    return endpoint;
}

error refused(observe::account& entry, error e) {
    if (e.code == errc::connection_closed) e.code = errc::cancelled; // the client is gone: 499
    entry.status = status_of(e.code).http_status;
    entry.failure = status_of(e.code).error_code;
    return e;
}

// The entity's target for the dialect of the call; null: the gateway answers by itself.
result<const providers::target*> find_target(exchange& client, const providers::target& of) {
    if (client.to.what != action::native_query) return &of;
    return choose_target(client, of);
}

// A call that takes several requests is put to the provider part by part.
result<void> encode(exchange& client, const providers::target& to) {
    client.call.asks_no_usage = to.found && to.found->refuses_stream_options.load(std::memory_order_relaxed);
    return is_batch(client, to) ? result<void>() : to.via->encode(client.call, to, client.upstream);
}

result<void> check_body_coding(const http::request_head& head) {
    const auto coding = http::find(head.fields, "content-encoding");
    if (!coding || coding->empty() || http::iequals(*coding, "identity")) return {};
    return fail(errc::bad_request,
                "A request body with a Content-Encoding is not accepted; send it as it is.");
}

// Is the request to go once more, since the provider has refused what the gateway had added to it for its own
// counts (providers.md §10)? It is encoded without that then.
bool goes_without_usage(exchange& client, const providers::target& to) {
    if (!client.usage_refused || !to.found) return false;
    client.usage_refused = false;
    client.call.asks_no_usage = true;
    return to.via->encode(client.call, to, client.upstream).has_value();
}

// A provider that answers without it is not asked for it again. Noted before the client has the answer: its
// next request may come at once, on another shard.
void note_refusal(const exchange& client,
                  const providers::target& to,
                  int status,
                  const observe::account& entry) {
    if (!to.found || !client.call.asks_no_usage || !is_success(status)) return;
    std::atomic<bool>& refuses = to.found->refuses_stream_options;
    if (refuses.load(std::memory_order_relaxed) || refuses.exchange(true, std::memory_order_relaxed)) return;
    log::info("stream_options_refused", {{"endpoint", entry.endpoint->name}, {"entity", entry.entity->name}});
}

} // namespace

asio::awaitable<void> invoke(exchange& client) {
    shard& here = client.here;
    observe::account entry(here.metrics,
                           here.usage,
                           here.shared.time,
                           client.started,
                           client.wall,
                           here.shared.config.access_log);
    entry.request_id = client.id;
    entry.client_waits = &client.client.waited();

    auto by =
        authenticate(client.head, *client.config, here.credentials, client.wall, key_field(client.to.speaks));
    if (!by) co_return co_await client.fail(refused(entry, std::move(by).error()));
    entry.who = by->who.get();
    auto uncoded = check_body_coding(client.head);
    if (!uncoded) co_return co_await client.fail(refused(entry, std::move(uncoded).error()));
    auto body = co_await client.read_body();
    if (!body) co_return co_await client.fail(refused(entry, std::move(body).error()));
    auto endpoint = parse_and_find(client, *by, entry);
    if (!endpoint) co_return co_await client.fail(refused(entry, std::move(endpoint).error()));
    note_labels(client, entry);
    auto permit = here.limiter.admit(**endpoint, *by->who, here.shared.time.now());
    if (!permit) {
        entry.limited = true;
        co_return co_await client.fail(refused(entry, std::move(permit).error()));
    }
    auto entity = find_entity(client, **endpoint);
    if (!entity) co_return co_await client.fail(refused(entry, std::move(entity).error()));
    entry.entity = entity->get();
    entry.count_on((*entity)->stats.get(), here.index, here.shared.metrics.size());
    auto chosen = find_target(client, (*entity)->target);
    if (!chosen) co_return co_await client.fail(refused(entry, std::move(chosen).error()));
    net::exchange_guard guard(client.client);
    const std::string served = field_line("served-model-name", (*entity)->name);
    if (*chosen == nullptr) {
        co_await client.send(200, "application/json", counted_tokens(client), served);
        entry.bytes_out = client.bytes_out;
        entry.status = client.status;
        co_return;
    }
    const providers::target& to = **chosen;
    result<void> answered = encode(client, to);
    if (answered && is_batch(client, to)) {
        answered = co_await batch(client, guard, to, served, entry, *permit);
    } else if (answered) {
        client.asked = true;
        here.metrics.dropped_members.add(client.upstream.dropped);
        do {
            auto from = co_await forward(client, guard, to, entry, *permit);
            if (from) {
                note_refusal(client, to, (*from)->head().status, entry);
                answered = co_await relay(client, guard, *std::move(from), to, served, entry);
            } else {
                answered = fail(std::move(from).error());
            }
        } while (goes_without_usage(client, to));
    }
    entry.bytes_out = client.bytes_out;
    if (answered) {
        entry.status = client.status;
        co_return;
    }
    error failed = std::move(answered).error();
    guard.rest();
    if (!client.asked) co_return co_await client.fail(refused(entry, std::move(failed)));
    entry.cause = own_words(failed);
    failed = in_provider_form(client, to, std::move(failed));
    if (failed.code != errc::connection_closed) here.metrics.upstream_failures.add();
    if (const int status = status_of(failed.code).http_status; status >= 500) {
        log::warn("query_failed",
                  {{"request_id", client.id},
                   {"endpoint", (*endpoint)->name},
                   {"entity", (*entity)->name},
                   {"status", status}});
    }
    co_await client.fail(refused(entry, std::move(failed)), served);
}

} // namespace sluice::data
