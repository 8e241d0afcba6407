#include "proxy/control/routes.hpp"

#include "core/http/framing.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

// The first row that fits wins, so words stand before parameters where both fit.
constexpr std::array table{
    route_row{"POST", "/api/2.0/serving-endpoints", call::create_endpoint},
    route_row{"POST", "/api/2.0/serving-endpoints/", call::create_endpoint}, // mlflow always sends the slash
    route_row{"GET", "/api/2.0/serving-endpoints", call::list_endpoints},
    route_row{"GET", "/api/2.0/serving-endpoints/", call::list_endpoints},
    route_row{"POST", "/api/2.0/serving-endpoints/pt", call::create_provisioned},
    route_row{"PUT", "/api/2.0/serving-endpoints/pt/{}/config", call::update_provisioned},
    route_row{
        "GET", "/api/2.0/serving-endpoints/get-model-optimization-info/{}/{}", call::get_optimization_info},
    route_row{"GET", "/api/2.0/serving-endpoints/{}", call::get_endpoint},
    route_row{"DELETE", "/api/2.0/serving-endpoints/{}", call::delete_endpoint},
    route_row{"PUT", "/api/2.0/serving-endpoints/{}/config", call::update_config},
    route_row{"POST", "/api/2.0/serving-endpoints/{}/config:cancel", call::cancel_update},
    route_row{"PUT", "/api/2.0/serving-endpoints/{}/rate-limits", call::put_rate_limits},
    route_row{"PATCH", "/api/2.0/serving-endpoints/{}/tags", call::patch_tags},
    route_row{"PUT", "/api/2.0/serving-endpoints/{}/ai-gateway", call::put_ai_gateway},
    route_row{"GET", "/api/2.0/serving-endpoints/{}/ai-gateway", call::get_ai_gateway},
    route_row{"PATCH", "/api/2.0/serving-endpoints/{}/notifications", call::patch_notifications},
    route_row{"PATCH", "/api/2.0/serving-endpoints/{}/telemetry-config", call::patch_telemetry},
    route_row{"GET", "/api/2.0/serving-endpoints/{}/metrics", call::get_endpoint_metrics},
    route_row{"GET", "/api/2.0/serving-endpoints/{}/openapi", call::get_endpoint_openapi},
    route_row{"GET", "/api/2.0/serving-endpoints/{}/served-models/{}/build-logs", call::get_build_logs},
    route_row{"GET", "/api/2.0/serving-endpoints/{}/served-models/{}/logs", call::get_served_logs},
    route_row{"GET", "/api/2.0/permissions/serving-endpoints/{}", call::get_permissions},
    route_row{"PUT", "/api/2.0/permissions/serving-endpoints/{}", call::put_permissions},
    route_row{"PATCH", "/api/2.0/permissions/serving-endpoints/{}", call::patch_permissions},
    route_row{
        "GET", "/api/2.0/permissions/serving-endpoints/{}/permissionLevels", call::get_permission_levels},
    // Rights to passwords and to tokens as such: calls of the SDK that have nothing to set here.
    route_row{"GET", "/api/2.0/permissions/authorization/passwords", call::not_built},
    route_row{"PUT", "/api/2.0/permissions/authorization/passwords", call::not_built},
    route_row{"PATCH", "/api/2.0/permissions/authorization/passwords", call::not_built},
    route_row{"GET", "/api/2.0/permissions/authorization/passwords/permissionLevels", call::not_built},
    route_row{"GET", "/api/2.0/permissions/authorization/tokens", call::not_built},
    route_row{"PUT", "/api/2.0/permissions/authorization/tokens", call::not_built},
    route_row{"PATCH", "/api/2.0/permissions/authorization/tokens", call::not_built},
    route_row{"GET", "/api/2.0/permissions/authorization/tokens/permissionLevels", call::not_built},
    route_row{"POST", "/api/2.0/external-function", call::not_built},
    route_row{"POST", "/api/2.0/secrets/scopes/create", call::create_scope},
    route_row{"GET", "/api/2.0/secrets/scopes/list", call::list_scopes},
    route_row{"POST", "/api/2.0/secrets/scopes/delete", call::delete_scope},
    route_row{"POST", "/api/2.0/secrets/put", call::put_secret},
    route_row{"POST", "/api/2.0/secrets/delete", call::delete_secret},
    route_row{"GET", "/api/2.0/secrets/list", call::list_secrets},
    route_row{"GET", "/api/2.0/secrets/get", call::get_secret},
    route_row{"POST", "/api/2.0/secrets/acls/put", call::put_acl},
    route_row{"POST", "/api/2.0/secrets/acls/delete", call::delete_acl},
    route_row{"GET", "/api/2.0/secrets/acls/get", call::get_acl},
    route_row{"GET", "/api/2.0/secrets/acls/list", call::list_acls},
    route_row{"GET", "/api/2.0/preview/scim/v2/Me", call::get_me},
    route_row{"POST", "/api/2.0/preview/scim/v2/Users", call::create_user},
    route_row{"GET", "/api/2.0/preview/scim/v2/Users", call::list_users},
    route_row{"GET", "/api/2.0/preview/scim/v2/Users/{}", call::get_user},
    route_row{"PUT", "/api/2.0/preview/scim/v2/Users/{}", call::put_user},
    route_row{"PATCH", "/api/2.0/preview/scim/v2/Users/{}", call::patch_user},
    route_row{"DELETE", "/api/2.0/preview/scim/v2/Users/{}", call::delete_user},
    route_row{"POST", "/api/2.0/preview/scim/v2/Groups", call::create_group},
    route_row{"GET", "/api/2.0/preview/scim/v2/Groups", call::list_groups},
    route_row{"GET", "/api/2.0/preview/scim/v2/Groups/{}", call::get_group},
    route_row{"PUT", "/api/2.0/preview/scim/v2/Groups/{}", call::put_group},
    route_row{"PATCH", "/api/2.0/preview/scim/v2/Groups/{}", call::patch_group},
    route_row{"DELETE", "/api/2.0/preview/scim/v2/Groups/{}", call::delete_group},
    route_row{"POST", "/api/2.0/preview/scim/v2/ServicePrincipals", call::create_service_principal},
    route_row{"GET", "/api/2.0/preview/scim/v2/ServicePrincipals", call::list_service_principals},
    route_row{"GET", "/api/2.0/preview/scim/v2/ServicePrincipals/{}", call::get_service_principal},
    route_row{"PUT", "/api/2.0/preview/scim/v2/ServicePrincipals/{}", call::put_service_principal},
    route_row{"PATCH", "/api/2.0/preview/scim/v2/ServicePrincipals/{}", call::patch_service_principal},
    route_row{"DELETE", "/api/2.0/preview/scim/v2/ServicePrincipals/{}", call::delete_service_principal},
    route_row{
        "POST", "/api/2.0/accounts/servicePrincipals/{}/credentials/secrets", call::create_principal_secret},
    route_row{
        "GET", "/api/2.0/accounts/servicePrincipals/{}/credentials/secrets", call::list_principal_secrets},
    route_row{"DELETE",
              "/api/2.0/accounts/servicePrincipals/{}/credentials/secrets/{}",
              call::delete_principal_secret},
    route_row{"POST", "/api/2.0/token/create", call::create_token},
    route_row{"GET", "/api/2.0/token/list", call::list_tokens},
    route_row{"POST", "/api/2.0/token/delete", call::delete_token},
    route_row{"PATCH", "/api/2.0/token/{}", call::not_built},
    route_row{"POST", "/api/2.0/token-management/on-behalf-of/tokens", call::create_token_on_behalf},
    route_row{"GET", "/api/2.0/token-management/tokens", call::list_all_tokens},
    route_row{"GET", "/api/2.0/token-management/tokens/{}", call::get_any_token},
    route_row{"DELETE", "/api/2.0/token-management/tokens/{}", call::delete_any_token},
    route_row{"PATCH", "/api/2.0/token-management/tokens/{}", call::not_built},
    route_row{"POST", "/oidc/v1/token", call::create_access_token},
    route_row{"GET", "/openapi.json", call::get_openapi},
    // The Serving UI.
    route_row{"GET", "/api/2.0/sluice/endpoints", call::list_changes},
    route_row{"POST", "/api/2.0/sluice/session", call::create_session},
    route_row{"GET", "/api/2.0/sluice/session", call::get_session},
    route_row{"DELETE", "/api/2.0/sluice/session", call::delete_session},
    // Ours: what a form that makes an endpoint has to ask for.
    route_row{"GET", "/api/2.0/sluice/providers", call::list_providers},
    // Ours: the history of an endpoint's configs and of its metrics.
    route_row{"GET", "/api/2.0/sluice/serving-endpoints/{}/versions", call::list_versions},
    route_row{"POST", "/api/2.0/sluice/serving-endpoints/{}/versions/{}/restore", call::restore_version},
    route_row{"GET", "/api/2.0/sluice/serving-endpoints/{}/metrics-history", call::get_metrics_history},
    // Ours: what the system tables of the real service hold.
    route_row{"GET", "/api/2.0/sluice/usage", call::list_usage},
    route_row{"GET", "/api/2.0/sluice/usage/summary", call::summarize_usage},
    route_row{"GET", "/api/2.0/sluice/served-entities", call::list_usage_entities},
    route_row{"GET", "/api/2.0/sluice/audit", call::list_audit},
    // The mlflow gateway client.
    route_row{"GET", "/api/2.0/endpoints", call::list_mlflow_endpoints},
    route_row{"GET", "/api/2.0/endpoints/", call::list_mlflow_endpoints},
    route_row{"GET", "/api/2.0/endpoints/limits", call::list_mlflow_limits},
    route_row{"GET", "/api/2.0/endpoints/limits/", call::list_mlflow_limits},
    route_row{"GET", "/api/2.0/endpoints/{}", call::get_mlflow_endpoint},
};

// The next segment of "/a/b", without its slash; `rest` starts with a slash or is empty.
std::string_view take_segment(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('/', 1), rest.size());
    const std::string_view segment = rest.substr(1, end - 1);
    rest.remove_prefix(end);
    return segment;
}

// The decoded segments; "/a/" has an empty last one. nullopt: a broken escape.
std::optional<std::vector<std::string>> split(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        std::optional<std::string> decoded = http::percent_decode(take_segment(path));
        if (!decoded) return std::nullopt;
        out.push_back(std::move(*decoded));
    }
    return out;
}

bool fits(const route_row& row, const std::vector<std::string>& segments) {
    std::string_view rest = row.pattern;
    for (const std::string& segment : segments) {
        if (rest.empty()) return false;
        const std::string_view wanted = take_segment(rest);
        if (wanted == "**") return !segment.empty();
        if (wanted == "{}" ? segment.empty() : wanted != segment) return false;
    }
    return rest.empty();
}

std::vector<std::string> parameters_of(const route_row& row, const std::vector<std::string>& segments) {
    std::vector<std::string> out;
    std::string_view rest = row.pattern;
    for (const std::string& segment : segments) {
        if (rest.empty()) break;
        if (take_segment(rest) == "{}") out.push_back(segment);
    }
    return out;
}

} // namespace

std::span<const route_row> all_routes() {
    return table;
}

result<route_match> find_route(std::string_view method, std::string_view path) {
    if (path.starts_with('/')) {
        const std::optional<std::vector<std::string>> segments = split(path);
        if (!segments) return fail(errc::bad_request, "The path has a broken percent escape.");
        for (const route_row& row : table) {
            if ((row.method == method || row.method == "*") && fits(row, *segments)) {
                return route_match{row.what, parameters_of(row, *segments)};
            }
        }
    }
    return fail(errc::endpoint_not_found,
                "No API found for '" + std::string(method) + ' ' + std::string(path) + "'");
}

} // namespace sluice::control
