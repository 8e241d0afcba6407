// The calls of the mlflow gateway client, get_deploy_client("http://…") (api.md §15). It knows endpoints that
// serve something, without states and versions.
#include "core/json/writer.hpp"
#include "proxy/control/plane_state.hpp"

namespace sluice::control {

namespace {

// Null for an endpoint that serves nothing: the client has no way to show it.
const entity_spec* first_entity(const endpoint_record& record) {
    return record.active && !record.active->entities.empty() ? &record.active->entities.front() : nullptr;
}

void write_endpoint(std::string& out, const endpoint_record& record, const entity_spec& entity) {
    json::object_writer to(out);
    to.text("name", record.name);
    to.text("endpoint_type", providers::to_string(entity.task));
    to.key("model");
    json::object_writer model(out);
    model.text("name", entity.model);
    model.text("provider", entity.provider);
    model.close();
    // The client puts its own host in front.
    to.text("endpoint_url", "/endpoints/" + record.name + "/invocations");
    to.raw("limit", "null"); // the client needs the key
    to.close();
}

} // namespace

result<reply> plane_state::dispatch_mlflow(call what, const call_input& input) {
    if (what == call::list_mlflow_limits) {
        return fail(errc::not_implemented, "Limits are part of the serving endpoints here.");
    }
    if (what == call::list_mlflow_endpoints) return list_mlflow_endpoints(input.who);
    const result<const endpoint_record*> record = granted(input, model::permission::can_view);
    if (!record) return fail(record.error());
    const entity_spec* entity = first_entity(**record);
    if (!entity) {
        return fail(errc::resource_does_not_exist, "The endpoint '" + input.name + "' serves nothing yet.");
    }
    std::string out;
    write_endpoint(out, **record, *entity);
    return out;
}

result<reply> plane_state::list_mlflow_endpoints(const model::principal& who) const {
    std::string out = R"({"endpoints":[)";
    bool first = true;
    for (const auto& record : registry_.all()) {
        const entity_spec* entity = first_entity(*record);
        if (!entity || model::permission_of(record->acl, who) < model::permission::can_view) continue;
        if (!first) out += ',';
        first = false;
        write_endpoint(out, *record, *entity);
    }
    out += R"(],"next_page_token":null})";
    return out;
}

} // namespace sluice::control
