#include "proxy/control/plane_state.hpp"

#include "core/base/log.hpp"
#include "proxy/control/apply_config.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/endpoint_document.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace sluice::control {

namespace {

model::management_response to_response(const error& e, const model::management_request& request) {
    error shown = e;
    if (e.code == errc::internal_error) {
        // The text is for the operator: it may name files.
        log::error("management_call_failed", {{"request_id", request.request_id}, {"cause", e.message}});
        shown.message = "The gateway could not complete the request; its log says why.";
    }
    model::management_response out;
    out.status = status_of(shown.code).http_status;
    out.body = error_body(shown);
    out.retry_after_seconds = shown.retry_after_seconds;
    return out;
}

result<std::string> to_text(const result<boost::json::value>& answer) {
    if (!answer) return fail(answer.error());
    return boost::json::serialize(*answer);
}

} // namespace

plane_state::plane_state(const proxy::settings& settings,
                         const clock& time,
                         const net::upstream_policy& policy,
                         std::unique_ptr<store> db,
                         std::unique_ptr<vault> keys)
    : settings_(settings)
    , rules_{settings.single_external_entity}
    , store_(std::move(db))
    , vault_(std::move(keys))
    , secrets_(*store_, *vault_, time)
    , registry_(time, settings.update_delay)
    , targets_(secrets_, policy, settings.provider_base_urls) {
    secrets_.on_changed([this](std::string_view scope, std::string_view key) {
        changed_secrets_.insert(secret_id(scope, key));
    });
    next_.workspace_id = store_->workspace_id();
    next_.account_id = store_->account_id();
}

result<std::unique_ptr<plane_state>>
plane_state::open(const proxy::settings& settings, const clock& time, const net::upstream_policy& policy) {
    secret_string unseen;
    return open(settings, time, policy, unseen);
}

result<std::unique_ptr<plane_state>> plane_state::open(const proxy::settings& settings,
                                                       const clock& time,
                                                       const net::upstream_policy& policy,
                                                       secret_string& made) {
    result<std::unique_ptr<store>> db = store::open(settings.data_dir);
    if (!db) return fail(db.error());
    result<std::unique_ptr<vault>> keys = vault::load(**db, settings.master_key);
    if (!keys) return fail(keys.error());
    std::unique_ptr<plane_state> out(new plane_state(
        settings, time, policy, std::move(*db), std::move(*keys))); // the constructor is private
    result<std::unique_ptr<identity>> people = identity::open(*out->store_, time, settings.admin_token);
    if (!people) return fail(people.error());
    out->identity_ = std::move(*people);
    made = out->identity_->take_new_admin_token();
    if (const result<void> loaded = out->load(); !loaded) return fail(loaded.error());
    return out;
}

result<void> plane_state::load() {
    const result<std::vector<snapshot_token>> tokens = identity_->tokens();
    if (!tokens) return fail(tokens.error());
    publish(token_changes{*tokens, {}});

    const result<std::vector<stored_endpoint>> rows = store_->endpoints();
    if (!rows) return fail(rows.error());
    for (const stored_endpoint& row : *rows) {
        result<endpoint_record> record = from_row(row, *vault_);
        if (!record) return fail(record.error());
        registry_.put(std::move(*record));
    }
    const std::shared_ptr<const model::principal> owner = identity_->admin();
    if (result<void> applied = secrets_.apply_config(settings_.secrets, *owner); !applied) return applied;
    for (const auto& record : registry_.all())
        publish(*record);
    changed_secrets_.clear();
    const auto apply = [this](const create_input& input) { return apply_endpoint(input); };
    if (result<void> applied = apply_config(settings_.endpoints, rules_, *store_, *vault_, apply); !applied) {
        return applied;
    }
    finish_due();
    return {};
}

model::management_response plane_state::answer(const model::management_request& request) {
    finish_due();
    text_result body = answer_call(request);
    // Also after an error: a call may have changed some secrets before it failed.
    republish_changed_secrets();
    if (!body) return to_response(body.error(), request);
    model::management_response out;
    out.body = std::move(*body);
    return out;
}

plane_state::text_result plane_state::answer_call(const model::management_request& request) {
    result<route_match> route = find_route(request.method, request.path);
    if (!route) return fail(route.error());
    if (route->what == call::not_built) {
        return fail(errc::not_implemented, "This call is not implemented in this version.");
    }
    call_input input{*request.who, {}, {}};
    if (!route->parameters.empty()) input.name = std::move(route->parameters.front());
    if (request.method != "DELETE") { // whose body means nothing
        result<boost::json::object> body =
            request.method == "GET" ? parse_query(request.query) : parse_body(request.body);
        if (!body) return fail(body.error());
        input.body = std::move(*body);
    }
    return dispatch(route->what, input);
}

plane_state::text_result plane_state::dispatch(call what, const call_input& input) {
    switch (what) {
    case call::create_endpoint: return create_endpoint(input);
    case call::list_endpoints: return list_endpoints();
    case call::get_endpoint: return get_endpoint(input);
    case call::delete_endpoint: return delete_endpoint(input);
    case call::update_config: return update_config(input);
    case call::cancel_update: return cancel_update(input);
    case call::put_rate_limits: return put_rate_limits(input);
    case call::patch_tags: return patch_tags(input);
    case call::get_me:
    case call::create_user:
    case call::create_token:
    case call::list_tokens:
    case call::delete_token:
    case call::create_token_on_behalf: return dispatch_identity(what, input);
    default: return dispatch_secrets(what, input);
    }
}

plane_state::text_result plane_state::dispatch_secrets(call what, const call_input& input) {
    switch (what) {
    case call::create_scope: return to_text(secrets_.create_scope(input.body, input.who));
    case call::list_scopes: return to_text(secrets_.list_scopes(input.who));
    case call::delete_scope: return to_text(secrets_.delete_scope(input.body, input.who));
    case call::put_secret: return to_text(secrets_.put(input.body, input.who));
    case call::delete_secret: return to_text(secrets_.remove(input.body, input.who));
    case call::list_secrets: return to_text(secrets_.list(input.body, input.who));
    case call::get_secret: return to_text(secrets_.get(input.body, input.who));
    case call::put_acl: return to_text(secrets_.put_acl(input.body, input.who));
    case call::delete_acl: return to_text(secrets_.delete_acl(input.body, input.who));
    case call::get_acl: return to_text(secrets_.get_acl(input.body, input.who));
    case call::list_acls: return to_text(secrets_.list_acls(input.body, input.who));
    default: return fail(errc::not_implemented, "This call is not implemented in this version.");
    }
}

plane_state::text_result plane_state::dispatch_identity(call what, const call_input& input) {
    if (what == call::get_me) return to_text(identity_->me(input.who));
    const auto run = [&]() -> result<identity_answer> {
        switch (what) {
        case call::create_user: return identity_->create_user(input.body, input.who);
        case call::create_token: return identity_->create_token(input.body, input.who);
        case call::list_tokens: return identity_->list_tokens(input.who);
        case call::delete_token: return identity_->delete_token(input.body, input.who);
        default: return identity_->create_token_for(input.body, input.who);
        }
    };
    const result<identity_answer> answered = run();
    if (!answered) return fail(answered.error());
    if (!answered->changes.empty()) publish(answered->changes);
    return boost::json::serialize(answered->body);
}

void plane_state::publish(const token_changes& changes) {
    for (const auto& [key, token] : changes.added)
        next_.tokens = next_.tokens.with(key, token);
    for (const std::string& key : changes.removed)
        next_.tokens = next_.tokens.without(key);
    changed_ = true;
}

void plane_state::publish(const endpoint_record& record) {
    built_endpoint built = targets_.build(record);
    for (const auto& [entity, reason] : built.broken) {
        log::warn("served_entity_broken",
                  {{"endpoint", record.name}, {"entity", entity}, {"reason", reason}});
    }
    next_.endpoints = next_.endpoints.with(record.name, std::move(built.value));
    broken_.erase(record.name);
    if (!built.broken.empty()) broken_.emplace(record.name, std::move(built.broken));
    changed_ = true;
}

void plane_state::republish_changed_secrets() {
    if (changed_secrets_.empty()) return;
    for (const auto& record : registry_.all()) {
        if (refers_to(*record, changed_secrets_)) publish(*record);
    }
    changed_secrets_.clear();
}

std::shared_ptr<const model::snapshot> plane_state::take_changed() {
    if (!changed_) return nullptr;
    changed_ = false;
    ++next_.version;
    return std::make_shared<const model::snapshot>(next_);
}

} // namespace sluice::control
