// The history of configs: what is kept of each update, who sees it, and how an endpoint goes back to one.
#include "core/db/database.hpp"
#include "tests/support/text.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sluice::control::plane_versions_test {
namespace {

using support::joined;

constexpr const char* versions_path = "/api/2.0/sluice/serving-endpoints/chat/versions";
constexpr const char* cancel_path = "/api/2.0/serving-endpoints/chat/config:cancel";
constexpr const char* plaintext = R"({"openai_api_key_plaintext":"sk-very-plain"})";

class config_history : public plane_test {
protected:
    void SetUp() override {
        open_with_secret();
        ASSERT_EQ(create(endpoint_body("chat", entity("one"))).status, 200);
    }

    std::string versions(const std::string& query = "") {
        const auto listed = call("GET", versions_path + query);
        EXPECT_EQ(listed.status, 200) << listed.body;
        return listed.body;
    }
    // "3 active, 2 failed, 1 superseded"
    std::string outcomes() {
        const std::string listed = versions();
        std::string out;
        for (int i = 0;; ++i) {
            const std::string row = "/versions/" + std::to_string(i);
            if (at(listed, row) == "(none)") return out;
            if (!out.empty()) out += ", ";
            out += joined({at(listed, row + "/version"), " ", at(listed, row + "/outcome")});
        }
    }
    model::management_response restore(const std::string& version,
                                       std::shared_ptr<const model::principal> who = admin_user()) {
        return call("POST", versions_path + ("/" + version + "/restore"), "{}", std::move(who));
    }
    void put(std::string_view entities) {
        const auto done = put_config("chat", config_of(entities));
        ASSERT_EQ(done.status, 200) << done.body;
    }
    std::string shown(std::string_view pointer) { return at(get("chat").body, pointer); }
};

TEST_F(config_history, each_update_leaves_a_version_with_author_time_and_config) {
    const auto dora = make_user("dora@example.com", R"(,"entitlements":[{"value":"workspace-access"}])");
    ASSERT_EQ(grant("chat", R"("user_name":"dora@example.com")", "CAN_MANAGE").status, 200);
    clock_.passed = milliseconds(5000);
    ASSERT_EQ(put_config("chat", config_of(entity("two", plaintext)), dora).status, 200);
    EXPECT_EQ(
        versions(),
        R"({"versions":[{"version":2,"created_ms":1700000005000,"created_by":"dora@example.com",)"
        R"("outcome":"active","message":"","config":{"served_entities":[{"name":"two","external_model":{)"
        R"("provider":"openai","name":"gpt-4","task":"llm/v1/chat","openai_config":{}},)"
        R"("creator":"dora@example.com","creation_timestamp":1700000005000}],"traffic_config":{"routes":[{)"
        R"("served_model_name":"two","served_entity_name":"two","traffic_percentage":100}]}}},)"
        R"({"version":1,"created_ms":1700000000000,"created_by":"admin","outcome":"superseded","message":"",)"
        R"("config":{"served_entities":[{"name":"one","external_model":{"provider":"openai","name":"gpt-4",)"
        R"("task":"llm/v1/chat","openai_config":{"openai_api_key":"{{secrets/my_scope/my_openai_api_key}}"}},)"
        R"("creator":"admin","creation_timestamp":1700000000000}],"traffic_config":{"routes":[{)"
        R"("served_model_name":"one","served_entity_name":"one","traffic_percentage":100}]}}}]})");
}

TEST_F(config_history, it_survives_a_restart_and_holds_no_key_in_the_clear) {
    put(entity("two", plaintext));
    put(entity("three"));
    restart();
    EXPECT_EQ(outcomes(), "3 active, 2 superseded, 1 superseded");
    EXPECT_EQ(versions().find("sk-very-plain"), std::string::npos);
    state_.reset();
    for (const char* const file : {"/sluice.db", "/sluice.db-wal"}) {
        EXPECT_EQ(read_all(settings_.data_dir + file).find("sk-very-plain"), std::string::npos);
    }
}

TEST_F(config_history, changes_of_other_things_leave_no_version) {
    EXPECT_EQ(call("PATCH", "/api/2.0/serving-endpoints/chat/tags", R"({"add_tags":[{"key":"k"}]})").status,
              200);
    EXPECT_EQ(outcomes(), "1 active");
    ASSERT_EQ(create(R"({"name":"empty"})").status, 200);
    EXPECT_EQ(call("GET", "/api/2.0/sluice/serving-endpoints/empty/versions").body, R"({"versions":[]})");
}

TEST_F(config_history, a_version_is_restored_as_a_new_one_with_its_plaintext_key) {
    put(entity("two", plaintext));
    put(entity("three"));
    EXPECT_EQ(published_head("chat").find("sk-very-plain"), std::string::npos);
    restart();
    const auto restored = restore("2");
    ASSERT_EQ(restored.status, 200) << restored.body;
    EXPECT_EQ(at(restored.body, "/config/config_version"), "4");
    EXPECT_EQ(at(restored.body, "/config/served_entities/0/name"), "two");
    EXPECT_NE(published_head("chat").find("sk-very-plain"), std::string::npos);
    EXPECT_EQ(outcomes(), "4 active, 3 superseded, 2 superseded, 1 superseded");
    // Again, from the version that the restore has made.
    put(entity("five"));
    restart();
    ASSERT_EQ(restore("4").status, 200);
    EXPECT_NE(published_head("chat").find("sk-very-plain"), std::string::npos);
}

TEST_F(config_history, a_restore_is_audited_as_a_change_of_the_endpoint) {
    put(entity("two", plaintext));
    ASSERT_EQ(restore("1").status, 200);
    const std::string seen =
        call("GET", "/api/2.0/sluice/audit?target=serving-endpoints/chat&max_results=1").body;
    EXPECT_EQ(at(seen, "/audit_events/0/action_name"), "modelServing.restoreServingEndpointConfig");
    EXPECT_EQ(at(seen, "/audit_events/0/before/config/served_entities/0/name"), "two");
    EXPECT_EQ(at(seen, "/audit_events/0/after/config/served_entities/0/name"), "one");
    EXPECT_EQ(seen.find("sk-very-plain"), std::string::npos);
}

TEST_F(config_history, a_version_whose_secret_is_gone_is_refused_as_put_config_refuses_it) {
    make_secret("other", "key", "sk-other");
    const std::string other = entity("two", R"({"openai_api_key":"{{secrets/other/key}}"})");
    put(other);
    put(entity("three"));
    ASSERT_EQ(call("POST", "/api/2.0/secrets/delete", R"({"scope":"other","key":"key"})").status, 200);
    const auto gone = restore("2");
    EXPECT_EQ(gone.status, 400);
    EXPECT_EQ(gone.body, put_config("chat", config_of(other)).body);
    ASSERT_EQ(call("POST", "/api/2.0/secrets/scopes/delete", R"({"scope":"other"})").status, 200);
    EXPECT_EQ(restore("2").status, 400);
    EXPECT_EQ(outcomes(), "3 active, 2 superseded, 1 superseded");
}

TEST_F(config_history, a_version_means_the_scope_that_its_writer_could_read) {
    make_secret("other", "key", "sk-other");
    const std::string other = entity("two", R"({"openai_api_key":"{{secrets/other/key}}"})");
    put(other);
    put(entity("three"));
    ASSERT_EQ(call("POST", "/api/2.0/secrets/scopes/delete", R"({"scope":"other"})").status, 200);
    make_secret("other", "key", "sk-of-somebody-else");
    const auto refused = restore("2");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(at(refused.body, "/message"),
              "Served entity 'two': The secret scope 'other' was deleted after the config was written: write "
              "the config again.");
    restart();
    EXPECT_EQ(restore("2").status, 400);
    EXPECT_EQ(outcomes(), "3 active, 2 superseded, 1 superseded");
    // Whoever may read the new one says that it is meant, and from then on a restore means it too.
    put(other);
    put(entity("three"));
    EXPECT_EQ(restore("2").status, 400);
    EXPECT_EQ(restore("4").status, 200);
    EXPECT_NE(published_head("chat").find("sk-of-somebody-else"), std::string::npos);
}

TEST_F(config_history, a_version_is_checked_by_the_rules_of_now) {
    put(entity("one") + "," + entity("two") +
        R"(],"traffic_config":{"routes":[{"served_model_name":"one","traffic_percentage":50},)"
        R"({"served_model_name":"two","traffic_percentage":50}]},"tags":[)");
    put(entity("three"));
    settings_.single_external_entity = true;
    restart();
    EXPECT_EQ(restore("2").status, 400);
    EXPECT_EQ(restore("1").status, 200);
}

TEST_F(config_history, only_a_version_that_is_there_is_restored) {
    EXPECT_EQ(restore("2").status, 404);
    EXPECT_EQ(at(restore("2").body, "/error_code"), "RESOURCE_DOES_NOT_EXIST");
    for (const char* const odd : {"0", "-1", "+1", "01", "001", "x", "1x", "1.0", "99999999999", "%31%20"})
        EXPECT_EQ(restore(odd).status, 400) << odd;
    for (const char* const body :
         {R"({"version":1})", R"({"served_entities":[]})", R"({"a":null})", "7", "x"})
        EXPECT_EQ(call("POST", versions_path + std::string("/1/restore"), body).status, 400) << body;
    EXPECT_EQ(call("POST", versions_path + std::string("/1/restore"), "").status, 200);
    EXPECT_EQ(call("POST", "/api/2.0/sluice/serving-endpoints/nothing/versions/1/restore").status, 404);
    EXPECT_EQ(call("GET", "/api/2.0/sluice/serving-endpoints/nothing/versions").status, 404);
}

TEST_F(config_history, the_last_hundred_are_kept_page_by_page) {
    for (int i = 0; i < 104; ++i)
        put(entity("e" + std::to_string(i)));
    std::string query;
    int next = 105;
    for (int page = 0; page < 5; ++page) {
        const std::string listed = versions(query);
        for (int row = 0; row < 20; ++row, --next) {
            EXPECT_EQ(at(listed, joined({"/versions/", std::to_string(row), "/version"})),
                      std::to_string(next));
        }
        query = "?page_token=" + at(listed, "/next_page_token");
        EXPECT_EQ(query, page < 4 ? "?page_token=" + std::to_string(next + 1) : "?page_token=(none)");
    }
    EXPECT_EQ(restore("5").status, 404);
    EXPECT_EQ(restore("6").status, 200);
    EXPECT_EQ(call("GET", versions_path + std::string("?page_token=x")).status, 400);
    EXPECT_EQ(call("GET", versions_path + std::string("?page_token=1")).body, R"({"versions":[]})");
}

TEST_F(config_history, it_goes_with_its_endpoint) {
    put(entity("two"));
    ASSERT_EQ(call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    ASSERT_EQ(create(endpoint_body("chat", entity("new"))).status, 200);
    EXPECT_EQ(outcomes(), "1 active");
}

TEST_F(config_history, an_endpoint_of_an_earlier_gateway_begins_with_what_it_has) {
    put(entity("two", plaintext));
    state_.reset();
    {
        const auto db = db::database::open(settings_.data_dir + "/sluice.db");
        ASSERT_TRUE(succeeds(db));
        ASSERT_TRUE(succeeds((*db)->run("DELETE FROM config_versions; UPDATE endpoints SET document ="
                                        " json_remove(document, '$.active.author', '$.active.created')")));
    }
    open();
    EXPECT_EQ(outcomes(), "2 active");
    EXPECT_EQ(at(versions(), "/versions/0/created_by"), "admin");
    EXPECT_EQ(at(versions(), "/versions/0/created_ms"), "1700000000000");
    put(entity("three"));
    ASSERT_EQ(restore("2").status, 200);
    EXPECT_NE(published_head("chat").find("sk-very-plain"), std::string::npos);
    restart();
    EXPECT_EQ(outcomes(), "4 active, 3 superseded, 2 superseded");
}

TEST_F(config_history, a_version_that_was_moved_to_another_endpoint_does_not_open) {
    put(entity("two", plaintext));
    ASSERT_EQ(create(endpoint_body("other", entity("one"))).status, 200);
    state_.reset();
    {
        const auto db = db::database::open(settings_.data_dir + "/sluice.db");
        ASSERT_TRUE(succeeds(db));
        ASSERT_TRUE(succeeds(
            (*db)->run("UPDATE config_versions SET document ="
                       " (SELECT document FROM config_versions WHERE version = 2) WHERE endpoint_id ="
                       " (SELECT id FROM endpoints WHERE name = 'other')")));
    }
    open();
    EXPECT_EQ(call("GET", "/api/2.0/sluice/serving-endpoints/other/versions").status, 500);
    EXPECT_EQ(call("POST", "/api/2.0/sluice/serving-endpoints/other/versions/1/restore").status, 500);
}

class slow_history : public config_history {
protected:
    void SetUp() override {
        settings_.update_delay = milliseconds(500);
        config_history::SetUp();
        clock_.passed += milliseconds(500);
        ASSERT_EQ(outcomes(), "1 active");
    }
};

TEST_F(slow_history, an_update_is_pending_until_it_ends) {
    put(entity("two"));
    EXPECT_EQ(outcomes(), "2 pending, 1 active");
    EXPECT_EQ(restore("1").status, 409);
    restart();
    EXPECT_EQ(outcomes(), "2 pending, 1 active");
    clock_.passed += milliseconds(500);
    EXPECT_EQ(outcomes(), "2 active, 1 superseded");
    EXPECT_EQ(at(restore("1").body, "/state/config_update"), "IN_PROGRESS");
    EXPECT_EQ(outcomes(), "3 pending, 2 active, 1 superseded");
    clock_.passed += milliseconds(500);
    EXPECT_EQ(shown("/config/served_entities/0/name"), "one");
}

TEST_F(slow_history, a_cancelled_update_can_be_restored) {
    put(entity("two", plaintext));
    ASSERT_EQ(call("POST", cancel_path).status, 200);
    EXPECT_EQ(outcomes(), "2 canceled, 1 active");
    ASSERT_EQ(restore("2").status, 200);
    clock_.passed += milliseconds(500);
    EXPECT_EQ(outcomes(), "3 active, 2 canceled, 1 superseded");
    EXPECT_NE(published_head("chat").find("sk-very-plain"), std::string::npos);
}

TEST_F(slow_history, a_failed_update_says_why_and_keeps_its_number) {
    make_secret("other", "key", "sk-other");
    put(entity("two", R"({"openai_api_key":"{{secrets/other/key}}"})"));
    ASSERT_EQ(call("POST", "/api/2.0/secrets/delete", R"({"scope":"other","key":"key"})").status, 200);
    clock_.passed += milliseconds(500);
    EXPECT_EQ(outcomes(), "2 failed, 1 active");
    EXPECT_NE(at(versions(), "/versions/0/message").find("other"), std::string::npos);
    put(entity("three"));
    clock_.passed += milliseconds(500);
    EXPECT_EQ(outcomes(), "3 active, 2 failed, 1 superseded");
    EXPECT_NE(at(versions(), "/versions/1/message").find("other"), std::string::npos);
    put_secret("other", "key", "sk-again");
    ASSERT_EQ(restore("2").status, 200);
    clock_.passed += milliseconds(500);
    EXPECT_EQ(outcomes(), "4 active, 3 superseded, 2 failed, 1 superseded");
}

TEST_F(config_history, what_a_failed_write_would_have_kept_is_not_there) {
    {
        const file_size_limit no_more(0);
        EXPECT_EQ(put_config("chat", config_of(entity("two", plaintext))).status, 500);
    }
    restart();
    EXPECT_EQ(outcomes(), "1 active");
    put(entity("two"));
    EXPECT_EQ(outcomes(), "2 active, 1 superseded");
}

} // namespace
} // namespace sluice::control::plane_versions_test
