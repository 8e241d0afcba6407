#include "proxy/data/routes.hpp"
#include "tests/support/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::data::routes_test {
namespace {

using http::method;
using providers::dialect;
using providers::native_call;
using providers::task;

TEST(data_routes, the_pages_of_the_gateway_itself) {
    EXPECT_EQ(find_route(method::get, "/healthz").what, action::healthz);
    EXPECT_EQ(find_route(method::get, "/readyz").what, action::readyz);
    EXPECT_EQ(find_route(method::get, "/metrics").what, action::metrics);
    EXPECT_EQ(find_route(method::get, "/.well-known/databricks-config").what, action::discovery);
    EXPECT_EQ(find_route(method::get, "/serving-endpoints/models").what, action::list_models);
}

TEST(data_routes, the_serving_ui_has_a_page_for_every_screen_and_files) {
    for (const method verb : {method::get, method::head}) {
        for (const std::string_view path : {"/", "/ml", "/ml/", "/ml/endpoints/a%2Fb", "/ml/endpoints//x/"})
            EXPECT_EQ(find_route(verb, path).what, action::ui_page) << path;
        for (const std::string_view path : {"/ui/", "/ui/assets/app-1.js", "/ui/../etc/passwd"})
            EXPECT_EQ(find_route(verb, path).what, action::ui_asset) << path;
        for (const std::string_view path : {"/ui", "/mlx", "/ML/", "//", "//ml/", "/favicon.ico"})
            EXPECT_EQ(find_route(verb, path).what, action::unknown) << path;
    }
    for (const method verb : {method::post, method::put, method::delete_, method::options, method::other}) {
        for (const std::string_view path : {"/", "/ml", "/ml/endpoints", "/ui/assets/app-1.js"})
            EXPECT_EQ(find_route(verb, path).what, action::unknown) << path;
    }
}

TEST(data_routes, a_query_names_its_endpoint) {
    const route to = find_route(method::post, "/serving-endpoints/my-endpoint/invocations");
    EXPECT_EQ(to.what, action::invocations);
    EXPECT_EQ(to.endpoint, "my-endpoint");
    EXPECT_EQ(to.entity, "");
    EXPECT_EQ(to.errors, error_form::api);
}

TEST(data_routes, a_query_may_name_its_entity) {
    const route to = find_route(method::post, "/serving-endpoints/my-endpoint/served-models/one/invocations");
    EXPECT_EQ(to.what, action::invocations);
    EXPECT_EQ(to.endpoint, "my-endpoint");
    EXPECT_EQ(to.entity, "one");
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/e/served-models//invocations").what,
              action::unknown);
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/e/served-entities/one/invocations").what,
              action::unknown);
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/e/one/invocations").what, action::unknown);
}

TEST(data_routes, the_openai_paths_have_their_task) {
    const auto is = [](std::string_view path, task kind) {
        const route to = find_route(method::post, path);
        return to.what == action::openai_path && to.kind == kind && to.errors == error_form::openai;
    };
    EXPECT_TRUE(is("/serving-endpoints/chat/completions", task::chat));
    EXPECT_TRUE(is("/serving-endpoints/completions", task::completions));
    EXPECT_TRUE(is("/serving-endpoints/embeddings", task::embeddings));
}

TEST(data_routes, an_endpoint_may_have_the_name_of_a_path) {
    for (const std::string name : {"chat",
                                   "pt",
                                   "models",
                                   "anthropic",
                                   "gemini",
                                   "openai",
                                   "completions",
                                   "embeddings",
                                   "responses",
                                   "served-models",
                                   "invocations"}) {
        const route query = find_route(method::post, "/serving-endpoints/" + name + "/invocations");
        EXPECT_EQ(query.what, action::invocations) << name;
        EXPECT_EQ(query.endpoint, name);
        const route pinned =
            find_route(method::post, "/serving-endpoints/" + name + "/served-models/invocations/invocations");
        EXPECT_EQ(pinned.what, action::invocations) << name;
        EXPECT_EQ(pinned.endpoint, name);
        EXPECT_EQ(pinned.entity, "invocations");
    }
}

TEST(data_routes, everything_below_api_is_for_the_management_plane) {
    for (const method verb : {method::get, method::post, method::put, method::patch, method::delete_}) {
        EXPECT_EQ(find_route(verb, "/api/2.0/serving-endpoints").what, action::management);
        EXPECT_EQ(find_route(verb, "/api/2.0/serving-endpoints/").what, action::management);
        EXPECT_EQ(find_route(verb, "/api/2.0/serving-endpoints/pt/config").what, action::management);
        EXPECT_EQ(find_route(verb, "/api/no/such").what, action::management);
    }
    // Its own 404 says so: a path that ends like a query is none.
    EXPECT_NE(find_route(method::post, "/api/2.0/invocations").what, action::invocations);
}

TEST(data_routes, sessions_have_an_action_of_their_own) {
    for (const method verb : {method::get, method::post, method::delete_})
        EXPECT_EQ(find_route(verb, "/api/2.0/sluice/session").what, action::session);
    EXPECT_EQ(find_route(method::put, "/api/2.0/sluice/session").what, action::management);
    EXPECT_EQ(find_route(method::post, "/api/2.0/sluice/session/").what, action::management);
    EXPECT_EQ(find_route(method::post, "/api/2.0/sluice/%73ession").what, action::management);
}

TEST(data_routes, names_are_decoded_after_the_path_is_taken_apart) {
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/a%2Fb/invocations").endpoint, "a/b");
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/%63hat/invocations").endpoint, "chat");
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/e/served-models/a%20b/invocations").entity, "a b");
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/chat%2Finvocations").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/a%zz/invocations").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/a%00/invocations").what, action::unknown);
}

TEST(data_routes, another_method_or_another_path_is_unknown) {
    EXPECT_EQ(find_route(method::post, "/healthz").what, action::unknown);
    EXPECT_EQ(find_route(method::head, "/healthz").what, action::unknown);
    EXPECT_EQ(find_route(method::get, "/serving-endpoints/e/invocations").what, action::unknown);
    EXPECT_EQ(find_route(method::get, "/serving-endpoints/chat/completions").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/models").what, action::unknown);
    EXPECT_EQ(find_route(method::get, "/healthz/").what, action::unknown);
    EXPECT_EQ(find_route(method::get, "//healthz").what, action::unknown);
    EXPECT_EQ(find_route(method::get, "/Healthz").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/").what, action::unknown);
    EXPECT_EQ(find_route(method::head, "/healthz").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/invocations").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/invocations").what, action::unknown);
}

TEST(data_routes, the_newer_gateways_names_of_the_openai_paths_are_the_same_calls) {
    for (const std::string base : {"/ai-gateway/mlflow/v1", "/ai-gateway/openai/v1"}) {
        const route chat = find_route(method::post, base + "/chat/completions");
        EXPECT_EQ(chat.what, action::openai_path);
        EXPECT_EQ(chat.kind, providers::task::chat);
        EXPECT_EQ(chat.errors, error_form::openai);
        EXPECT_EQ(find_route(method::post, base + "/embeddings").kind, providers::task::embeddings);
        EXPECT_EQ(find_route(method::post, base + "/completions").kind, providers::task::completions);
        EXPECT_EQ(find_route(method::get, base + "/models").what, action::list_models);
    }
}

TEST(data_routes, the_mlflow_gateway_clients_calls_have_its_form_of_errors) {
    const route query = find_route(method::post, "/endpoints/a%2Db/invocations");
    EXPECT_EQ(query.what, action::invocations);
    EXPECT_EQ(query.endpoint, "a-b");
    EXPECT_EQ(query.errors, error_form::detail);
    EXPECT_EQ(find_route(method::get, "/api/2.0/endpoints/").errors, error_form::detail);
    EXPECT_EQ(find_route(method::get, "/api/2.0/serving-endpoints/").errors, error_form::api);
    EXPECT_EQ(find_route(method::get, "/health").what, action::healthz);
}

TEST(data_routes, what_is_unknown_below_a_dialect_has_its_errors) {
    for (const std::string_view root : {"/serving-endpoints", "/ai-gateway"}) {
        const std::string base(root);
        const route claude = find_route(method::get, base + "/anthropic/v1/messages");
        EXPECT_EQ(claude.what, action::unknown);
        EXPECT_EQ(claude.errors, error_form::native);
        EXPECT_EQ(claude.speaks, dialect::messages);
        const route gemini = find_route(method::post, base + "/gemini/v1beta/models/e:countTokens");
        EXPECT_EQ(gemini.what, action::unknown);
        EXPECT_EQ(gemini.errors, error_form::native);
        EXPECT_EQ(gemini.speaks, dialect::gemini);
        EXPECT_EQ(find_route(method::post, base + "/anthropics/x").errors, error_form::api);
    }
    EXPECT_EQ(find_route(method::post, "/serving-endpoints/gemini/invocations").what, action::invocations);
}

TEST(data_routes, native_dialects_have_their_paths_and_errors) {
    struct native_path {
        std::string_view path;
        dialect speaks;
        native_call asks;
        error_form errors;
    };
    const std::vector<native_path> table = {
        {"/serving-endpoints/responses", dialect::responses, native_call::answer, error_form::openai},
        {"/ai-gateway/mlflow/v1/responses", dialect::responses, native_call::answer, error_form::openai},
        {"/ai-gateway/openai/v1/responses", dialect::responses, native_call::answer, error_form::openai},
        {"/ai-gateway/codex/v1/responses", dialect::responses, native_call::answer, error_form::openai},
        {"/ai-gateway/cursor/v1/responses", dialect::responses, native_call::answer, error_form::openai},
        {"/serving-endpoints/anthropic/v1/messages",
         dialect::messages,
         native_call::answer,
         error_form::native},
        {"/ai-gateway/anthropic/v1/messages", dialect::messages, native_call::answer, error_form::native},
        {"/serving-endpoints/anthropic/v1/messages/count_tokens",
         dialect::messages,
         native_call::count_tokens,
         error_form::native},
        {"/ai-gateway/anthropic/v1/messages/count_tokens",
         dialect::messages,
         native_call::count_tokens,
         error_form::native},
    };
    for (const native_path& each : table) {
        const route to = find_route(method::post, each.path);
        EXPECT_EQ(to.what, action::native_query) << each.path;
        EXPECT_EQ(to.speaks, each.speaks) << each.path;
        EXPECT_EQ(to.asks, each.asks) << each.path;
        EXPECT_EQ(to.errors, each.errors) << each.path;
        EXPECT_FALSE(to.streams);
        EXPECT_EQ(find_route(method::get, each.path).what, action::unknown) << each.path;
    }
    EXPECT_EQ(find_route(method::post, "/ai-gateway/cursor/v1/chat/completions").what, action::openai_path);
}

TEST(data_routes, geminis_path_names_the_endpoint_and_the_call) {
    for (const std::string base : {"/serving-endpoints/gemini/v1beta/models/",
                                   "/serving-endpoints/gemini/v1/models/",
                                   "/ai-gateway/gemini/v1beta/models/",
                                   "/ai-gateway/gemini/v1/models/"}) {
        const route whole = find_route(method::post, base + "my%2Emodel:generateContent");
        EXPECT_EQ(whole.what, action::native_query);
        EXPECT_EQ(whole.speaks, dialect::gemini);
        EXPECT_EQ(whole.endpoint, "my.model");
        EXPECT_EQ(whole.errors, error_form::native);
        EXPECT_FALSE(whole.streams);
        const route stream = find_route(method::post, base + "a:b:streamGenerateContent");
        EXPECT_EQ(stream.endpoint, "a:b");
        EXPECT_TRUE(stream.streams);
        EXPECT_TRUE(stream.as_list);
        EXPECT_FALSE(whole.as_list);
        for (const std::string_view rest :
             {"", "e", ":generateContent", "e:countTokens", "e/x:generateContent", "e:"})
            EXPECT_EQ(find_route(method::post, base + std::string(rest)).what, action::unknown) << rest;
        for (const method verb : {method::get, method::put, method::delete_, method::options, method::other})
            EXPECT_EQ(find_route(verb, base + "e:generateContent").what, action::unknown);
    }
    EXPECT_EQ(find_route(method::post, "/ai-gateway/openai/v1/models").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/ai-gateway/").what, action::unknown);
    EXPECT_EQ(find_route(method::post, "/ai-gateway/gemini/v2/models/e:generateContent").what,
              action::unknown);
}

TEST(data_routes, a_gemini_stream_is_events_where_the_query_says_so) {
    const std::string path = "/ai-gateway/gemini/v1beta/models/e:streamGenerateContent";
    for (const std::string_view query :
         {"alt=sse", "key=x&alt=sse", "%24alt=sse", "$alt=sse;enum-encoding=int", "%61lt=%73se&x"})
        EXPECT_FALSE(find_route(method::post, path, query).as_list) << query;
    for (const std::string_view query : {"",
                                         "alt",
                                         "alt=",
                                         "alt=json",
                                         "$alt=json;enum-encoding=int",
                                         "salt=sse",
                                         "x=alt=sse",
                                         "alt=%zz",
                                         "&&"})
        EXPECT_TRUE(find_route(method::post, path, query).as_list) << query;
    EXPECT_FALSE(
        find_route(method::post, "/ai-gateway/gemini/v1beta/models/e:generateContent", "alt=json").as_list);
}

} // namespace
} // namespace sluice::data::routes_test
