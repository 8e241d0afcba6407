#include "tools/provider/service.hpp"

#include "tools/provider/anthropic.hpp"
#include "tools/provider/call.hpp"
#include "tools/provider/generate.hpp"
#include "tools/provider/openai.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <utility>

namespace sluice::sim {

namespace {

bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

enum class dialect : std::uint8_t { openai, anthropic };

struct route {
    dialect speaks = dialect::openai;
    task_kind task = task_kind::chat;
    std::string_view deployment; // of an Azure path
};

std::optional<task_kind> task_of(std::string_view path) noexcept {
    if (path == "chat/completions") return task_kind::chat;
    if (path == "completions") return task_kind::completions;
    if (path == "embeddings") return task_kind::embeddings;
    return std::nullopt;
}

constexpr std::string_view messages_path = "/v1/messages";
constexpr std::string_view azure_root = "/openai/deployments/";

// Azure refuses paths without api-version as it refuses unknown ones.
std::optional<route> route_of(std::string_view path, std::string_view query) noexcept {
    constexpr std::string_view root = "/v1/";
    route out;
    std::string_view rest;
    if (path == messages_path) {
        out.speaks = dialect::anthropic;
        return out;
    }
    if (path.starts_with(root)) {
        rest = path.substr(root.size());
    } else if (path.starts_with(azure_root) && query.find("api-version=") != std::string_view::npos) {
        rest = path.substr(azure_root.size());
        const std::size_t slash = rest.find('/');
        if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
        out.deployment = rest.substr(0, slash);
        rest.remove_prefix(slash + 1);
    }
    const std::optional<task_kind> task = task_of(rest);
    if (!task) return std::nullopt;
    out.task = *task;
    return out;
}

std::string error_text(const api_error& e, dialect speaks) {
    return speaks == dialect::anthropic ? anthropic::error_body(e) : error_body(e);
}

answer error_answer(const api_error& e, dialect speaks = dialect::openai) {
    answer a;
    a.status = e.status;
    a.body = error_text(e, speaks);
    return a;
}

answer plain_answer(std::string body) {
    answer a;
    a.body = std::move(body);
    return a;
}

std::optional<api_error> refuse_key(const http_request& request, std::string_view api_key) {
    if (api_key.empty()) return std::nullopt;
    constexpr std::string_view scheme = "bearer ";
    const std::string_view authorization = field_value(request, "authorization");
    std::string_view sent = field_value(request, "api-key");
    if (authorization.size() > scheme.size() && same_name(authorization.substr(0, scheme.size()), scheme))
        sent = authorization.substr(scheme.size());
    if (sent == api_key) return std::nullopt;
    if (sent.empty()) return missing_key();
    return wrong_key(sent);
}

std::string head_text(const http_request& request) {
    std::string out = std::string(request.method) + ' ' + std::string(request.target);
    for (const header_field& f : request.fields) {
        out += '\n';
        out += f.name;
        out += ": ";
        // Field values may hold bytes that are no UTF-8; JSON cannot.
        for (const char c : f.value)
            out += c >= ' ' && c <= '~' ? c : '?';
    }
    return out;
}

result<knobs> knobs_of(const http_request& request, std::string_view model) {
    const std::string_view spec = field_value(request, "x-sim");
    result<knobs> k = spec.empty() ? knobs_of_model(model) : parse_knobs(spec);
    if (k && field_value(request, "x-sim-echo") == "1") k->echo = echo_kind::input;
    return k;
}

api_error unknown_knob(const error& e) {
    api_error out;
    out.message = e.message;
    out.code = "unknown_knob";
    return out;
}

answer html_answer(int status) {
    answer a;
    a.status = status;
    a.content_type = "text/html; charset=utf-8";
    a.body = "<!DOCTYPE html>\n<html><head><title>Simulated page</title></head><body><h1>This is not "
             "JSON</h1></body></html>\n";
    return a;
}

// The knobs that put another answer in the place of the right one.
std::optional<answer> replaced(const knobs& k, dialect speaks) {
    if (k.html) return html_answer(k.error_status == 0 ? 200 : k.error_status);
    if (k.error_status != 0) return error_answer(simulated_error(k.error_status), speaks);
    if (k.redirect) {
        answer a = plain_answer("{}");
        a.status = 307;
        a.fields = "Location: /__redirected\r\n";
        return a;
    }
    return std::nullopt;
}

// The knobs that change a right JSON answer.
void spoil(answer& a, const knobs& k, dialect speaks) {
    if (k.error_after && !a.events) a.body = error_text(simulated_error(500), speaks);
    if (k.status == 204) {
        a.status = 204;
        a.body.clear();
        a.events.reset();
    } else if (k.status >= 200) {
        a.status = k.status;
    }
    if (k.array) a.body = '[' + a.body + ']';
    if (k.bad_json) a.body.resize(a.body.size() / 2);
}

answer answer_call(const call& c, const knobs& k, const http_request& request, dialect speaks) {
    if (c.task == task_kind::embeddings) {
        api_result<std::string> body = embeddings_body(c, k);
        return body ? plain_answer(std::move(*body)) : error_answer(body.error());
    }
    received from;
    from.body = request.body;
    const std::string head = k.echo == echo_kind::head ? head_text(request) : std::string();
    from.head = head;
    std::vector<generated> choices = generate(c, k, from);
    answer a;
    if (c.stream) {
        a.content_type = "text/event-stream; charset=utf-8";
        a.fields = "Cache-Control: no-cache\r\n";
        a.events = speaks == dialect::anthropic ? anthropic::message_stream(c, k, std::move(choices.front()))
                                                : completion_stream(c, k, std::move(choices));
    } else {
        a.body = speaks == dialect::anthropic ? anthropic::message_body(c, k, std::move(choices.front()))
                                              : completion_body(c, k, std::move(choices));
    }
    return a;
}

script finished(answer a, const knobs& k, const http_request& request) {
    if (k.retry_after_seconds) a.fields += "Retry-After: " + std::to_string(*k.retry_after_seconds) + "\r\n";
    a.keep_alive = request.keep_alive;
    a.http_1_0 = request.http_1_0;
    return {std::move(a), k};
}

script respond_api(const http_request& request, const route& to, stats& counters) {
    const std::string_view type = field_value(request, "content-type");
    api_result<call> c = to.speaks == dialect::anthropic
                             ? anthropic::read_call(type, request.body)
                             : read_call(to.task, to.deployment, type, request.body);
    const result<knobs> k = knobs_of(request, c ? c->model : std::string());
    if (!k) return finished(error_answer(unknown_knob(k.error()), to.speaks), knobs{}, request);
    if (!c) return finished(error_answer(c.error(), to.speaks), *k, request);
    if (std::optional<answer> other = replaced(*k, to.speaks))
        return finished(std::move(*other), *k, request);
    answer a = answer_call(*c, *k, request, to.speaks);
    if (a.status == 200) spoil(a, *k, to.speaks);
    if (a.events) counters.streams.fetch_add(1, std::memory_order_relaxed);
    return finished(std::move(a), *k, request);
}

answer refuse_route(const http_request& request, std::string_view path, bool known) {
    api_error e;
    e.status = 404;
    e.message = "Invalid URL (" + std::string(request.method) + ' ' + std::string(path) + ')';
    if (known) {
        e.status = 405;
        e.message = "Not allowed to " + std::string(request.method) + " on " + std::string(path) + '.';
        e.code = "method_not_supported";
    } else if (path.starts_with("/openai/")) {
        e.message = "Resource not found";
        e.code = "404";
    }
    return error_answer(e);
}

// Paths that are about the simulated provider itself: not counted as requests, no key asked for.
std::optional<answer> respond_own(std::string_view path, stats& counters) {
    if (path == "/healthz") return plain_answer("{\"status\":\"ok\"}\n");
    if (path == "/__stats") return plain_answer(stats_json(counters));
    if (path == "/__redirected") {
        counters.redirected.fetch_add(1, std::memory_order_relaxed);
        return plain_answer("{\"redirected\":true}\n");
    }
    return std::nullopt;
}

} // namespace

std::string_view field_value(const http_request& request, std::string_view name) noexcept {
    for (const header_field& f : request.fields)
        if (same_name(f.name, name)) return f.value;
    return {};
}

script respond(const http_request& request, std::string_view api_key, stats& counters) {
    const std::size_t mark = std::min(request.target.find('?'), request.target.size());
    const std::string_view path = request.target.substr(0, mark);
    if (std::optional<answer> own = respond_own(path, counters))
        return finished(std::move(*own), {}, request);

    counters.requests.fetch_add(1, std::memory_order_relaxed);
    counters.bytes_in.fetch_add(request.body.size(), std::memory_order_relaxed);
    const std::optional<route> to = route_of(path, request.target.substr(mark));
    const dialect speaks = to ? to->speaks : dialect::openai;
    const std::optional<api_error> refused =
        speaks == dialect::anthropic ? anthropic::refuse_fields(field_value(request, "x-api-key"),
                                                                field_value(request, "anthropic-version"),
                                                                api_key)
                                     : refuse_key(request, api_key);
    if (refused) return finished(error_answer(*refused, speaks), {}, request);
    if (to && request.method == "POST") return respond_api(request, *to, counters);
    if (path == "/v1/models" && request.method == "GET")
        return finished(plain_answer(models_body()), {}, request);
    return finished(refuse_route(request, path, to.has_value() || path == "/v1/models"), {}, request);
}

} // namespace sluice::sim
