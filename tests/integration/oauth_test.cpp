// OAuth through the whole gateway: from the secret of a service principal to a query, and what an access
// token may not do.
#include "core/base/base64.hpp"
#include "core/db/database.hpp"
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace sluice::support::oauth_test {
namespace {

using testing::HasSubstr;

constexpr std::string_view app_id = "8d5a1f0e-0000-4000-8000-000000000001";

std::string member(const std::string& json, std::string_view name) {
    boost::json::error_code failed;
    const boost::json::value tree = boost::json::parse(json, failed);
    if (failed || !tree.is_object()) return "(not an object)";
    const auto* found = tree.get_object().if_contains(boost::json::string_view(name.data(), name.size()));
    if (!found || !found->is_string()) return "(none)";
    return {found->get_string().data(), found->get_string().size()};
}

class oauth_flow : public testing::Test {
protected:
    oauth_flow() {
        provider_.always().answer_json(chat_answer("hi"));
        start(); // makes the database
        stop();
        auto db = db::database::open(data_.path() + "/sluice.db");
        if (!db) return;
        const auto added = (*db)->change(
            "INSERT INTO users (user_name, display_name, active, emails, entitlements, created_ms, kind)"
            " VALUES (?, 'robot', 1, '[]', '[]', 0, 'service_principal')",
            app_id);
        EXPECT_TRUE(added);
        robot_ = std::to_string((*db)->last_insert_id());
        db->reset();
        start();
        secret_ = member(
            proxy_->post("/api/2.0/accounts/servicePrincipals/" + robot_ + "/credentials/secrets", "{}").body,
            "secret");
    }

    void start() {
        proxy_ = std::make_unique<gateway>([&](proxy::settings& s) { s.data_dir = data_.path(); });
    }
    void stop() { proxy_.reset(); }

    answer
    send(std::string_view method, std::string_view path, std::string_view fields, std::string_view body) {
        raw_client client = proxy_->connect();
        client.send(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: g\r\n" +
                    std::string(fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                    std::string(body));
        return client.read_answer();
    }
    answer with_token(std::string_view token,
                      std::string_view method,
                      std::string_view path,
                      std::string_view body = "") {
        return send(method, path, "Authorization: Bearer " + std::string(token) + "\r\n", body);
    }
    answer ask(std::string_view form, std::string_view fields = "") {
        return send("POST",
                    "/oidc/v1/token",
                    "Content-Type: application/x-www-form-urlencoded\r\n" + std::string(fields),
                    form);
    }
    std::string robot_token(std::string_view scope = "all-apis") {
        const answer got =
            ask("grant_type=client_credentials&scope=" + std::string(scope),
                "Authorization: Basic " + base64_encode(std::string(app_id) + ":" + secret_) + "\r\n");
        EXPECT_EQ(got.status, 200) << got.body;
        return member(got.body, "access_token");
    }
    // A token of the admin's for this endpoint only.
    std::string endpoint_token(std::string_view name) {
        const std::string id =
            member(proxy_->get("/api/2.0/serving-endpoints/" + std::string(name)).body, "id");
        const answer got = ask(
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=" + std::string(admin_token) +
            "&authorization_details=[{\"type\":\"workspace_permission\",\"object_type\":"
            "\"serving-endpoints\",\"object_path\":\"/serving-endpoints/" +
            id + "\",\"actions\":[\"query_inference_endpoint\"]}]");
        EXPECT_EQ(got.status, 200) << got.body;
        return member(got.body, "access_token");
    }

    fake_upstream provider_;
    data_directory data_;
    std::unique_ptr<gateway> proxy_;
    std::string robot_;
    std::string secret_;
};

TEST_F(oauth_flow, the_metadata_names_the_calls_by_the_host_that_was_asked) {
    const answer got = send("GET", "/oidc/.well-known/oauth-authorization-server", "", "");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(member(got.body, "issuer"), "http://g/oidc");
    EXPECT_EQ(member(got.body, "token_endpoint"), "http://g/oidc/v1/token");
    EXPECT_EQ(member(got.body, "authorization_endpoint"), "http://g/oidc/v1/authorize");
    EXPECT_THAT(got.body, HasSubstr("client_credentials"));
    const answer by_tls =
        send("GET", "/oidc/.well-known/oauth-authorization-server", "X-Forwarded-Proto: https\r\n", "");
    EXPECT_EQ(member(by_tls.body, "token_endpoint"), "https://g/oidc/v1/token");
}

TEST_F(oauth_flow, a_service_principal_queries_an_endpoint_with_its_token) {
    proxy_->make_endpoint("chat", {entity(provider_.base_url())});
    const std::string path = "/serving-endpoints/chat/invocations";
    const std::string token = robot_token();
    EXPECT_EQ(with_token(token, "POST", path, chat_body("x")).status, 403);
    EXPECT_EQ(with_token(token, "POST", path, "not JSON").status, 403) << "before the body is parsed";
    EXPECT_EQ(with_token(token, "GET", "/serving-endpoints/models").body, R"({"object":"list","data":[]})");
    const std::string id = member(proxy_->get("/api/2.0/serving-endpoints/chat").body, "id");
    const answer granted = proxy_->call("PATCH",
                                        "/api/2.0/permissions/serving-endpoints/" + id,
                                        R"({"access_control_list":[{"service_principal_name":")" +
                                            std::string(app_id) + R"(","permission_level":"CAN_QUERY"}]})");
    EXPECT_EQ(granted.status, 200) << granted.body;
    const answer got = with_token(token, "POST", path, chat_body("x"));
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.body, chat_answer("hi"));
    const answer models = with_token(token, "GET", "/serving-endpoints/models");
    EXPECT_NE(models.body.find(R"("id":"chat")"), std::string::npos) << models.body;
    const std::string basic = "Authorization: Basic " + base64_encode("token:" + token) + "\r\n";
    EXPECT_EQ(send("POST", path, basic, chat_body("x")).status, 200);
    EXPECT_EQ(with_token(token, "GET", "/api/2.0/serving-endpoints").status, 200);
    // After a restart too.
    stop();
    start();
    EXPECT_EQ(with_token(token, "POST", path, chat_body("x")).status, 200);
}

TEST_F(oauth_flow, a_changed_token_is_refused) {
    const std::string token = robot_token();
    std::string changed = token;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    const answer got = with_token(changed, "GET", "/api/2.0/serving-endpoints");
    EXPECT_EQ(got.status, 401);
    EXPECT_EQ(member(got.body, "error_code"), "UNAUTHENTICATED");
    EXPECT_EQ(got.field("www-authenticate"), "Bearer");
}

TEST_F(oauth_flow, a_token_for_one_endpoint_does_nothing_else) {
    proxy_->make_endpoint("chat", {entity(provider_.base_url())});
    proxy_->make_endpoint("other", {entity(provider_.base_url())});
    const std::string token = endpoint_token("chat");
    EXPECT_EQ(with_token(token, "POST", "/serving-endpoints/chat/invocations", chat_body("x")).status, 200);
    const std::string by_model = R"({"model":"chat","messages":[{"role":"user","content":"x"}]})";
    EXPECT_EQ(with_token(token, "POST", "/serving-endpoints/chat/completions", by_model).status, 200);

    const std::string elsewhere = R"({"model":"other","messages":[{"role":"user","content":"x"}]})";
    for (const answer& refused :
         {with_token(token, "POST", "/serving-endpoints/other/invocations", chat_body("x")),
          with_token(token, "POST", "/serving-endpoints/chat/completions", elsewhere),
          with_token(token, "GET", "/api/2.0/serving-endpoints/chat"),
          with_token(token, "POST", "/api/2.0/token/create", "{}"),
          with_token(token, "GET", "/serving-endpoints/models"),
          with_token(token, "GET", "/metrics")}) {
        EXPECT_EQ(refused.status, 403) << refused.body;
        EXPECT_EQ(member(refused.body, "error_code"), "PERMISSION_DENIED");
    }
    EXPECT_EQ(provider_.request_count(), 2U);

    // An endpoint of the same name that is made later is another one.
    EXPECT_EQ(proxy_->call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    proxy_->make_endpoint("chat", {entity(provider_.base_url())});
    EXPECT_EQ(with_token(token, "POST", "/serving-endpoints/chat/invocations", chat_body("x")).status, 403);
}

TEST_F(oauth_flow, the_scope_model_serving_keeps_a_token_from_other_calls) {
    const std::string token = robot_token("model-serving");
    EXPECT_EQ(with_token(token, "GET", "/api/2.0/serving-endpoints").status, 200);
    EXPECT_EQ(with_token(token, "POST", "/api/2.0/token/create", "{}").status, 403);
    EXPECT_EQ(with_token(token, "GET", "/api/2.0/secrets/scopes/list").status, 403);
}

TEST_F(oauth_flow, a_principal_that_is_gone_takes_its_tokens_with_it) {
    const std::string token = robot_token();
    EXPECT_EQ(with_token(token, "GET", "/api/2.0/serving-endpoints").status, 200);
    stop();
    {
        auto db = db::database::open(data_.path() + "/sluice.db");
        ASSERT_TRUE(db);
        ASSERT_TRUE((*db)->run("DELETE FROM users WHERE kind = 'service_principal'"));
    }
    start();
    EXPECT_EQ(with_token(token, "GET", "/api/2.0/serving-endpoints").status, 401);
}

TEST_F(oauth_flow, a_wrong_secret_is_refused_at_once) {
    const answer got = ask("grant_type=client_credentials",
                           "Authorization: Basic " + base64_encode(std::string(app_id) + ":wrong") + "\r\n");
    EXPECT_EQ(got.status, 401);
    EXPECT_EQ(member(got.body, "error"), "invalid_client");
    EXPECT_EQ(got.field("www-authenticate"), "Basic realm=\"sluice\"");
    EXPECT_EQ(got.field("cache-control"), "no-store");
}

TEST_F(oauth_flow, nothing_large_is_read_for_a_caller_who_is_not_known) {
    raw_client declared = proxy_->connect();
    declared.send("POST /oidc/v1/token HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT_EQ(declared.read_answer().status, 400);
    raw_client chunked = proxy_->connect();
    chunked.send("POST /oidc/v1/token HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(chunked.read_answer().status, 400);
    const std::string most = "grant_type=x&x=" + std::string(65'536 - 15, 'x');
    EXPECT_EQ(ask(most + "x").status, 400);
    EXPECT_EQ(member(ask(most + "x").body, "error"), "(none)"); // refused before it was read as a form
    EXPECT_EQ(member(ask(most).body, "error"), "unsupported_grant_type");
}

} // namespace
} // namespace sluice::support::oauth_test
