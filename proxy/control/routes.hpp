// Which call a management request is: one constant table of method and path pattern. Matches whole segment
// lists, so an endpoint may be called "pt" or "models".
#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

enum class call : std::uint8_t {
    not_built, // answers 501 in this version
    // plane_endpoints.cpp
    create_endpoint,
    list_endpoints,
    list_changes, // ours; plane_changes.cpp
    get_endpoint,
    delete_endpoint,
    update_config,
    cancel_update, // our extension: clients know it from the UI only
    create_provisioned,
    update_provisioned,
    get_optimization_info,
    list_providers, // ours
    // plane_versions.cpp: ours
    list_versions,
    restore_version,
    // plane_gateway.cpp
    put_rate_limits,
    patch_tags,
    put_ai_gateway,
    get_ai_gateway,
    patch_notifications,
    patch_telemetry,
    // plane_permissions.cpp
    get_permissions,
    put_permissions,
    patch_permissions,
    get_permission_levels,
    // plane_observe.cpp
    get_endpoint_metrics,
    get_metrics_history, // ours
    get_endpoint_openapi,
    get_build_logs,
    get_served_logs,
    get_openapi,         // the whole server's
    list_usage,          // ours
    summarize_usage,     // ours
    list_usage_entities, // ours
    list_audit,          // ours
    // plane_mlflow.cpp: the mlflow gateway client (api.md §15)
    list_mlflow_endpoints,
    get_mlflow_endpoint,
    list_mlflow_limits,
    // secrets
    create_scope,
    list_scopes,
    delete_scope,
    put_secret,
    delete_secret,
    list_secrets,
    get_secret,
    put_acl,
    delete_acl,
    get_acl,
    list_acls,
    // plane_identity.cpp
    get_me,
    create_user,
    list_users,
    get_user,
    put_user,
    patch_user,
    delete_user,
    create_group,
    list_groups,
    get_group,
    put_group,
    patch_group,
    delete_group,
    create_service_principal,
    list_service_principals,
    get_service_principal,
    put_service_principal,
    patch_service_principal,
    delete_service_principal,
    create_token,
    list_tokens,
    delete_token,
    create_token_on_behalf,
    list_all_tokens,
    get_any_token,
    delete_any_token,
    // plane_oauth.cpp
    create_principal_secret,
    list_principal_secrets,
    delete_principal_secret,
    create_access_token, // without a caller: it authenticates itself
    // plane_session.cpp
    create_session, // the same
    get_session,
    delete_session,
};

struct route_row {
    std::string_view method;  // "*": any
    std::string_view pattern; // "{}" stands for one segment, a final "**" for one or more
    call what = call::not_built;
};

// Every row, for tests that compare it with what is documented and who may call it.
[[nodiscard]] std::span<const route_row> all_routes();

struct route_match {
    call what = call::not_built;
    std::vector<std::string> parameters; // decoded, in the order of the path, never empty texts
};

// Errors endpoint_not_found (also for a wrong method) and bad_request (a broken percent escape). `path` is as
// sent, without the query.
[[nodiscard]] result<route_match> find_route(std::string_view method, std::string_view path);

} // namespace sluice::control
