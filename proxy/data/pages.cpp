#include "proxy/data/pages.hpp"

#include "core/json/writer.hpp"
#include "core/net/signal.hpp"
#include "proxy/data/auth.hpp"
#include "proxy/data/session.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace sluice::data {

namespace asio = boost::asio;

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::uint64_t most_open_body = std::uint64_t{64} * 1024; // of a call that authenticates itself

// Who calls, if what he was authenticated with is good for this call too.
result<std::shared_ptr<const model::principal>> caller_of(exchange& client) {
    auto by = authenticate(client.head, *client.config, client.here.credentials, client.wall);
    if (!by) return fail(std::move(by).error());
    if (auto good = check_may_call(*by, client.head.path); !good) return fail(std::move(good).error());
    return std::move(by->who);
}

std::string base_url(const http::request_head& head) {
    return (came_by_https(head) ? "https://" : "http://") + std::string(head.host);
}

// Whoever sends it is not known yet: nothing large is read for him. `what`: of his, is in the body.
result<void> check_open_body(const http::request_head& head, std::string_view what) {
    if (head.body == http::body_kind::chunked)
        return fail(errc::bad_request, "The body must have a Content-Length.");
    if (head.content_length <= most_open_body) return {};
    return fail(errc::bad_request,
                "The " + std::string(what) + " is too long: the body may have at most " +
                    std::to_string(most_open_body) + " bytes.");
}

result<model::management_request> begin_open(const exchange& client, std::string_view what) {
    if (auto small = check_open_body(client.head, what); !small) return fail(std::move(small).error());
    model::management_request request;
    request.authorization = secret_string(http::find(client.head.fields, "authorization").value_or(""));
    request.content_type = http::find(client.head.fields, "content-type").value_or("");
    return request;
}

// Signing in, the session that a page has after a reload, signing out.
result<model::management_request> begin_session_call(exchange& client) {
    const http::request_head& head = client.head;
    if (auto own = check_origin(head); !own) return fail(std::move(own).error());
    if (head.verb == http::method::post) return begin_open(client, "token");
    const auto cookie = session_cookie(head.fields);
    if (!cookie) return fail(cookie.error());
    if (cookie->empty() || http::find(head.fields, "authorization"))
        return fail(errc::unauthenticated,
                    "Nobody is signed in: the call is made with a session's cookie alone.");
    model::credential_checker& checker = client.here.credentials;
    if (head.verb != http::method::get) {
        if (auto good = check_csrf(head, *cookie, checker); !good) return fail(std::move(good).error());
    }
    auto by = signed_in(*cookie, *client.config, checker, client.wall);
    if (!by) return fail(std::move(by).error());
    model::management_request request;
    request.session =
        model::session_in_use{checker.session_key(*cookie), checker.csrf_token(*cookie), by->expires_ms};
    request.who = std::move(by->who);
    return request;
}

// With what is known of the caller before the body is read.
result<model::management_request> begin_request(exchange& client) {
    if (client.to.what == action::open_management) return begin_open(client, "form");
    if (client.to.what == action::session) return begin_session_call(client);
    auto caller = caller_of(client);
    if (!caller) return fail(std::move(caller).error());
    model::management_request request;
    request.who = *std::move(caller);
    return request;
}

// Where control's answer arrives: shared by the waiting coroutine and the callback, whichever ends last.
struct pending_answer {
    explicit pending_answer(asio::io_context& io)
        : arrived(io.get_executor())
        , work(io.get_executor()) {}
    net::signal arrived;
    asio::executor_work_guard<asio::io_context::executor_type>
        work; // the loop does not end before the answer is here
    model::management_response answer;
    bool done = false;
};

asio::awaitable<model::management_response> ask_control(shard& here, model::management_request request) {
    const asio::any_io_executor executor = here.io.get_executor();
    const auto pending = std::make_shared<pending_answer>(here.io);
    here.shared.control.handle(std::move(request), [pending, executor](model::management_response answer) {
        asio::post(executor, [pending, answer = std::move(answer)]() mutable {
            pending->answer = std::move(answer);
            pending->done = true;
            pending->arrived.notify_inline();
        });
    });
    while (!pending->done)
        co_await pending->arrived.wait();
    co_return std::move(pending->answer);
}

} // namespace

asio::awaitable<void> healthz(exchange& client) {
    co_await client.send(200, json_type, R"({"status":"ok"})", "");
}

asio::awaitable<void> readyz(exchange& client) {
    const phase now = client.here.shared.now.load(std::memory_order_relaxed);
    if (now == phase::serving) {
        co_await client.send(200, json_type, R"({"status":"ready"})", "");
        co_return;
    }
    const error unready{errc::temporarily_unavailable,
                        now == phase::starting ? "The gateway is starting." : "The gateway is draining.",
                        1};
    co_await client.fail(unready);
}

asio::awaitable<void> metrics(exchange& client) {
    auto caller = caller_of(client);
    if (!caller) co_return co_await client.fail(std::move(caller).error());
    if (!(*caller)->is_admin) {
        const error denied{errc::permission_denied, "The gateway's metrics are for admins.", 0};
        co_return co_await client.fail(denied);
    }
    const std::string text = observe::print(client.here.shared.metrics);
    co_await client.send(200, "text/plain; version=0.0.4; charset=utf-8", text, "");
}

asio::awaitable<void> discovery(exchange& client) {
    std::string text;
    json::object_writer out(text);
    out.text("oidc_endpoint", base_url(client.head) + "/oidc");
    out.text("workspace_id", client.config->workspace_id);
    out.text("account_id", client.config->account_id);
    out.text("cloud", "AWS");
    out.close();
    co_await client.send(200, json_type, text, "");
}

asio::awaitable<void> oidc_metadata(exchange& client) {
    const std::string base = base_url(client.head) + "/oidc";
    std::string text;
    json::object_writer out(text);
    out.text("issuer", base);
    out.text("authorization_endpoint",
             base + "/v1/authorize"); // clients want the member; nothing is there yet
    out.text("token_endpoint", base + "/v1/token");
    out.raw("response_types_supported", "[]");
    out.raw("grant_types_supported",
            R"(["client_credentials","urn:ietf:params:oauth:grant-type:jwt-bearer"])");
    out.raw("token_endpoint_auth_methods_supported",
            R"(["client_secret_basic","client_secret_post","none"])");
    out.raw("scopes_supported", R"(["all-apis","model-serving"])");
    out.raw("authorization_details_types_supported", R"(["workspace_permission"])");
    out.close();
    co_await client.send(200, json_type, text, "cache-control: no-store\r\n");
}

asio::awaitable<void> list_models(exchange& client) {
    auto caller = caller_of(client);
    if (!caller) co_return co_await client.fail(std::move(caller).error());
    std::vector<const model::endpoint*> all;
    client.config->endpoints.for_each(
        [&](const std::string&, const std::shared_ptr<const model::endpoint>& one) {
            if (model::permission_of(one->acl, **caller) >= model::permission::can_query)
                all.push_back(one.get());
        });
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    std::string text = R"({"object":"list","data":[)";
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) text += ',';
        json::object_writer out(text);
        out.text("id", all[i]->name);
        out.text("object", "model");
        out.number("created", all[i]->created_ms / 1000);
        out.text("owned_by", all[i]->creator);
        out.close();
    }
    text += "]}";
    co_await client.send(200, json_type, text, "");
}

asio::awaitable<void> unknown_route(exchange& client) {
    const error unknown{errc::endpoint_not_found,
                        "No API found for '" + std::string(client.head.verb_text) + " " +
                            std::string(client.head.path) + "'",
                        0};
    co_await client.fail(unknown);
}

asio::awaitable<void> manage(exchange& client) {
    auto begun = begin_request(client);
    if (!begun) co_return co_await client.fail(std::move(begun).error());
    model::management_request request = *std::move(begun);
    if (client.here.shared.now.load(std::memory_order_relaxed) == phase::starting) {
        const error starting{errc::temporarily_unavailable, "The gateway is starting.", 1};
        co_return co_await client.fail(starting);
    }
    if (const auto coding = http::find(client.head.fields, "content-encoding");
        coding && !http::iequals(*coding, "identity")) {
        const error coded{errc::bad_request,
                          "A request body with a Content-Encoding is not accepted; send it as it is.",
                          0};
        co_return co_await client.fail(coded);
    }
    auto body = co_await client.read_body();
    if (!body) co_return co_await client.fail(std::move(body).error());

    request.method = client.head.verb_text;
    request.path = client.head.path;
    request.query = client.head.query;
    request.body = client.body;
    request.host = client.head.host;
    request.https = came_by_https(client.head);
    request.remote = client.client.remote_address();
    request.request_id = client.id;
    request.user_agent = http::find(client.head.fields, "user-agent").value_or("");
    request.accept = http::find(client.head.fields, "accept").value_or("");
    const model::management_response answer = co_await ask_control(client.here, std::move(request));
    std::string extra = field_line("x-databricks-org-id", client.config->workspace_id);
    if (answer.retry_after_seconds > 0)
        extra += field_line("retry-after", std::to_string(answer.retry_after_seconds));
    for (const auto& [name, value] : answer.headers)
        extra += field_line(name, value);
    co_await client.send(answer.status, answer.content_type, answer.body, extra);
}

} // namespace sluice::data
