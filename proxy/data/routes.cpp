#include "proxy/data/routes.hpp"

#include "core/http/framing.hpp"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <iterator>

namespace sluice::data {

namespace {

using http::method;
using providers::dialect;
using providers::native_call;
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
    dialect speaks = dialect::openai;
    native_call asks = native_call::answer;
};

constexpr fixed chat_at(std::string_view path) {
    return {method::post, path, action::openai_path, task::chat, error_form::openai};
}
constexpr fixed responses_at(std::string_view path) {
    return {method::post, path, action::native_query, task::chat, error_form::openai, dialect::responses};
}
constexpr fixed messages_at(std::string_view path, native_call asks = native_call::answer) {
    return {
        method::post, path, action::native_query, task::chat, error_form::native, dialect::messages, asks};
}

constexpr fixed fixed_routes[] = {
    {method::get, "/healthz", action::healthz},
    {method::get, "/readyz", action::readyz},
    {method::get, "/metrics", action::metrics},
    {method::get, "/.well-known/databricks-config", action::discovery},
    {method::get, "/", action::ui_page},
    {method::head, "/", action::ui_page},
    {method::get, "/ml", action::ui_page},
    {method::head, "/ml", action::ui_page},
    chat_at("/serving-endpoints/chat/completions"),
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
    chat_at("/ai-gateway/mlflow/v1/chat/completions"),
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
    chat_at("/ai-gateway/openai/v1/chat/completions"),
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
    responses_at("/serving-endpoints/responses"),
    responses_at("/ai-gateway/mlflow/v1/responses"),
    responses_at("/ai-gateway/openai/v1/responses"),
    responses_at("/ai-gateway/codex/v1/responses"),
    chat_at("/ai-gateway/cursor/v1/chat/completions"),
    responses_at("/ai-gateway/cursor/v1/responses"),
    messages_at("/serving-endpoints/anthropic/v1/messages"),
    messages_at("/serving-endpoints/anthropic/v1/messages/count_tokens", native_call::count_tokens),
    messages_at("/ai-gateway/anthropic/v1/messages"),
    messages_at("/ai-gateway/anthropic/v1/messages/count_tokens", native_call::count_tokens),
    {method::get, "/openapi.json", action::management},
    {method::get, "/oidc/.well-known/oauth-authorization-server", action::oidc_metadata},
    {method::post, "/oidc/v1/token", action::open_management},
};

// Where the model's name and the method follow: "{name}:generateContent".
// google-genai asks for v1 where it is given another host.
constexpr std::string_view gemini_prefixes[] = {"/serving-endpoints/gemini/v1beta/models/",
                                                "/serving-endpoints/gemini/v1/models/",
                                                "/ai-gateway/gemini/v1beta/models/",
                                                "/ai-gateway/gemini/v1/models/"};

// What find_invocations, find_gemini and find_ui find.
constexpr route_row other_rows[] = {
    {method::get, "/ml/**", action::ui_page},
    {method::head, "/ml/**", action::ui_page},
    {method::get, "/ui/**", action::ui_asset},
    {method::head, "/ui/**", action::ui_asset},
    {method::post, "/serving-endpoints/{}/invocations", action::invocations},
    {method::post, "/serving-endpoints/{}/served-models/{}/invocations", action::invocations},
    {method::post, "/endpoints/{}/invocations", action::invocations},
    {method::post, "/serving-endpoints/gemini/v1beta/models/{}:generateContent", action::native_query},
    {method::post, "/serving-endpoints/gemini/v1/models/{}:generateContent", action::native_query},
    {method::post, "/serving-endpoints/gemini/v1beta/models/{}:streamGenerateContent", action::native_query},
    {method::post, "/serving-endpoints/gemini/v1/models/{}:streamGenerateContent", action::native_query},
    {method::post, "/ai-gateway/gemini/v1beta/models/{}:generateContent", action::native_query},
    {method::post, "/ai-gateway/gemini/v1/models/{}:generateContent", action::native_query},
    {method::post, "/ai-gateway/gemini/v1beta/models/{}:streamGenerateContent", action::native_query},
    {method::post, "/ai-gateway/gemini/v1/models/{}:streamGenerateContent", action::native_query},
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

// "alt=sse", as Google's services read it: "$alt" means the same, and more may follow behind a ';'.
bool asks_for_events(std::string_view query) {
    while (!query.empty()) {
        const std::string_view one = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(one.size() + 1, query.size()));
        const auto text = http::percent_decode(one);
        if (!text) continue;
        const std::string_view name = std::string_view(*text).substr(0, text->find('='));
        if (name != "alt" && name != "$alt") continue;
        const std::string_view value =
            std::string_view(*text).substr(std::min(name.size() + 1, text->size()));
        return value.substr(0, value.find(';')) == "sse";
    }
    return false;
}

route find_gemini(std::string_view path, std::string_view query) {
    for (const std::string_view prefix : gemini_prefixes) {
        if (!path.starts_with(prefix)) continue;
        path.remove_prefix(prefix.size());
        const std::size_t colon = path.rfind(':');
        if (colon == std::string_view::npos || colon == 0 || path.find('/') != std::string_view::npos)
            return {};
        const std::string_view verb = path.substr(colon + 1);
        const bool streams = verb == "streamGenerateContent";
        if (!streams && verb != "generateContent") return {};
        const route to{.what = action::native_query,
                       .errors = error_form::native,
                       .speaks = dialect::gemini,
                       .streams = streams,
                       .as_list = streams && !asks_for_events(query)};
        return decoded(to, path.substr(0, colon), "");
    }
    return {};
}

route find_ui(std::string_view path) {
    if (path.starts_with("/ml/")) return {.what = action::ui_page};
    if (path.starts_with("/ui/")) return {.what = action::ui_asset};
    return {};
}

constexpr std::string_view session_path = "/api/2.0/sluice/session";

// Others are control's to refuse.
action session_action(method verb) {
    const bool is_there = verb == method::get || verb == method::post || verb == method::delete_;
    return is_there ? action::session : action::management;
}

// A path that does not exist, below those of a dialect: its clients read no other form of errors.
route unknown_below(std::string_view path) {
    struct prefix {
        std::string_view path;
        dialect speaks;
    };
    constexpr prefix prefixes[] = {{"/serving-endpoints/anthropic/", dialect::messages},
                                   {"/ai-gateway/anthropic/", dialect::messages},
                                   {"/serving-endpoints/gemini/", dialect::gemini},
                                   {"/ai-gateway/gemini/", dialect::gemini}};
    for (const prefix& each : prefixes) {
        if (path.starts_with(each.path)) return {.errors = error_form::native, .speaks = each.speaks};
    }
    return {};
}

route find_known(method verb, std::string_view path, std::string_view query) {
    if (verb == method::post && path.ends_with("/invocations")) return find_invocations(path);
    if (path.starts_with("/api/2.0/endpoints")) {
        return {.what = action::management, .errors = error_form::detail};
    }
    if (path == session_path) return {.what = session_action(verb)};
    if (path.starts_with("/api/")) return {.what = action::management};
    bool is_known = false; // with another method
    for (const fixed& one : fixed_routes) {
        if (one.path != path) continue;
        if (one.verb == verb) {
            return {.what = one.what,
                    .kind = one.kind,
                    .errors = one.errors,
                    .speaks = one.speaks,
                    .asks = one.asks};
        }
        is_known = true;
    }
    if (is_known) return {};
    if (verb == method::post) return find_gemini(path, query);
    if (verb == method::get || verb == method::head) return find_ui(path);
    return {};
}

} // namespace

route find_route(method verb, std::string_view path, std::string_view query) {
    route found = find_known(verb, path, query);
    return found.what == action::unknown ? unknown_below(path) : found;
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
