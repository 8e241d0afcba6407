// What remains of requests and changes: metrics, logs, OpenAPI documents, usage, audit.
#include "core/json/writer.hpp"
#include "proxy/control/data_plane.hpp"
#include "proxy/control/endpoint_metrics.hpp"
#include "proxy/control/plane_state.hpp"
#include "proxy/openapi/documents.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace sluice::control {

namespace {

// "2023-11-14T22:13:20.000Z"
std::string utc_text(wall_ms at) {
    const std::time_t whole = at / 1000;
    std::tm parts{};
    gmtime_r(&whole, &parts);
    std::array<char, 40> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::string fraction = std::to_string(at % 1000);
    return std::string(text.data(), size) + '.' + std::string(3 - fraction.size(), '0') + fraction + 'Z';
}

std::string log_line(const model::entity_failure& one) {
    std::string out = utc_text(one.when) + " status=" + std::to_string(one.status) +
                      " error_code=" + one.error_code + " request_id=" + one.request_id;
    out += one.cause.empty() ? " the provider answered with an error" : " " + one.cause;
    out += '\n';
    return out;
}

bool has_entity(const std::vector<entity_spec>& entities, std::string_view name) {
    return std::ranges::find(entities, name, &entity_spec::name) != entities.end();
}

openapi::described_endpoint described(const endpoint_record& record) {
    openapi::described_endpoint out;
    out.name = record.name;
    if (!record.active || record.active->entities.empty()) return out;
    out.config_version = record.active->version;
    out.task = record.active->entities.front().task;
    for (const entity_spec& entity : record.active->entities)
        out.entities.push_back(entity.name);
    return out;
}

// Made on the worker thread: the whole document is large.
reply later(std::function<std::string()> make) {
    reply out;
    out.later = [make = std::move(make)]() -> result<reply> { return reply(make()); };
    return out;
}

} // namespace

result<reply> plane_state::dispatch_observe(call what, const call_input& input) {
    switch (what) {
    case call::get_endpoint_metrics: return get_endpoint_metrics(input);
    case call::get_metrics_history: return get_metrics_history(input);
    case call::get_endpoint_openapi: return get_endpoint_openapi(input);
    case call::get_openapi:
        return later([url = base_url_of(input.request)] { return openapi::server_document(url); });
    case call::get_build_logs: return get_served_logs(input, true);
    case call::get_served_logs: return get_served_logs(input, false);
    case call::list_usage: return list_usage(input);
    case call::summarize_usage: return summarize_usage(input);
    case call::list_usage_entities: return list_usage_entities(input);
    case call::list_audit: return list_audit(input);
    default: return fail(errc::not_implemented, "This call is not implemented in this version.");
    }
}

result<reply> plane_state::get_endpoint_metrics(const call_input& input) {
    const result<const endpoint_record*> record = granted(input, model::permission::can_view);
    if (!record) return fail(record.error());
    const metrics_format format = wanted_metrics(input.request.accept);
    const endpoint_stats* stats = stats_.find((*record)->id);
    if (!stats) return fail(errc::internal_error, "the endpoint '" + input.name + "' has no statistics");
    const steady_time now = time_.now();
    reply out(print_metrics(input.name, *stats, usage_of_process_.measure(now), now, format));
    out.content_type = content_type_of(format);
    return out;
}

result<reply> plane_state::get_served_logs(const call_input& input, bool of_build) const {
    const result<const endpoint_record*> record = granted(input, model::permission::can_view);
    if (!record) return fail(record.error());
    const std::string& entity = input.parameters.at(1);
    const std::optional<endpoint_config>& active = (*record)->active;
    const std::optional<pending_config>& pending = (*record)->pending;
    const bool known = (active && has_entity(active->entities, entity)) ||
                       (pending && has_entity(pending->config.entities, entity));
    if (!known) {
        return fail(errc::resource_does_not_exist,
                    "The endpoint '" + input.name + "' has no served entity '" + entity + "'.");
    }
    std::string lines;
    const endpoint_stats* stats = stats_.find((*record)->id);
    const std::shared_ptr<model::entity_stats> of = stats ? stats->find(entity) : nullptr;
    // An external model is not built.
    if (of && !of_build) {
        for (const model::entity_failure& one : of->failures())
            lines += log_line(one);
    }
    std::string out;
    json::object_writer writer(out);
    writer.text("logs", lines);
    writer.close();
    return reply(std::move(out));
}

result<reply> plane_state::get_endpoint_openapi(const call_input& input) const {
    const result<const endpoint_record*> record = granted(input, model::permission::can_view);
    if (!record) return fail(record.error());
    return later([endpoint = described(**record), url = base_url_of(input.request)] {
        return openapi::endpoint_document(endpoint, url);
    });
}

} // namespace sluice::control
