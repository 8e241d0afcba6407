// Updates that take time, restarts, secrets that change, and what must never be seen.
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace sluice::control::plane_updates_test {
namespace {

constexpr std::string_view cancel_path = "/api/2.0/serving-endpoints/chat/config:cancel";

class slow_updates : public plane_test {
protected:
    void SetUp() override {
        settings_.update_delay = milliseconds(500);
        open_with_secret();
    }
    void make_ready() {
        create(endpoint_body("chat", entity("one")));
        clock_.passed += milliseconds(500);
        ASSERT_EQ(at(get("chat").body, "/state/ready"), "READY");
    }
};

TEST_F(slow_updates, the_first_config_is_creating_until_the_delay_has_passed) {
    const auto made = create(endpoint_body("chat", entity("one")));
    EXPECT_EQ(at(made.body, "/state"), R"({"ready":"NOT_READY","config_update":"IN_PROGRESS"})");
    EXPECT_EQ(at(made.body, "/config"), "(none)");
    EXPECT_EQ(at(made.body, "/pending_config/config_version"), "1");
    EXPECT_EQ(at(made.body, "/pending_config/start_time"), "1700000000000");
    EXPECT_EQ(at(made.body, "/pending_config/served_entities/0/state/deployment"), "DEPLOYMENT_CREATING");
    EXPECT_EQ(at(made.body, "/task"), "llm/v1/chat");
    EXPECT_EQ(published("chat")->state, model::serving::starting);
    clock_.passed += milliseconds(499);
    EXPECT_EQ(at(get("chat").body, "/state/config_update"), "IN_PROGRESS");
    clock_.passed += milliseconds(1);
    const auto ready = get("chat");
    EXPECT_EQ(at(ready.body, "/state"), R"({"ready":"READY","config_update":"NOT_UPDATING"})");
    EXPECT_EQ(at(ready.body, "/pending_config"), "(none)");
    EXPECT_EQ(published("chat")->state, model::serving::ready);
}

TEST_F(slow_updates, the_old_config_serves_while_an_update_is_in_progress_and_others_conflict) {
    make_ready();
    const auto next = put_config("chat", config_of(entity("two")));
    EXPECT_EQ(at(next.body, "/state"), R"({"ready":"READY","config_update":"IN_PROGRESS"})");
    EXPECT_EQ(at(next.body, "/config/served_entities/0/name"), "one");
    EXPECT_EQ(at(next.body, "/pending_config/served_entities/0/name"), "two");
    EXPECT_EQ(at(next.body, "/pending_config/config_version"), "2");
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one");
    const auto conflict = put_config("chat", config_of(entity("three")));
    EXPECT_EQ(conflict.status, 409);
    EXPECT_EQ(at(conflict.body, "/error_code"), "RESOURCE_CONFLICT");
    EXPECT_EQ(call("PATCH", "/api/2.0/serving-endpoints/chat/tags", R"({"add_tags":[{"key":"k"}]})").status,
              200);
    EXPECT_EQ(call("PUT", "/api/2.0/serving-endpoints/chat/rate-limits", "{}").status, 200);
    clock_.passed += milliseconds(500);
    EXPECT_EQ(at(get("chat").body, "/config/served_entities/0/name"), "two");
    EXPECT_EQ(published("chat")->entities.at(0)->name, "two");
}

TEST_F(slow_updates, an_update_that_cannot_be_finished_fails_and_the_old_config_stays) {
    make_ready();
    make_secret("other", "key", "sk-other");
    put_config("chat", config_of(entity("two", R"({"openai_api_key":"{{secrets/other/key}}"})")));
    EXPECT_EQ(call("POST", "/api/2.0/secrets/delete", R"({"scope":"other","key":"key"})").status, 200);
    clock_.passed += milliseconds(500);
    const auto failed = get("chat");
    EXPECT_EQ(at(failed.body, "/state"), R"({"ready":"READY","config_update":"UPDATE_FAILED"})");
    EXPECT_EQ(at(failed.body, "/config/served_entities/0/name"), "one");
    EXPECT_EQ(at(failed.body, "/pending_config/served_entities/0/state/deployment"), "DEPLOYMENT_FAILED");
    EXPECT_NE(
        at(failed.body, "/pending_config/served_entities/0/state/deployment_state_message").find("other"),
        std::string::npos);
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one");
    EXPECT_EQ(put_config("chat", config_of(entity("three"))).status, 200) << "the next update may start";
}

TEST_F(slow_updates, a_first_config_that_fails_leaves_an_endpoint_that_serves_nothing) {
    make_secret("other", "key", "sk-other");
    create(endpoint_body("chat", entity("one", R"({"openai_api_key":"{{secrets/other/key}}"})")));
    call("POST", "/api/2.0/secrets/scopes/delete", R"({"scope":"other"})");
    clock_.passed += milliseconds(500);
    EXPECT_EQ(at(get("chat").body, "/state"), R"({"ready":"NOT_READY","config_update":"UPDATE_FAILED"})");
    EXPECT_EQ(published("chat")->state, model::serving::absent);
}

TEST_F(slow_updates, an_update_can_be_cancelled_once) {
    make_ready();
    EXPECT_EQ(call("POST", std::string(cancel_path)).status, 409);
    put_config("chat", config_of(entity("two")));
    const auto canceled = call("POST", std::string(cancel_path));
    EXPECT_EQ(at(canceled.body, "/state"), R"({"ready":"READY","config_update":"UPDATE_CANCELED"})");
    EXPECT_EQ(at(canceled.body, "/pending_config/served_entities/0/state/deployment"), "DEPLOYMENT_ABORTED");
    clock_.passed += milliseconds(5000);
    EXPECT_EQ(at(get("chat").body, "/config/served_entities/0/name"), "one");
    EXPECT_EQ(put_config("chat", config_of(entity("three"))).status, 200);
}

TEST_F(slow_updates, an_endpoint_can_be_deleted_while_it_is_updated) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    const auto again = create(endpoint_body("chat", entity("new")));
    EXPECT_EQ(again.status, 200);
    clock_.passed += milliseconds(500);
    EXPECT_EQ(at(get("chat").body, "/config/served_entities/0/name"), "new");
}

TEST_F(slow_updates, an_update_in_progress_is_started_again_after_a_restart) {
    make_ready();
    put_config("chat", config_of(entity("two")));
    clock_.passed += milliseconds(400);
    restart();
    EXPECT_EQ(at(get("chat").body, "/state/config_update"), "IN_PROGRESS");
    EXPECT_EQ(published("chat")->entities.at(0)->name, "one");
    clock_.passed += milliseconds(500);
    EXPECT_EQ(at(get("chat").body, "/config/served_entities/0/name"), "two");
    settings_.update_delay = milliseconds(0);
    restart();
    EXPECT_EQ(at(get("chat").body, "/config/config_version"), "2");
}

TEST_F(slow_updates, an_update_in_progress_is_finished_at_a_start_without_delay) {
    create(endpoint_body("chat", entity("one")));
    settings_.update_delay = milliseconds(0);
    restart();
    EXPECT_EQ(at(get("chat").body, "/state"), R"({"ready":"READY","config_update":"NOT_UPDATING"})");
    EXPECT_EQ(published("chat")->state, model::serving::ready);
}

class quick_updates : public plane_test {
protected:
    void SetUp() override { open_with_secret(); }
};

TEST_F(quick_updates, everything_is_the_same_after_a_restart) {
    create(
        R"({"name":"chat","description":"d","budget_policy_id":"p","tags":[{"key":"a"},{"key":"b","value":"2"}],)"
        R"("email_notifications":{"on_update_failure":["a@b"]},"rate_limits":[{"calls":0,"renewal_period":"minute"}],"config":)" +
        config_of(entity("one", R"({"openai_api_key_plaintext":"sk-plain","openai_organization":"org"})") +
                      "," + entity("two"),
                  R"(,"traffic_config":{"routes":[{"served_model_name":"two","traffic_percentage":100}]})") +
        "}");
    create(R"({"name":"empty"})");
    const std::string before = get("chat").body;
    const std::string list_before = call("GET", "/api/2.0/serving-endpoints").body;
    const std::string head_before = published_head("chat");
    EXPECT_NE(head_before.find("sk-plain"), std::string::npos);
    last_.reset();
    restart();
    EXPECT_EQ(get("chat").body, before);
    EXPECT_EQ(call("GET", "/api/2.0/serving-endpoints").body, list_before);
    EXPECT_EQ(published_head("chat"), head_before);
    ASSERT_EQ(published("chat")->limits.size(), 1U);
    EXPECT_EQ(published("chat")->limits[0].calls, 0);
    EXPECT_EQ(published("empty")->state, model::serving::absent);
}

TEST_F(quick_updates, a_rotated_secret_reaches_the_data_plane_at_once) {
    create(endpoint_body("chat", entity("one")));
    create(endpoint_body("capitals",
                         entity("one", R"({"openai_api_key":"{{secrets/MY_SCOPE/my_openai_api_key}}"})")));
    create(endpoint_body("other", entity("one", R"({"openai_api_key_plaintext":"k"})")));
    EXPECT_NE(published_head("chat").find("sk-first-key"), std::string::npos);
    const auto untouched = published("other");
    put_secret("my_scope", "my_openai_api_key", "sk-second-key");
    EXPECT_NE(published_head("chat").find("sk-second-key"), std::string::npos);
    EXPECT_NE(published_head("capitals").find("sk-second-key"), std::string::npos);
    EXPECT_EQ(published("other"), untouched) << "others are not rebuilt";
    EXPECT_EQ(at(get("chat").body, "/config/config_version"), "1");
}

TEST_F(quick_updates, a_deleted_secret_takes_its_endpoint_out_of_service_until_it_is_back) {
    create(endpoint_body("chat", entity("one")));
    call("POST", "/api/2.0/secrets/delete", R"({"scope":"my_scope","key":"my_openai_api_key"})");
    const auto broken = get("chat");
    EXPECT_EQ(at(broken.body, "/state/ready"), "NOT_READY");
    EXPECT_EQ(at(broken.body, "/config/served_entities/0/state/deployment"), "DEPLOYMENT_FAILED");
    EXPECT_TRUE(published("chat")->entities.empty());
    EXPECT_EQ(published("chat")->state, model::serving::absent);
    restart();
    EXPECT_EQ(at(get("chat").body, "/state/ready"), "NOT_READY");
    put_secret("my_scope", "my_openai_api_key", "sk-third-key");
    EXPECT_EQ(at(get("chat").body, "/state/ready"), "READY");
    EXPECT_NE(published_head("chat").find("sk-third-key"), std::string::npos);
}

TEST_F(quick_updates, a_deleted_secret_takes_only_its_own_entity_out) {
    const std::string traffic =
        R"(,"traffic_config":{"routes":[{"served_model_name":"one","traffic_percentage":60},)"
        R"({"served_model_name":"two","traffic_percentage":40}]})";
    const std::string entities = entity("one") + "," + entity("two", R"({"openai_api_key_plaintext":"k"})");
    create(R"({"name":"chat","config":)" + config_of(entities, traffic) + "}");
    call("POST", "/api/2.0/secrets/delete", R"({"scope":"my_scope","key":"my_openai_api_key"})");
    const auto broken = get("chat");
    EXPECT_EQ(at(broken.body, "/state/ready"), "NOT_READY");
    EXPECT_EQ(at(broken.body, "/config/served_entities/0/state/deployment"), "DEPLOYMENT_FAILED");
    EXPECT_EQ(at(broken.body, "/config/served_entities/1/state/deployment"), "DEPLOYMENT_READY");
    EXPECT_EQ(published("chat")->state, model::serving::ready);
    ASSERT_EQ(published("chat")->entities.size(), 1U);
    EXPECT_EQ(published("chat")->entities[0]->name, "two");
    EXPECT_EQ(published("chat")->out_of_service, std::vector<std::string>{"one"});
    put_secret("my_scope", "my_openai_api_key", "sk-third-key");
    EXPECT_EQ(at(get("chat").body, "/state/ready"), "READY");
    EXPECT_EQ(published("chat")->entities.size(), 2U);
    EXPECT_TRUE(published("chat")->out_of_service.empty());
}

TEST_F(quick_updates, a_rotated_secret_that_cannot_be_sent_breaks_the_entity_instead_of_the_head) {
    create(endpoint_body("chat", entity("one")));
    put_secret("my_scope", "my_openai_api_key", R"(sk\r\nX-Evil: 1)");
    EXPECT_EQ(at(get("chat").body, "/state/ready"), "NOT_READY");
    EXPECT_TRUE(published("chat")->entities.empty());
}

TEST_F(quick_updates, no_key_is_in_any_answer_or_in_the_database) {
    const std::string plain = "sk-plaintext-b1946ac9";
    const std::string stored = "sk-stored-2c6ee24b";
    put_secret("my_scope", "my_openai_api_key", stored);
    const std::string both =
        entity("one", R"({"openai_api_key_plaintext":")" + plain + R"("})") + "," + entity("two");
    const std::string traffic =
        R"(,"traffic_config":{"routes":[{"served_model_name":"one","traffic_percentage":100}]})";
    std::string seen = create(R"({"name":"chat","config":)" + config_of(both, traffic) + "}").body;
    seen += put_config("chat", config_of(both, traffic)).body;
    seen += get("chat").body;
    seen += call("GET", "/api/2.0/serving-endpoints").body;
    seen += create(R"({"name":"chat","config":)" + config_of(both, traffic) + "}").body;
    seen += create(R"({"name":"bad","config":)" + config_of(both) + "}").body;
    seen += call("DELETE", "/api/2.0/serving-endpoints/chat").body;
    seen += create(R"({"name":"chat2","config":)" + config_of(both, traffic) + "}").body;
    EXPECT_EQ(seen.find(plain), std::string::npos);
    EXPECT_EQ(seen.find(stored), std::string::npos);
    EXPECT_EQ(seen.find("plaintext"), std::string::npos) << "no trace of the field either";
    EXPECT_EQ(at(get("chat2").body, "/config/served_entities/0/external_model/openai_config"), "{}");
    EXPECT_NE(published_head("chat2").find(plain), std::string::npos) << "but it is used";
    std::size_t files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(settings_.data_dir)) {
        const std::string bytes = read_all(file.path().string());
        files += bytes.empty() ? 0U : 1U;
        EXPECT_EQ(bytes.find(plain), std::string::npos) << file.path();
        EXPECT_EQ(bytes.find(stored), std::string::npos) << file.path();
    }
    EXPECT_GE(files, 2U);
}

TEST_F(quick_updates, a_damaged_document_stops_the_start_with_the_endpoints_name) {
    create(endpoint_body("chat", entity("one")));
    state_.reset();
    {
        auto db = store::open(settings_.data_dir);
        ASSERT_TRUE(db);
        auto rows = (*db)->endpoints();
        ASSERT_TRUE(rows);
        ASSERT_EQ(rows->size(), 1U);
        rows->front().document = R"({"format":2})";
        ASSERT_TRUE((*db)->put_endpoint(rows->front()));
    }
    const auto opened = plane_state::open(settings_, clock_, policy_);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("'chat'"), std::string::npos);
}

TEST_F(quick_updates, tokens_are_published_with_the_answer_that_makes_them_and_gone_after_their_delete) {
    (void)published("x");
    ASSERT_EQ(last_->tokens.size(), 1U) << "the admin token";
    std::shared_ptr<const model::principal> owner;
    last_->tokens.for_each(
        [&](const std::string&, const model::token& each) { owner = *last_->principals.find(each.owner); });
    const auto made = call("POST", "/api/2.0/token/create", R"({"comment":"c"})", owner);
    ASSERT_EQ(made.status, 200) << made.body;
    (void)published("x");
    EXPECT_EQ(last_->tokens.size(), 2U);
    const std::string id = at(made.body, "/token_info/token_id");
    EXPECT_EQ(call("POST", "/api/2.0/token/delete", R"({"token_id":")" + id + R"("})", owner).body, "{}");
    (void)published("x");
    EXPECT_EQ(last_->tokens.size(), 1U);
    EXPECT_EQ(last_->workspace_id.find_first_not_of("0123456789"), std::string::npos);
    EXPECT_FALSE(last_->workspace_id.empty());
}

TEST_F(quick_updates, users_and_their_tokens_work_end_to_end) {
    const auto user = call("POST", "/api/2.0/preview/scim/v2/Users", R"({"userName":"carol@example.com"})");
    ASSERT_EQ(user.status, 200) << user.body;
    EXPECT_NE(at(user.body, "/id"), "(none)");
    const auto token =
        call("POST", "/api/2.0/token-management/on-behalf-of/tokens", R"({"user_name":"carol@example.com"})");
    ASSERT_EQ(token.status, 200) << token.body;
    (void)published("x");
    bool found = false;
    last_->tokens.for_each([&](const std::string&, const model::token& each) {
        found = found || (*last_->principals.find(each.owner))->user_name == "carol@example.com";
    });
    EXPECT_TRUE(found);
    EXPECT_EQ(call("POST", "/api/2.0/preview/scim/v2/Users", R"({"userName":"d"})", bob()).status, 403);
    const auto carol =
        std::make_shared<const model::principal>(caller(at(user.body, "/id"), "carol@example.com"));
    EXPECT_EQ(at(call("GET", "/api/2.0/token/list", "", carol).body, "/token_infos/0/token_id"),
              at(token.body, "/token_info/token_id"));
    EXPECT_EQ(at(call("GET", "/api/2.0/preview/scim/v2/Me", "", carol).body, "/userName"),
              "carol@example.com");
}

TEST_F(quick_updates, the_secrets_calls_are_routed_with_their_bodies_and_queries) {
    EXPECT_EQ(at(call("GET", "/api/2.0/secrets/scopes/list").body, "/scopes/0/name"), "my_scope");
    EXPECT_EQ(at(call("GET", "/api/2.0/secrets/list?scope=my%5Fscope").body, "/secrets/0/key"),
              "my_openai_api_key");
    EXPECT_EQ(at(call("GET", "/api/2.0/secrets/get?key=my_openai_api_key&scope=my_scope").body, "/value"),
              "c2stZmlyc3Qta2V5");
    EXPECT_EQ(call("GET", "/api/2.0/secrets/get?scope=my_scope&key=%zz").status, 400);
    EXPECT_EQ(call("GET", "/api/2.0/secrets/get?scope=my_scope&scope=b&key=k").status, 400);
    EXPECT_EQ(call("GET", "/api/2.0/secrets/list?scope=my_scope", "", bob()).status, 403);
    EXPECT_EQ(call("POST",
                   "/api/2.0/secrets/acls/put",
                   R"({"scope":"my_scope","principal":"users","permission":"READ"})")
                  .body,
              "{}");
    EXPECT_EQ(at(call("GET", "/api/2.0/secrets/acls/get?principal=users&scope=my_scope").body, "/permission"),
              "READ");
    EXPECT_NE(at(call("GET", "/api/2.0/secrets/acls/list?scope=my_scope").body, "/items"), "(none)");
    EXPECT_EQ(
        call("POST", "/api/2.0/secrets/acls/delete", R"({"scope":"my_scope","principal":"users"})").body,
        "{}");
    EXPECT_EQ(call("POST", "/api/2.0/secrets/scopes/create", R"({"scope":"my_scope"})").status, 400);
    EXPECT_EQ(call("POST", "/api/2.0/secrets/scopes/delete", R"({"scope":"my_scope"})").body, "{}");
    EXPECT_EQ(call("POST", "/api/2.0/secrets/scopes/delete", R"({"scope":"my_scope"})").status, 404);
}

} // namespace
} // namespace sluice::control::plane_updates_test
