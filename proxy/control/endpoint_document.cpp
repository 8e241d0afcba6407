#include "proxy/control/endpoint_document.hpp"

#include "core/base/base64.hpp"
#include "core/json/reader.hpp"
#include "proxy/control/body.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace sluice::control {

namespace {

namespace bj = boost::json;

constexpr std::array<std::string_view, 4> update_names{"not_updating", "in_progress", "failed", "canceled"};

bj::string to_json(std::string_view text) {
    return bj::string(text.data(), text.size());
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
        if (value.kind == value_kind::reference) member["reference"] = to_json(value.text);
        if (value.kind == value_kind::plaintext) {
            const result<std::string> sealed =
                at.keys.seal(value.secret.reveal(), at.context(entity.name, value.name));
            if (!sealed) return fail(sealed.error());
            member["sealed"] = to_json(base64_encode(*sealed));
        }
        block.push_back(std::move(member));
    }
    return bj::object{{"name", to_json(entity.name)},
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
    return bj::object{
        {"entities", std::move(entities)}, {"routes", std::move(routes)}, {"version", config.version}};
}

bj::array write_texts(const std::vector<std::string>& texts) {
    bj::array out;
    for (const std::string& text : texts)
        out.push_back(to_json(text));
    return out;
}

bj::object write_settings(const endpoint_record& record) {
    bj::array tags;
    for (const tag& each : record.tags) {
        bj::object written{{"key", to_json(each.key)}};
        if (each.value) written["value"] = to_json(*each.value);
        tags.push_back(std::move(written));
    }
    bj::array limits;
    for (const model::rate_limit& limit : record.limits) {
        const bool user = limit.key == model::limit_key::user;
        limits.push_back(bj::object{{"key", user ? "user" : "endpoint"}, {"calls", limit.calls}});
    }
    bj::object out{{"format", 1},
                   {"creator", to_json(record.creator)},
                   {"created", record.created_ms},
                   {"updated", record.updated_ms},
                   {"description", to_json(record.description)},
                   {"tags", std::move(tags)},
                   {"limits", std::move(limits)},
                   {"update", to_json(update_names.at(static_cast<std::size_t>(record.update)))}};
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
        out.entities.push_back(std::move(entity));
    }
    for (const members& route : from.items("routes")) {
        out.routes.push_back(
            {route.required_text("entity"), static_cast<int>(route.required_integer("percentage"))});
    }
    out.version = static_cast<int>(from.required_integer("version"));
    return out;
}

void read_settings(const members& from, endpoint_record& to) {
    to.creator = from.required_text("creator");
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
    for (const members& item : from.items("limits")) {
        const bool user = item.required_text("key") == "user";
        to.limits.push_back(
            {user ? model::limit_key::user : model::limit_key::endpoint, item.required_integer("calls")});
    }
    const std::string update = from.required_text("update");
    for (std::size_t i = 0; i < update_names.size(); ++i) {
        if (update == update_names.at(i)) to.update = static_cast<update_state>(i);
    }
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
    const std::string what = "The stored document of endpoint '" + row.name + "' is damaged: ";
    const result<bj::value> tree = json::parse_tree(row.document);
    if (!tree || !tree->is_object()) return fail(errc::internal_error, what + "it is not a JSON object.");
    findings found;
    const members from(tree->get_object(), "", found);
    endpoint_record out;
    out.id = row.id;
    out.name = row.name;
    if (from.required_integer("format") != 1) found.refuse("'format' is not 1.");
    read_settings(from, out);
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

} // namespace sluice::control
