#include "tools/provider/service.hpp"

#include "tools/provider/call.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/generate.hpp"
#include "tools/provider/openai.hpp"
#include "tools/provider/routes.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::sim {

namespace {

// Of paths that belong to no API in particular.
answer openai_error(const api_error& e) {
    return openai_chat().error(e);
}

answer plain_answer(std::string body) {
    answer a;
    a.body = std::move(body);
    return a;
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
std::optional<answer> replaced(const knobs& k, const dialect& speaks) {
    if (k.html) return html_answer(k.error_status == 0 ? 200 : k.error_status);
    if (k.error_status != 0) return speaks.error(simulated_error(k.error_status));
    if (k.redirect) {
        answer a = plain_answer("{}");
        a.status = 307;
        a.fields = "Location: /__redirected\r\n";
        return a;
    }
    return std::nullopt;
}

// The knobs that change a right JSON answer.
void spoil(answer& a, const knobs& k, const dialect& speaks) {
    if (k.error_after && !a.events) a.body = speaks.error(simulated_error(500)).body;
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

answer answer_call(const call& c, const knobs& k, const http_request& request, const dialect& speaks) {
    if (c.task == task_kind::embeddings) return speaks.say(c, k, {});
    received from;
    from.body = request.body;
    const std::string head = k.echo == echo_kind::head ? head_text(request) : std::string();
    from.head = head;
    return speaks.say(c, k, generate(c, k, from));
}

script finished(answer a, const knobs& k, const http_request& request) {
    if (k.retry_after_seconds) a.fields += "Retry-After: " + std::to_string(*k.retry_after_seconds) + "\r\n";
    a.keep_alive = request.keep_alive;
    a.http_1_0 = request.http_1_0;
    return {std::move(a), k};
}

script respond_api(const exchange& of, const dialect& speaks, stats& counters) {
    const http_request& request = of.request;
    if (const std::optional<api_error> refused = speaks.refuse(of))
        return finished(speaks.error(*refused), {}, request);
    const api_result<call> c = speaks.read(of);
    const result<knobs> k = knobs_of(request, c ? c->model : std::string());
    if (!k) return finished(speaks.error(unknown_knob(k.error())), knobs{}, request);
    if (!c) return finished(speaks.error(c.error()), *k, request);
    if (std::optional<answer> other = replaced(*k, speaks)) return finished(std::move(*other), *k, request);
    answer a = answer_call(*c, *k, request, speaks);
    if (a.status == 200) spoil(a, *k, speaks);
    if (a.events) counters.streams.fetch_add(1, std::memory_order_relaxed);
    return finished(std::move(a), *k, request);
}

// The knobs that need no call: delays, errors and faults of the connection.
script respond_plain(const exchange& of, plain_respond respond_to) {
    const result<knobs> k = parse_knobs(field_value(of.request, "x-sim"));
    if (!k) return finished(openai_error(unknown_knob(k.error())), {}, of.request);
    if (k->error_status != 0) return finished(openai_error(simulated_error(k->error_status)), *k, of.request);
    return finished(respond_to(of), *k, of.request);
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
    return openai_error(e);
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

script respond(const http_request& request, const access& who, std::int64_t now, stats& counters) {
    const std::size_t mark = std::min(request.target.find('?'), request.target.size());
    const std::string_view path = request.target.substr(0, mark);
    if (std::optional<answer> own = respond_own(path, counters))
        return finished(std::move(*own), {}, request);

    counters.requests.fetch_add(1, std::memory_order_relaxed);
    counters.bytes_in.fetch_add(request.body.size(), std::memory_order_relaxed);
    found_route found = find_route(request.method, path, request.target.substr(mark));
    const exchange of{request, who, now, std::move(found.model)};
    if (found.to != nullptr && found.to->api != nullptr) return respond_api(of, *found.to->api, counters);
    if (found.to != nullptr) return respond_plain(of, found.to->plain);
    if (const std::optional<api_error> refused = refuse_openai_key(of))
        return finished(openai_error(*refused), {}, request);
    if (path == "/v1/models" && request.method == "GET")
        return finished(plain_answer(models_body()), {}, request);
    return finished(refuse_route(request, path, found.other_method || path == "/v1/models"), {}, request);
}

} // namespace sluice::sim
