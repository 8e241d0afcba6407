#include "proxy/control/audit.hpp"

#include "core/json/reader.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace sluice::control {

namespace {

constexpr std::array rules{
    audit_rule{call::create_endpoint,
               "modelServing.createServingEndpoint",
               call::not_built,
               "serving-endpoints",
               {"name", ""}},
    audit_rule{call::delete_endpoint,
               "modelServing.deleteServingEndpoint",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::update_config,
               "modelServing.updateServingEndpointConfig",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::cancel_update,
               "modelServing.cancelServingEndpointConfigUpdate",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::restore_version,
               "modelServing.restoreServingEndpointConfig",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::put_rate_limits,
               "modelServing.updateServingEndpointRateLimits",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::patch_tags,
               "modelServing.updateServingEndpointTags",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::put_ai_gateway,
               "modelServing.updateServingEndpointAiGateway",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::patch_notifications,
               "modelServing.updateServingEndpointNotifications",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::patch_telemetry,
               "modelServing.updateServingEndpointTelemetryConfig",
               call::get_endpoint,
               "serving-endpoints",
               {}},
    audit_rule{call::put_permissions,
               "modelServing.changeInferenceEndpointAcl",
               call::get_permissions,
               "permissions/serving-endpoints",
               {}},
    audit_rule{call::patch_permissions,
               "modelServing.changeInferenceEndpointAcl",
               call::get_permissions,
               "permissions/serving-endpoints",
               {}},
    audit_rule{call::create_scope, "secrets.createScope", call::not_built, "secrets", {"scope", ""}},
    audit_rule{call::delete_scope, "secrets.deleteScope", call::not_built, "secrets", {"scope", ""}},
    audit_rule{call::put_secret, "secrets.putSecret", call::not_built, "secrets", {"scope", "key"}},
    audit_rule{call::delete_secret, "secrets.deleteSecret", call::not_built, "secrets", {"scope", "key"}},
    audit_rule{call::put_acl, "secrets.putAcl", call::get_acl, "secrets/acls", {"scope", "principal"}},
    audit_rule{call::delete_acl, "secrets.deleteAcl", call::get_acl, "secrets/acls", {"scope", "principal"}},
    audit_rule{call::create_user, "accounts.add", call::not_built, "users", {}},
    audit_rule{call::put_user, "accounts.updateUser", call::get_user, "users", {}},
    audit_rule{call::patch_user, "accounts.updateUser", call::get_user, "users", {}},
    audit_rule{call::delete_user, "accounts.delete", call::get_user, "users", {}},
    audit_rule{call::create_group, "accounts.createGroup", call::not_built, "groups", {}},
    audit_rule{call::put_group, "accounts.updateGroup", call::get_group, "groups", {}},
    audit_rule{call::patch_group, "accounts.updateGroup", call::get_group, "groups", {}},
    audit_rule{call::delete_group, "accounts.removeGroup", call::get_group, "groups", {}},
    audit_rule{call::create_service_principal, "accounts.add", call::not_built, "service-principals", {}},
    audit_rule{call::put_service_principal,
               "accounts.updateServicePrincipal",
               call::get_service_principal,
               "service-principals",
               {}},
    audit_rule{call::patch_service_principal,
               "accounts.updateServicePrincipal",
               call::get_service_principal,
               "service-principals",
               {}},
    audit_rule{call::delete_service_principal,
               "accounts.delete",
               call::get_service_principal,
               "service-principals",
               {}},
    audit_rule{call::create_token, "accounts.generateDbToken", call::not_built, "tokens", {}},
    audit_rule{call::delete_token, "accounts.revokeDbToken", call::not_built, "tokens", {"token_id", ""}},
    audit_rule{call::create_token_on_behalf, "accounts.generateDbToken", call::not_built, "tokens", {}},
    audit_rule{call::delete_any_token, "accounts.revokeDbToken", call::get_any_token, "tokens", {}},
    audit_rule{call::create_principal_secret,
               "accounts.createServicePrincipalSecret",
               call::not_built,
               "service-principals/secrets",
               {}},
    audit_rule{call::delete_principal_secret,
               "accounts.deleteServicePrincipalSecret",
               call::not_built,
               "service-principals/secrets",
               {}},
    audit_rule{call::create_session, "accounts.tokenLogin", call::not_built, "sessions", {}},
    audit_rule{call::delete_session, "accounts.logout", call::not_built, "sessions", {}},
};

constexpr std::array<std::string_view, 4> shown_once{"token_value", "secret", "secret_hash", "csrf_token"};

std::string text_at(const boost::json::object& object, std::string_view key) {
    const boost::json::value* found = object.if_contains(boost::json::string_view(key.data(), key.size()));
    if (!found || !found->is_string()) return {};
    return {found->get_string().data(), found->get_string().size()};
}

boost::json::object object_of(std::string_view answer) {
    result<boost::json::value> tree = json::parse_tree(answer);
    if (!tree || !tree->is_object()) return {};
    return std::move(tree->get_object());
}

// The id of what a call has made, by its answer.
std::string id_in(std::string_view answer) {
    const boost::json::object made = object_of(answer);
    if (std::string id = text_at(made, "id"); !id.empty()) return id;
    const boost::json::value* info = made.if_contains("token_info");
    return info && info->is_object() ? text_at(info->get_object(), "token_id") : std::string();
}

} // namespace

const audit_rule* audit_rule_of(call what) noexcept {
    const auto found = std::ranges::find(rules, what, &audit_rule::what);
    return found == rules.end() ? nullptr : &*found;
}

std::string audit_target(const audit_rule& rule,
                         const std::vector<std::string>& parameters,
                         const boost::json::object& body,
                         std::string_view answer) {
    std::string out(rule.kind);
    const auto add = [&out](std::string_view part) {
        if (!part.empty()) out.append("/").append(part);
    };
    for (const std::string& each : parameters) {
        add(each);
        if (rule.what == call::restore_version) break; // the change is the endpoint's
    }
    for (const std::string_view member : rule.members) {
        if (!member.empty()) add(text_at(body, member));
    }
    if (out.size() == rule.kind.size() || rule.what == call::create_principal_secret) add(id_in(answer));
    return out;
}

std::string audit_text(std::string_view answer) {
    if (answer.empty()) return {};
    boost::json::object kept = object_of(answer);
    for (const std::string_view key : shown_once)
        kept.erase(boost::json::string_view(key.data(), key.size()));
    std::string text = boost::json::serialize(kept);
    if (text.size() <= max_audit_bytes) return text;
    return R"({"truncated":true,"bytes":)" + std::to_string(text.size()) + "}";
}

} // namespace sluice::control
