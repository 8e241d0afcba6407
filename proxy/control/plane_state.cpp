#include "proxy/control/plane_state.hpp"

#include "core/base/log.hpp"
#include "proxy/control/apply_config.hpp"
#include "proxy/control/body.hpp"
#include "proxy/control/endpoint_document.hpp"
#include "proxy/control/signing_key.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view mlflow_prefix = "/api/2.0/endpoints"; // its client reads errors of another form

model::management_response to_response(const error& e, const model::management_request& request) {
    error shown = e;
    if (e.code == errc::internal_error) {
        // The text is for the operator: it may name files.
        log::error("management_call_failed", {{"request_id", request.request_id}, {"cause", e.message}});
        shown.message = "The gateway could not complete the request; its log says why.";
    }
    model::management_response out;
    out.status = status_of(shown.code).http_status;
    out.body = request.path.starts_with(mlflow_prefix) ? detail_error_body(shown) : error_body(shown);
    out.retry_after_seconds = shown.retry_after_seconds;
    return out;
}

model::management_response to_response(result<reply> answer, const model::management_request& request) {
    if (!answer) return to_response(answer.error(), request);
    model::management_response out;
    out.status = answer->status;
    out.body = std::move(answer->body);
    out.content_type = std::move(answer->content_type);
    out.headers = std::move(answer->headers);
    return out;
}

result<reply> to_reply(const result<boost::json::value>& answer) {
    if (!answer) return fail(answer.error());
    return boost::json::serialize(*answer);
}

} // namespace

plane_state::plane_state(const proxy::settings& settings,
                         const clock& time,
                         const net::upstream_policy& policy,
                         model::usage_tables* usage,
                         model::metrics_history* history,
                         std::unique_ptr<store> db,
                         std::unique_ptr<vault> keys,
                         std::string start)
    : settings_(settings)
    , time_(time)
    , usage_(usage)
    , history_(history)
    , rules_{settings.single_external_entity}
    , store_(std::move(db))
    , vault_(std::move(keys))
    , secrets_(*store_, *vault_, time)
    , principal_secrets_(*store_, time)
    , oauth_(principal_secrets_, registry_, time)
    , sessions_(*store_, time)
    , registry_(time, settings.update_delay)
    , targets_(secrets_, policy, settings.provider_base_urls)
    , changes_(std::move(start)) {
    secrets_.on_changed([this](std::string_view scope, std::string_view key) {
        changed_secrets_.insert(secret_id(scope, key));
    });
    next_.workspace_id = store_->workspace_id();
    next_.account_id = store_->account_id();
}

result<std::unique_ptr<plane_state>> plane_state::open(const proxy::settings& settings,
                                                       const clock& time,
                                                       const net::upstream_policy& policy,
                                                       model::usage_tables* usage,
                                                       model::metrics_history* history) {
    secret_string unseen;
    return open(settings, time, policy, unseen, usage, history);
}

result<std::unique_ptr<plane_state>> plane_state::open(const proxy::settings& settings,
                                                       const clock& time,
                                                       const net::upstream_policy& policy,
                                                       secret_string& made,
                                                       model::usage_tables* usage,
                                                       model::metrics_history* history) {
    result<std::unique_ptr<store>> db = store::open(settings.data_dir);
    if (!db) return fail(db.error());
    if (usage) { // the directory is ours now
        if (const result<void> opened = usage->open(); !opened) return fail(opened.error());
    }
    if (history) {
        if (const result<void> opened = history->open(); !opened) return fail(opened.error());
    }
    result<std::unique_ptr<vault>> keys = vault::load(**db, settings.master_key);
    if (!keys) return fail(keys.error());
    result<std::string> start = random_hex(8);
    if (!start) return fail(start.error());
    // The constructor is private.
    std::unique_ptr<plane_state> out(new plane_state(
        settings, time, policy, usage, history, std::move(*db), std::move(*keys), std::move(*start)));
    result<std::unique_ptr<identity>> people = identity::open(*out->store_, time, settings.admin_token);
    if (!people) return fail(people.error());
    out->identity_ = std::move(*people);
    made = out->identity_->take_new_admin_token();
    if (const result<void> loaded = out->load(); !loaded) return fail(loaded.error());
    return out;
}

result<void> plane_state::load() {
    const result<secret_string> signing_key = load_signing_key(*store_, *vault_);
    if (!signing_key) return fail(signing_key.error());
    next_.signing_key = std::make_shared<const secret_string>(*signing_key);

    const result<identity_changes> people = identity_->all();
    if (!people) return fail(people.error());
    publish(*people);
    if (result<void> loaded = sessions_.load(next_); !loaded) return loaded;

    if (result<void> loaded = load_endpoints(); !loaded) return loaded;
    const std::shared_ptr<const model::principal> owner = identity_->admin();
    const auto note =
        [this](const std::string& scope, const std::string& key, bool new_scope) -> result<void> {
        if (new_scope) {
            if (result<void> made = audit_file("secrets.createScope", "secrets/" + scope, "", "{}"); !made)
                return made;
        }
        return audit_file("secrets.putSecret", "secrets/" + scope + '/' + key, "", "{}");
    };
    if (result<void> applied = secrets_.apply_config(settings_.secrets, *owner, note); !applied)
        return applied;
    for (const auto& record : registry_.all())
        publish(*record);
    changed_secrets_.clear();
    const auto apply = [this](const create_input& input) { return apply_endpoint(input); };
    if (result<void> applied = apply_config(settings_.endpoints, rules_, *store_, *vault_, apply); !applied) {
        return applied;
    }
    finish_due();
    tell_usage();
    if (must_reopen_) return fail(errc::internal_error, "the secrets of an endpoint cannot be read");
    return {};
}

result<void> plane_state::load_endpoints() {
    const result<std::vector<stored_endpoint>> rows = store_->endpoints();
    if (!rows) return fail(rows.error());
    result<db::transaction> migration = store_->begin();
    if (!migration) return fail(migration.error());
    const result<std::vector<std::string>> without_versions = store_->endpoints_without_versions();
    if (!without_versions) return fail(without_versions.error());
    for (const stored_endpoint& row : *rows) {
        result<endpoint_record> record = from_row(row, *vault_);
        if (!record) return fail(record.error());
        if (!record->has_acl) {
            if (result<void> granted = add_first_grants(*record); !granted) return granted;
            if (result<void> bound = targets_.bind(*record); !bound) return bound;
            const result<stored_endpoint> changed = to_row(*record, *vault_);
            if (!changed) return fail(changed.error());
            if (result<void> written = store_->put_endpoint(*changed); !written) return written;
        }
        if (std::ranges::binary_search(*without_versions, record->id)) {
            if (result<void> kept = keep_versions(nullptr, *record); !kept) return kept;
        }
        registry_.put(std::move(*record));
    }
    return migration->commit();
}

result<void> plane_state::add_first_grants(endpoint_record& record) const {
    const result<std::optional<named_principal>> found =
        identity_->find(model::principal_kind::user, record.creator);
    if (!found) return fail(found.error());
    const std::optional<named_principal>& creator = *found;
    if (creator) record.acl.push_back({creator->id, model::permission::can_manage});
    record.acl.push_back({std::string(model::users_group_id), model::permission::can_query});
    record.has_acl = true;
    return {};
}

std::shared_ptr<const model::principal> plane_state::current(const model::principal& who) const {
    const std::shared_ptr<const model::principal>* now = next_.principals.find(who.id);
    return now ? *now : nullptr;
}

plane_state::answered plane_state::answer(const model::management_request& request) {
    finish_due();
    result<reply> body = answer_call(request);
    // Also after an error: a call may have changed some secrets before it failed.
    republish_changed_secrets();
    if (!body || !body->later) return {to_response(std::move(body), request), {}};
    // A copy of the request: it outlives the call.
    return {{}, [request, later = std::move(body->later)] { return to_response(later(), request); }};
}

result<reply> plane_state::answer_call(const model::management_request& request) {
    result<route_match> route = find_route(request.method, request.path);
    if (!route) return fail(route.error());
    const bool is_open = route->what == call::create_access_token || route->what == call::create_session;
    if (!request.who || is_open) return dispatch_open(route->what, request);
    call_input input{*request.who, request, {}, std::move(route->parameters), {}, nullptr};
    if (!input.parameters.empty()) input.name = input.parameters.front();
    // The audit log names a session by its user, as it does at the sign-in.
    if (route->what == call::delete_session) input.parameters.push_back(request.who->id);
    if (request.method != "DELETE") { // whose body means nothing
        result<boost::json::object> body =
            request.method == "GET" ? parse_query(request.query) : parse_body(request.body);
        if (!body) return fail(body.error());
        input.body = std::move(*body);
    }
    if (const audit_rule* rule = audit_rule_of(route->what)) return change(*rule, input);
    return dispatch(route->what, input);
}

result<reply> plane_state::dispatch(call what, const call_input& input) {
    switch (what) {
    case call::not_built: break;
    case call::create_endpoint:
    case call::list_endpoints:
    case call::list_changes:
    case call::get_endpoint:
    case call::delete_endpoint:
    case call::update_config:
    case call::cancel_update:
    case call::create_provisioned:
    case call::update_provisioned:
    case call::list_providers:
    case call::list_versions:
    case call::restore_version:
    case call::get_optimization_info: return dispatch_endpoints(what, input);
    case call::put_rate_limits:
    case call::patch_tags:
    case call::put_ai_gateway:
    case call::get_ai_gateway:
    case call::patch_notifications:
    case call::patch_telemetry: return dispatch_gateway(what, input);
    case call::get_permissions:
    case call::put_permissions:
    case call::patch_permissions:
    case call::get_permission_levels: return dispatch_permissions(what, input);
    case call::get_endpoint_metrics:
    case call::get_metrics_history:
    case call::get_endpoint_openapi:
    case call::get_build_logs:
    case call::get_served_logs:
    case call::get_openapi:
    case call::list_usage:
    case call::summarize_usage:
    case call::list_usage_entities:
    case call::list_audit: return dispatch_observe(what, input);
    case call::list_mlflow_endpoints:
    case call::get_mlflow_endpoint:
    case call::list_mlflow_limits: return dispatch_mlflow(what, input);
    case call::create_scope:
    case call::list_scopes:
    case call::delete_scope:
    case call::put_secret:
    case call::delete_secret:
    case call::list_secrets:
    case call::get_secret:
    case call::put_acl:
    case call::delete_acl:
    case call::get_acl:
    case call::list_acls: return dispatch_secrets(what, input);
    case call::create_principal_secret:
    case call::list_principal_secrets:
    case call::delete_principal_secret: return dispatch_oauth(what, input);
    case call::create_session:
    case call::get_session:
    case call::delete_session: return dispatch_session(what, input);
    default: return dispatch_identity(what, input);
    }
    return fail(errc::not_implemented, "This call is not implemented in this version.");
}

result<reply> plane_state::dispatch_secrets(call what, const call_input& input) {
    switch (what) {
    case call::create_scope: return to_reply(secrets_.create_scope(input.body, input.who));
    case call::list_scopes: return to_reply(secrets_.list_scopes(input.who));
    case call::delete_scope: return to_reply(secrets_.delete_scope(input.body, input.who));
    case call::put_secret: return to_reply(secrets_.put(input.body, input.who));
    case call::delete_secret: return to_reply(secrets_.remove(input.body, input.who));
    case call::list_secrets: return to_reply(secrets_.list(input.body, input.who));
    case call::get_secret: return to_reply(secrets_.get(input.body, input.who));
    case call::put_acl: return to_reply(secrets_.put_acl(input.body, input.who));
    case call::delete_acl: return to_reply(secrets_.delete_acl(input.body, input.who));
    case call::get_acl: return to_reply(secrets_.get_acl(input.body, input.who));
    default: return to_reply(secrets_.list_acls(input.body, input.who));
    }
}

void plane_state::publish(const identity_changes& changes) {
    struct principal_change {
        std::string_view key;
        std::optional<std::shared_ptr<const model::principal>> value;
    };
    struct token_change {
        std::string_view key;
        std::optional<model::token> value;
    };
    std::vector<principal_change> people;
    people.reserve(changes.principals.size() + changes.principals_removed.size());
    for (const auto& who : changes.principals)
        people.push_back({who->id, who});
    for (const std::string& id : changes.principals_removed)
        people.push_back({id, std::nullopt});
    std::vector<token_change> tokens;
    tokens.reserve(changes.tokens.size() + changes.tokens_removed.size());
    for (const auto& [key, token] : changes.tokens)
        tokens.push_back({key, token});
    for (const std::string& key : changes.tokens_removed)
        tokens.push_back({key, std::nullopt});
    next_.principals = next_.principals.with_all(people);
    next_.tokens = next_.tokens.with_all(tokens);
    changed_ = true;
}

void plane_state::publish(const endpoint_record& record) {
    const endpoint_stats& stats = stats_.follow(record);
    tell_history(record, stats);
    built_endpoint built = targets_.build(record, stats);
    if (built.store_failed) {
        must_reopen_ = true; // until then the last one serves
        return;
    }
    for (const auto& [entity, reason] : built.broken) {
        log::warn("served_entity_broken",
                  {{"endpoint", record.name}, {"entity", entity}, {"reason", reason}});
    }
    next_.endpoints = next_.endpoints.with(record.name, std::move(built.value));
    broken_.erase(record.name);
    summaries_.erase(record.name);
    changes_.changed(record.name);
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
