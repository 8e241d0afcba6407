#include "proxy/data/routes.hpp"

#include "core/http/framing.hpp"

#include <absl/container/inlined_vector.h>

#include <iterator>

namespace sluice::data {

namespace {

using http::method;
using providers::task;
using segments = absl::InlinedVector<std::string_view, 8>;

segments split(std::string_view path) {
    segments parts;
    std::size_t from = 1; // behind the first '/'
    for (;;) {
        const std::size_t slash = path.find('/', from);
        parts.push_back(path.substr(from, slash == std::string_view::npos ? slash : slash - from));
        if (slash == std::string_view::npos) return parts;
        from = slash + 1;
    }
}

struct fixed {
    method verb;
    std::string_view path;
    action what;
    task kind = task::chat;
    error_form errors = error_form::api;
};

constexpr fixed fixed_routes[] = {
    {method::get, "/healthz", action::healthz},
    {method::get, "/readyz", action::readyz},
    {method::get, "/metrics", action::metrics},
    {method::get, "/.well-known/databricks-config", action::discovery},
    {method::post,
     "/serving-endpoints/chat/completions",
     action::openai_path,
     task::chat,
     error_form::openai},
    {method::post,
     "/serving-endpoints/completions",
     action::openai_path,
     task::completions,
     error_form::openai},
    {method::post,
     "/serving-endpoints/embeddings",
     action::openai_path,
     task::embeddings,
     error_form::openai},
    {method::get, "/serving-endpoints/models", action::list_models},
    // The newer gateway's names of the same (api.md §10.7).
    {method::post,
     "/ai-gateway/mlflow/v1/chat/completions",
     action::openai_path,
     task::chat,
     error_form::openai},
    {method::post,
     "/ai-gateway/mlflow/v1/completions",
     action::openai_path,
     task::completions,
     error_form::openai},
    {method::post,
     "/ai-gateway/mlflow/v1/embeddings",
     action::openai_path,
     task::embeddings,
     error_form::openai},
    {method::get, "/ai-gateway/mlflow/v1/models", action::list_models},
    {method::post,
     "/ai-gateway/openai/v1/chat/completions",
     action::openai_path,
     task::chat,
     error_form::openai},
    {method::post,
     "/ai-gateway/openai/v1/completions",
     action::openai_path,
     task::completions,
     error_form::openai},
    {method::post,
     "/ai-gateway/openai/v1/embeddings",
     action::openai_path,
     task::embeddings,
     error_form::openai},
    {method::get, "/ai-gateway/openai/v1/models", action::list_models},
    {method::get, "/health", action::healthz}, // as the mlflow gateway server has it
    {method::post, "/serving-endpoints/responses", action::later_query},
    {method::post, "/serving-endpoints/anthropic/v1/messages", action::later_query},
    {method::post, "/serving-endpoints/anthropic/v1/messages/count_tokens", action::later_query},
    {method::get, "/openapi.json", action::management},
    {method::get, "/oidc/.well-known/oauth-authorization-server", action::oidc_metadata},
    {method::post, "/oidc/v1/token", action::open_management},
};

// Prefixes whose routes a later version brings.
constexpr std::string_view later_prefixes[] = {"/serving-endpoints/gemini/v1beta/models/", "/ai-gateway/"};

// What find_invocations finds, and the prefixes.
constexpr route_row other_rows[] = {
    {method::post, "/serving-endpoints/{}/invocations", action::invocations},
    {method::post, "/serving-endpoints/{}/served-models/{}/invocations", action::invocations},
    {method::post, "/endpoints/{}/invocations", action::invocations},
    {method::post, "/serving-endpoints/gemini/v1beta/models/**", action::later_query},
    {method::post, "/ai-gateway/**", action::later_query},
};

route decoded(route to, std::string_view endpoint, std::string_view entity) {
    const auto name = http::percent_decode(endpoint);
    const auto served = http::percent_decode(entity);
    if (!name || !served) return {};
    to.endpoint = *name;
    to.entity = *served;
    return to;
}

route find_invocations(std::string_view path) {
    const segments parts = split(path);
    if (parts.size() < 3 || parts.back() != "invocations") return {};
    route to{.what = action::invocations};
    if (parts[0] == "endpoints" && parts.size() == 3) {
        to.errors = error_form::detail;
        return decoded(to, parts[1], "");
    }
    if (parts[0] != "serving-endpoints") return {};
    if (parts.size() == 3) return decoded(to, parts[1], "");
    if (parts.size() == 5 && parts[2] == "served-models") {
        if (parts[3].empty()) return {};
        return decoded(to, parts[1], parts[3]);
    }
    return {};
}

} // namespace

route find_route(method verb, std::string_view path) {
    if (verb == method::post && path.ends_with("/invocations")) return find_invocations(path);
    if (path.starts_with("/api/2.0/endpoints")) {
        return {.what = action::management, .errors = error_form::detail};
    }
    if (path.starts_with("/api/")) return {.what = action::management};
    bool is_known = false; // with another method
    for (const fixed& one : fixed_routes) {
        if (one.path != path) continue;
        if (one.verb == verb) return {.what = one.what, .kind = one.kind, .errors = one.errors};
        is_known = true;
    }
    if (is_known) return {};
    for (const std::string_view prefix : later_prefixes) {
        const bool is_below = path.size() > prefix.size() && path.starts_with(prefix);
        if (verb == method::post && is_below) return {.what = action::later_query};
    }
    return {};
}

std::vector<route_row> all_routes() {
    std::vector<route_row> rows;
    for (const fixed& one : fixed_routes) {
        if (one.what == action::management || one.what == action::open_management) continue;
        rows.push_back({one.verb, one.path, one.what});
    }
    rows.insert(rows.end(), std::begin(other_rows), std::end(other_rows));
    return rows;
}

} // namespace sluice::data
