// Which call a management request is: one constant table of method and path pattern. Matches whole segment
// lists, so an endpoint may be called "pt" or "models".
#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

enum class call : std::uint8_t {
    not_built, // answers 501 in this version
    create_endpoint,
    list_endpoints,
    get_endpoint,
    delete_endpoint,
    update_config,
    cancel_update, // our extension: clients know it from the UI only
    put_rate_limits,
    patch_tags,
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
    get_me,
    create_user,
    create_token,
    list_tokens,
    delete_token,
    create_token_on_behalf,
};

struct route_match {
    call what = call::not_built;
    std::vector<std::string> parameters; // decoded, in the order of the path, never empty texts
};

// Errors endpoint_not_found (also for a wrong method) and bad_request (a broken percent escape). `path` is as
// sent, without the query.
[[nodiscard]] result<route_match> find_route(std::string_view method, std::string_view path);

} // namespace sluice::control
