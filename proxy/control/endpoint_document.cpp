#include "proxy/control/endpoint_document.hpp"

#include "core/base/base64.hpp"
#include "core/json/reader.hpp"
#include "core/json/text.hpp"
#include "proxy/control/body.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::control {

namespace {

namespace bj = boost::json;

// In the order of the enumerators.
constexpr std::array<std::string_view, 4> update_names{"not_updating", "in_progress", "failed", "canceled"};
constexpr std::array<std::string_view, 4> limit_names{"endpoint", "user", "user_group", "service_principal"};
constexpr std::array<std::string_view, 3> kind_names{"user", "group", "service_principal"};
constexpr std::array<std::string_view, 4> level_names{"", "CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"};

template <class Enum, std::size_t Count>
std::string_view name_of(Enum value, const std::array<std::string_view, Count>& names) {
    return names.at(static_cast<std::size_t>(value));
}

// The enumerator that the text under `key` names; any other text is damage.
template <class Enum, std::size_t Count>
Enum read_enum(const members& from, std::string_view key, const std::array<std::string_view, Count>& names) {
    const auto found = std::ranges::find(names, from.required_text(key));
    if (found != names.end()) return static_cast<Enum>(found - names.begin());
    from.found().refuse("'" + from.where(key) + "' is unknown.");
    return Enum{};
}

// Where a sealed value belongs; `slot` tells the active config from the pending one.
struct place {
    const vault& keys;
    std::string endpoint_id;
    std::string slot;

    [[nodiscard]] std::string context(const std::string& entity, const std::string& field) const {
        return "endpoint/" + endpoint_id + '/' + slot + '/' + entity + '/' + field;
    }
};

result<bj::object> write_entity(const entity_spec& entity, const place& at) {
    bj::array block;
    for (const block_value& value : entity.block) {
        bj::object member{{"name", to_json(value.name)}};
        if (value.kind == value_kind::plain) member["plain"] = to_json(value.text);
        if (value.kind == value_kind::reference) {
            member["reference"] = to_json(value.text);
            member["scope_id"] = value.scope_id;
        }
        if (value.kind == value_kind::plaintext) {
            const result<std::string> sealed =
                at.keys.seal(value.secret.reveal(), at.context(entity.name, value.name));
            if (!sealed) return fail(sealed.error());
            member["sealed"] = to_json(base64_encode(*sealed));
        }
        block.push_back(std::move(member));
    }
    return bj::object{{"id", to_json(entity.id)},
                      {"name", to_json(entity.name)},
                      {"provider", to_json(entity.provider)},
                      {"model", to_json(entity.model)},
                      {"task", to_json(providers::to_string(entity.task))},
                      {"block", std::move(block)},
                      {"creator", to_json(entity.creator)},
                      {"created", entity.created_ms}};
}

result<bj::object> write_config(const endpoint_config& config, const place& at) {
    bj::array entities;
    for (const entity_spec& entity : config.entities) {
        result<bj::object> written = write_entity(entity, at);
        if (!written) return fail(written.error());
        entities.push_back(std::move(*written));
    }
    bj::array routes;
    for (const route_spec& route : config.routes) {
        routes.push_back(bj::object{{"entity", to_json(route.entity)}, {"percentage", route.percentage}});
    }
    bj::object out{{"entities", std::move(entities)},
                   {"routes", std::move(routes)},
                   {"version", config.version},
                   {"author", to_json(config.author)},
                   {"created", config.created_ms}};
    if (config.auto_capture) out["auto_capture"] = *config.auto_capture;
    return out;
}

bj::array write_texts(const std::vector<std::string>& texts) {
    bj::array out;
    for (const std::string& text : texts)
        out.push_back(to_json(text));
    return out;
}

bj::array write_limits(const std::vector<model::rate_limit>& limits) {
    bj::array out;
    for (const model::rate_limit& limit : limits) {
        bj::object written{{"key", to_json(name_of(limit.key, limit_names))}, {"calls", limit.calls}};
        if (!limit.principal_id.empty()) {
            written["principal_id"] = to_json(limit.principal_id);
            written["principal"] = to_json(limit.principal);
        }
        out.push_back(std::move(written));
    }
    return out;
}

bj::array write_acl(const std::vector<model::grant>& acl) {
    bj::array out;
    for (const model::grant& each : acl) {
        out.push_back(bj::object{{"principal", to_json(each.principal)},
                                 {"level", to_json(name_of(each.level, level_names))}});
    }
    return out;
}

bj::object write_gateway(const ai_gateway_config& gateway) {
    bj::object out;
    if (gateway.usage_tracking) out["usage_tracking"] = *gateway.usage_tracking;
    if (gateway.inference_table) out["inference_table"] = *gateway.inference_table;
    if (gateway.guardrails) out["guardrails"] = *gateway.guardrails;
    if (gateway.fallback) out["fallback"] = *gateway.fallback;
    return out;
}

bj::object write_settings(const endpoint_record& record) {
    bj::array tags;
    for (const tag& each : record.tags) {
        bj::object written{{"key", to_json(each.key)}};
        if (each.value) written["value"] = to_json(*each.value);
        tags.push_back(std::move(written));
    }
    bj::object out{{"format", 1},
                   {"creator", to_json(record.creator)},
                   {"creator_display_name", to_json(record.creator_display_name)},
                   {"created", record.created_ms},
                   {"updated", record.updated_ms},
                   {"description", to_json(record.description)},
                   {"tags", std::move(tags)},
                   {"limits", write_limits(record.limits)},
                   {"gateway", write_gateway(record.gateway)},
                   {"route_optimized", record.route_optimized},
                   {"update", to_json(name_of(record.update, update_names))}};
    if (record.creator_kind) out["creator_kind"] = to_json(name_of(*record.creator_kind, kind_names));
    if (record.has_acl) out["acl"] = write_acl(record.acl);
    if (record.budget_policy_id) out["budget_policy_id"] = to_json(*record.budget_policy_id);
    if (record.notifications) {
        out["notifications"] = bj::object{{"success", write_texts(record.notifications->on_update_success)},
                                          {"failure", write_texts(record.notifications->on_update_failure)}};
    }
    return out;
}

block_value read_value(const members& from, const std::string& entity, const place& at) {
    block_value out;
    out.name = from.required_text("name");
    if (const std::optional<std::string> sealed = from.text("sealed")) {
        out.kind = value_kind::plaintext;
        const std::optional<std::string> bytes = base64_decode(*sealed);
        result<secret_string> opened = at.keys.open(bytes.value_or(""), at.context(entity, out.name));
        if (opened) {
            out.secret = std::move(*opened);
        } else {
            from.found().refuse("'" + from.place() + "' cannot be decrypted.");
        }
    } else if (std::optional<std::string> reference = from.text("reference")) {
        out.kind = value_kind::reference;
        out.text = std::move(*reference);
        out.scope_id = from.integer("scope_id").value_or(0); // absent in documents of older versions
    } else {
        out.text = from.required_text("plain");
    }
    return out;
}

endpoint_config read_stored_config(const members& from, const place& at) {
    endpoint_config out;
    for (const members& item : from.items("entities")) {
        entity_spec entity;
        entity.name = item.required_text("name");
        entity.provider = item.required_text("provider");
        entity.model = item.required_text("model");
        const std::optional<providers::task> task = providers::parse_task(item.required_text("task"));
        if (!task) item.found().refuse("'" + item.where("task") + "' is unknown.");
        entity.task = task.value_or(providers::task::chat);
        for (const members& value : item.items("block")) {
            entity.block.push_back(read_value(value, entity.name, at));
        }
        entity.creator = item.required_text("creator");
        entity.created_ms = item.required_integer("created");
        // Documents of the first format have none.
        entity.id = item.text("id").value_or("");
        if (entity.id.empty()) entity.id = make_entity_id(at.endpoint_id, 0, entity.name, entity.created_ms);
        out.entities.push_back(std::move(entity));
    }
    for (const members& route : from.items("routes")) {
        out.routes.push_back(
            {route.required_text("entity"), static_cast<int>(route.required_integer("percentage"))});
    }
    out.version = static_cast<int>(from.required_integer("version"));
    if (const std::optional<members> given = from.child("auto_capture")) out.auto_capture = given->object();
    out.author = from.text("author").value_or("");
    out.created_ms = from.integer("created").value_or(0);
    if (!from.has("author")) { // older documents: as its newest entity says
        for (const entity_spec& entity : out.entities) {
            if (entity.created_ms < out.created_ms) continue;
            out.author = entity.creator;
            out.created_ms = entity.created_ms;
        }
    }
    return out;
}

std::string version_slot(int version) {
    return "version/" + std::to_string(version);
}

std::string damaged(std::string_view endpoint) {
    return "The stored document of endpoint '" + std::string(endpoint) + "' is damaged: ";
}

ai_gateway_config read_gateway_config(const members& from) {
    ai_gateway_config out;
    out.usage_tracking = from.flag("usage_tracking");
    if (const std::optional<members> given = from.child("inference_table"))
        out.inference_table = given->object();
    if (const std::optional<members> given = from.child("guardrails")) out.guardrails = given->object();
    out.fallback = from.flag("fallback");
    return out;
}

// What makes an endpoint more or less open: limits and grants.
void read_rules(const members& from, endpoint_record& to) {
    for (const members& item : from.items("limits")) {
        to.limits.push_back({read_enum<model::limit_key>(item, "key", limit_names),
                             item.required_integer("calls"),
                             item.text("principal_id").value_or(""),
                             item.text("principal").value_or("")});
    }
    to.has_acl = from.has("acl");
    for (const members& item : from.items("acl")) {
        to.acl.push_back(
            {item.required_text("principal"), read_enum<model::permission>(item, "level", level_names)});
    }
}

void read_settings(const members& from, endpoint_record& to) {
    to.creator = from.required_text("creator");
    to.creator_display_name = from.text("creator_display_name").value_or("");
    if (from.has("creator_kind"))
        to.creator_kind = read_enum<model::principal_kind>(from, "creator_kind", kind_names);
    to.created_ms = from.required_integer("created");
    to.updated_ms = from.required_integer("updated");
    to.description = from.required_text("description");
    to.budget_policy_id = from.text("budget_policy_id");
    if (const std::optional<members> given = from.child("notifications")) {
        to.notifications = email_notifications{given->texts("success"), given->texts("failure")};
    }
    for (const members& item : from.items("tags")) {
        to.tags.push_back({item.required_text("key"), item.text("value")});
    }
    if (const std::optional<members> given = from.child("gateway")) to.gateway = read_gateway_config(*given);
    to.route_optimized = from.flag("route_optimized").value_or(false);
    to.update = read_enum<update_state>(from, "update", update_names);
}

} // namespace

result<stored_endpoint> to_row(const endpoint_record& record, const vault& keys) {
    bj::object document = write_settings(record);
    if (record.active) {
        result<bj::object> written = write_config(*record.active, {keys, record.id, "active"});
        if (!written) return fail(written.error());
        document["active"] = std::move(*written);
    }
    if (record.pending) {
        result<bj::object> written = write_config(record.pending->config, {keys, record.id, "pending"});
        if (!written) return fail(written.error());
        (*written)["start"] = record.pending->start_ms;
        (*written)["message"] = to_json(record.pending->message);
        document["pending"] = std::move(*written);
    }
    return stored_endpoint{record.id, record.name, bj::serialize(document)};
}

result<endpoint_record> from_row(const stored_endpoint& row, const vault& keys) {
    const std::string what = damaged(row.name);
    const result<bj::value> tree = json::parse_tree(row.document);
    if (!tree || !tree->is_object()) return fail(errc::internal_error, what + "it is not a JSON object.");
    findings found;
    const members from(tree->get_object(), "", found);
    endpoint_record out;
    out.id = row.id;
    out.name = row.name;
    if (from.required_integer("format") != 1) found.refuse("'format' is not 1.");
    read_settings(from, out);
    read_rules(from, out);
    if (const std::optional<members> active = from.child("active")) {
        out.active = read_stored_config(*active, {keys, row.id, "active"});
    }
    if (const std::optional<members> pending = from.child("pending")) {
        out.pending = pending_config{read_stored_config(*pending, {keys, row.id, "pending"}),
                                     pending->required_integer("start"),
                                     pending->required_text("message")};
    }
    if (const result<void> verdict = found.verdict(); !verdict) {
        return fail(errc::internal_error, what + verdict.error().message);
    }
    return out;
}

result<std::string>
version_document(const endpoint_config& config, std::string_view endpoint_id, const vault& keys) {
    const result<bj::object> written =
        write_config(config, {keys, std::string(endpoint_id), version_slot(config.version)});
    if (!written) return fail(written.error());
    return bj::serialize(*written);
}

result<endpoint_config>
read_version(const stored_version& row, std::string_view endpoint_id, const vault& keys) {
    const std::string what = damaged(endpoint_id) + "version " + std::to_string(row.version) + ": ";
    const result<bj::value> tree = json::parse_tree(row.document);
    if (!tree || !tree->is_object()) return fail(errc::internal_error, what + "it is not a JSON object.");
    findings found;
    const members from(tree->get_object(), "", found);
    endpoint_config out =
        read_stored_config(from, {keys, std::string(endpoint_id), version_slot(row.version)});
    if (const result<void> verdict = found.verdict(); !verdict) {
        return fail(errc::internal_error, what + verdict.error().message);
    }
    return out;
}

} // namespace sluice::control
