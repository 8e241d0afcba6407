// Method and path to what is to be done: the request path's own routes, and which calls go to the management
// plane. A constant table, matched on the whole segment list (an endpoint may be called chat, models or pt:
// api.md §2, "Router traps").
#pragma once

#include "core/http/message.hpp"
#include "providers/dialect.hpp"
#include "providers/unified.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::data {

// What an error's body looks like.
enum class error_form : std::uint8_t {
    api,    // {"error_code":"…","message":"…"}; a body that is too large is 400
    openai, // the same; a body that is too large is 413 (api.md §17)
    detail, // {"detail":"…"} beside them: the mlflow gateway client (api.md §15)
    native, // as the route's dialect has it
};

enum class action : std::uint8_t {
    healthz,
    readyz,
    metrics,
    discovery, // /.well-known/databricks-config
    oidc_metadata,
    invocations, // the endpoint in the path
    openai_path, // the endpoint in the body's "model"
    list_models,
    management,      // control answers
    open_management, // control answers, without authentication: the OAuth token call
    session,         // control answers: signing in to the Serving UI and out
    native_query,    // a query in the client's own dialect: the endpoint in "model", or in Gemini's path
    ui_page,         // the Serving UI, on all its paths
    ui_asset,        // a file of it
    unknown,
};

struct route {
    action what = action::unknown;
    std::string endpoint;                         // decoded; invocations, and Gemini's native_query
    std::string entity;                           // decoded; invocations of one served entity, else empty
    providers::task kind = providers::task::chat; // openai_path
    error_form errors = error_form::api;
    providers::dialect speaks = providers::dialect::openai; // native_query
    providers::native_call asks = providers::native_call::answer;
    bool streams = false; // Gemini's path says so
    bool as_list = false; // and the query does not ask for events: the stream is a JSON list
};

// `query`: what follows '?', still encoded.
[[nodiscard]] route find_route(http::method verb, std::string_view path, std::string_view query = {});

struct route_row {
    http::method verb = http::method::other;
    std::string_view pattern; // "{}" stands for one segment, a final "**" for one or more
    action what = action::unknown;
};

// Every row but those of control (its own table), for tests that compare it with what is documented and who
// may call it.
[[nodiscard]] std::vector<route_row> all_routes();

} // namespace sluice::data
