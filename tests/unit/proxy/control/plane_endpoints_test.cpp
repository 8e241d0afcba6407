#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::control::plane_endpoints_test {
namespace {

class endpoint_calls : public plane_test {
protected:
    void SetUp() override { open_with_secret(); }

    std::string rate_limits_path(const std::string& name) {
        return "/api/2.0/serving-endpoints/" + name + "/rate-limits";
    }
    std::string tags_path(const std::string& name) { return "/api/2.0/serving-endpoints/" + name + "/tags"; }
};

TEST_F(endpoint_calls, the_seeds_create_example_is_answered_as_shown) {
    const std::string seed =
        R"({"name":"openai_endpoint","config":{"served_entities":[{"name":"openai_embeddings","external_model":{)"
        R"("name":"text-embedding-ada-002","provider":"openai","task":"llm/v1/embeddings","openai_config":{)"
        R"("openai_api_key":"{{secrets/my_scope/my_openai_api_key}}"}}}]},)"
        R"("rate_limits":[{"calls":100,"key":"user","renewal_period":"minute"}],"tags":[{"key":"team","value":"gen-ai"}]})";
    EXPECT_EQ(create(seed, alice()).status, 400) << "she may not read the admin's scope";
    ASSERT_EQ(call("POST", "/api/2.0/preview/scim/v2/Users", R"({"userName":"alice@example.com"})").status,
              200);
    const std::string acl = R"({"scope":"my_scope","principal":"alice@example.com","permission":"READ"})";
    ASSERT_EQ(call("POST", "/api/2.0/secrets/acls/put", acl).status, 200);
    const auto again = create(seed, alice());
    ASSERT_EQ(again.status, 200) << again.body;
    const std::string id = at(again.body, "/id");
    EXPECT_EQ(id.size(), 32U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(
        again.body,
        R"({"name":"openai_endpoint","creator":"alice@example.com","creation_timestamp":1700000000000,)"
        R"("last_updated_timestamp":1700000000000,"state":{"ready":"READY","config_update":"NOT_UPDATING"},)"
        R"("config":{"served_entities":[{"name":"openai_embeddings","external_model":{"provider":"openai",)"
        R"("name":"text-embedding-ada-002","task":"llm/v1/embeddings","openai_config":{)"
        R"("openai_api_key":"{{secrets/my_scope/my_openai_api_key}}"}},"state":{"deployment":"DEPLOYMENT_READY",)"
        R"("deployment_state_message":""},"creator":"alice@example.com","creation_timestamp":1700000000000}],)"
        R"("traffic_config":{"routes":[{"served_model_name":"openai_embeddings",)"
        R"("served_entity_name":"openai_embeddings","traffic_percentage":100}]},"config_version":1},)"
        R"("tags":[{"key":"team","value":"gen-ai"}],"id":")" +
            id +
            R"(","permission_level":"CAN_MANAGE","route_optimized":false,"task":"llm/v1/embeddings",)"
            R"("endpoint_type":"EXTERNAL_MODEL","creator_display_name":"alice@example.com",)"
            R"("creator_kind":"User","description":"","ai_gateway":{"rate_limits":[{"calls":100,)"
            R"("key":"user","renewal_period":"minute"}]}})");
    EXPECT_EQ(get("openai_endpoint", alice()).body, again.body);
}

TEST_F(endpoint_calls, the_list_is_an_object_sorted_by_name_and_never_without_its_key) {
    EXPECT_EQ(call("GET", "/api/2.0/serving-endpoints/").body, R"({"endpoints":[]})");
    create(endpoint_body("b", entity("one")));
    create(R"({"name":"a"})");
    const auto list = call("GET", "/api/2.0/serving-endpoints");
    EXPECT_EQ(at(list.body, "/endpoints/0/name"), "a");
    EXPECT_EQ(at(list.body, "/endpoints/1/name"), "b");
    EXPECT_EQ(at(list.body, "/endpoints/1/config/served_entities/0/type"), "EXTERNAL_MODEL");
    EXPECT_EQ(at(list.body, "/endpoints/1/state/config_update"), "NOT_UPDATING");
    EXPECT_EQ(at(list.body, "/endpoints/1/permission_level"), "(none)");
}

TEST_F(endpoint_calls, an_endpoint_without_config_is_not_ready_and_serves_nothing) {
    const auto answer = create(R"({"name":"empty"})");
    EXPECT_EQ(at(answer.body, "/state/ready"), "NOT_READY");
    EXPECT_EQ(at(answer.body, "/state/config_update"), "NOT_UPDATING");
    EXPECT_EQ(at(answer.body, "/config"), "(none)");
    EXPECT_EQ(at(answer.body, "/tags"), "[]");
    ASSERT_TRUE(published("empty"));
    EXPECT_EQ(published("empty")->state, model::serving::absent);
    EXPECT_EQ(at(put_config("empty", config_of(entity("one"))).body, "/state/ready"), "READY");
    EXPECT_EQ(published("empty")->state, model::serving::ready);
}

TEST_F(endpoint_calls, a_taken_name_is_409_and_free_again_after_delete) {
    const auto first = create(endpoint_body("chat", entity("one")));
    const auto taken = create(endpoint_body("chat", entity("one")));
    EXPECT_EQ(taken.status, 409);
    EXPECT_EQ(at(taken.body, "/error_code"), "RESOURCE_ALREADY_EXISTS");
    const auto gone = call("DELETE", "/api/2.0/serving-endpoints/chat");
    EXPECT_EQ(gone.status, 200);
    EXPECT_EQ(gone.body, "{}");
    EXPECT_EQ(published("chat"), nullptr);
    const auto missing = get("chat");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(at(missing.body, "/error_code"), "RESOURCE_DOES_NOT_EXIST");
    EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/chat").status, 404);
    const auto second = create(endpoint_body("chat", entity("one")));
    EXPECT_EQ(second.status, 200);
    EXPECT_NE(at(second.body, "/id"), at(first.body, "/id"));
}

TEST_F(endpoint_calls, a_config_update_replaces_the_whole_config_as_the_next_version) {
    create(endpoint_body("chat",
                         entity("completions", R"({"openai_api_key_plaintext":"k"})", "llm/v1/embeddings")));
    const auto answer = put_config("chat", R"({"name":"ignored",)" + config_of(entity("chats")).substr(1));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(at(answer.body, "/name"), "chat");
    EXPECT_EQ(at(answer.body, "/config/config_version"), "2");
    EXPECT_EQ(at(answer.body, "/config/served_entities/0/name"), "chats");
    EXPECT_EQ(at(answer.body, "/config/served_entities/1"), "(none)");
    EXPECT_EQ(at(answer.body, "/task"), "llm/v1/chat");
    EXPECT_EQ(at(answer.body, "/pending_config"), "(none)");
    EXPECT_EQ(published("chat")->config_version, 2);
    EXPECT_EQ(published("chat")->task, providers::task::chat);
    EXPECT_EQ(put_config("nothing", config_of(entity("one"))).status, 404);
}

TEST_F(endpoint_calls, an_external_endpoint_cannot_become_another_kind) {
    create(endpoint_body("chat", entity("one")));
    const std::string registered = R"({"served_entities":[{"entity_name":"m","entity_version":"1"}]})";
    EXPECT_EQ(put_config("chat", registered).status, 400);
    create(R"({"name":"empty"})");
    EXPECT_EQ(put_config("empty", registered).status, 501);
}

TEST_F(endpoint_calls, several_entities_reach_the_data_plane_with_their_shares) {
    const std::string traffic =
        R"(,"traffic_config":{"routes":[{"served_entity_name":"b","traffic_percentage":70},)"
        R"({"served_model_name":"a","served_entity_name":"a","traffic_percentage":30}]})";
    const std::string entities =
        entity("a") + "," + entity("b", R"({"openai_api_key_plaintext":"k"})") + "," + entity("c");
    const auto answer = create(R"({"name":"split","config":)" + config_of(entities, traffic) + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto endpoint = published("split");
    ASSERT_TRUE(endpoint);
    ASSERT_EQ(endpoint->entities.size(), 3U);
    EXPECT_EQ(endpoint->entities[0]->name, "a");
    EXPECT_EQ(endpoint->entities[0]->traffic_percentage, 30);
    EXPECT_EQ(endpoint->entities[1]->traffic_percentage, 70);
    EXPECT_EQ(endpoint->entities[2]->traffic_percentage, 0)
        << "an entity without a route serves by its own path only";
    EXPECT_EQ(endpoint->id, at(answer.body, "/id"));
}

TEST_F(endpoint_calls, rate_limits_are_replaced_and_echoed_with_their_default_key) {
    create(endpoint_body("chat", entity("one")));
    const auto seed = call("PUT",
                           rate_limits_path("chat"),
                           R"({"rate_limits":[{"key":"user","renewal_period":"minute","calls":10}]})");
    EXPECT_EQ(seed.body, R"({"rate_limits":[{"calls":10,"key":"user","renewal_period":"minute"}]})");
    const std::vector<model::rate_limit> user_limit{{model::limit_key::user, 10}};
    EXPECT_EQ(published("chat")->limits, user_limit);
    const auto sdk =
        call("PUT", rate_limits_path("chat"), R"({"rate_limits":[{"calls":5,"renewal_period":"minute"}]})");
    EXPECT_EQ(sdk.body, R"({"rate_limits":[{"calls":5,"key":"endpoint","renewal_period":"minute"}]})");
    const auto shown = get("chat");
    EXPECT_EQ(at(shown.body, "/ai_gateway/rate_limits/0/calls"), "5");
    EXPECT_EQ(at(shown.body, "/rate_limits"), "(none)");
    EXPECT_EQ(at(shown.body, "/config/config_version"), "1");
    put_config("chat", config_of(entity("two")));
    EXPECT_EQ(published("chat")->limits.size(), 1U) << "limits survive a config update";
    EXPECT_EQ(call("PUT", rate_limits_path("chat"), R"({"rate_limits":[]})").body, R"({"rate_limits":[]})");
    EXPECT_EQ(at(get("chat").body, "/ai_gateway"), "(none)");
    EXPECT_EQ(
        call("PUT", rate_limits_path("chat"), R"({"rate_limits":[{"calls":-5,"renewal_period":"minute"}]})")
            .status,
        400);
}

TEST_F(endpoint_calls, tags_are_patched_and_answered_as_the_full_list) {
    create(R"({"name":"chat","tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]})");
    const auto answer =
        call("PATCH",
             tags_path("chat"),
             R"({"add_tags":[{"key":"c","value":"3"},{"key":"b","value":"4"}],"delete_tags":["a","z"]})");
    EXPECT_EQ(answer.body, R"({"tags":[{"key":"b","value":"4"},{"key":"c","value":"3"}]})");
    EXPECT_EQ(call("PATCH", tags_path("chat"), "").body, answer.body) << "an empty body changes nothing";
}

TEST_F(endpoint_calls, create_echoes_what_it_stores) {
    const auto answer = create(R"({"name":"x","description":"what for","budget_policy_id":"p1",)"
                               R"("email_notifications":{"on_update_success":["a@example.com"]}})");
    EXPECT_EQ(at(answer.body, "/description"), "what for");
    EXPECT_EQ(at(answer.body, "/budget_policy_id"), "p1");
    EXPECT_EQ(at(answer.body, "/effective_budget_policy_id"), "p1");
    EXPECT_EQ(at(answer.body, "/email_notifications/on_update_success/0"), "a@example.com");
}

TEST_F(endpoint_calls, rights_follow_the_creator_and_the_admins) {
    EXPECT_EQ(create(R"({"name":"x"})", bob()).status, 403);
    ASSERT_EQ(create(R"({"name":"x"})", alice()).status, 200);
    EXPECT_EQ(at(get("x", alice()).body, "/permission_level"), "CAN_MANAGE");
    EXPECT_EQ(at(get("x", admin_user()).body, "/permission_level"), "CAN_MANAGE");
    EXPECT_EQ(get("x", bob()).status, 403);
    const std::string plaintext = config_of(entity("one", R"({"openai_api_key_plaintext":"k"})"));
    {
        const auto who = bob();
        EXPECT_EQ(put_config("x", plaintext, who).status, 403);
        EXPECT_EQ(call("PUT", rate_limits_path("x"), "{}", who).status, 403);
        EXPECT_EQ(call("PATCH", tags_path("x"), "{}", who).status, 403);
        EXPECT_EQ(call("POST", "/api/2.0/serving-endpoints/x/config:cancel", "", who).status, 403);
        EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/x", "", who).status, 403);
        EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/y", "", who).status, 404);
    }
    EXPECT_EQ(put_config("x", plaintext, alice()).status, 200);
    EXPECT_EQ(put_config("x", plaintext, admin_user()).status, 200);
    EXPECT_EQ(at(get("x").body, "/creator"), "alice@example.com");
}

TEST_F(endpoint_calls, a_reference_must_be_readable_by_the_caller) {
    create(R"({"name":"x"})", alice());
    const auto refused = put_config("x", config_of(entity("one")), alice());
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(at(refused.body, "/message").find("my_scope"), std::string::npos);
    EXPECT_EQ(put_config("x", config_of(entity("one")), admin_user()).status, 200);
}

TEST_F(endpoint_calls, names_that_are_routes_work) {
    for (const std::string name : {"pt", "chat", "models", "anthropic"}) {
        ASSERT_EQ(create(endpoint_body(name, entity("one"))).status, 200) << name;
        EXPECT_EQ(get(name).status, 200) << name;
        EXPECT_EQ(put_config(name, config_of(entity("two"))).status, 200) << name;
        EXPECT_EQ(call("PATCH", tags_path(name), "{}").status, 200) << name;
    }
    EXPECT_EQ(call("POST", "/api/2.0/serving-endpoints/pt", "{}").status, 400) << "another call";
    EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/pt").status, 200);
}

TEST_F(endpoint_calls, unknown_paths_and_later_calls_have_their_codes) {
    const auto unknown = call("PUT", "/api/2.0/serving-endpoints");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(
        unknown.body,
        R"({"error_code":"ENDPOINT_NOT_FOUND","message":"No API found for 'PUT /api/2.0/serving-endpoints'"})");
    const auto later = call("POST", "/api/2.0/external-function", "{}", bob());
    EXPECT_EQ(later.status, 501);
    EXPECT_EQ(at(later.body, "/error_code"), "NOT_IMPLEMENTED");
}

TEST_F(endpoint_calls, base_urls_of_the_operator_reach_the_target_and_obey_the_same_policy) {
    settings_.provider_base_urls.emplace("openai", "http://127.0.0.1:9999/v1");
    restart();
    EXPECT_EQ(create(endpoint_body("x", entity("one"))).status, 400);
    const auto loopback = net::parse_cidr("127.0.0.0/8");
    ASSERT_TRUE(loopback);
    policy_ = net::upstream_policy({*loopback});
    restart();
    ASSERT_EQ(create(endpoint_body("x", entity("one"))).status, 200);
    const auto endpoint = published("x");
    ASSERT_EQ(endpoint->entities.size(), 1U);
    EXPECT_EQ(endpoint->entities[0]->target.to, (providers::origin{false, "127.0.0.1", 9999}));
    EXPECT_EQ(
        create(endpoint_body(
                   "y",
                   entity("one",
                          R"({"openai_api_key_plaintext":"k","openai_api_base":"http://localhost:1/v1"})")))
            .status,
        200);
}

TEST_F(endpoint_calls, default_names_come_from_the_model) {
    const std::string unnamed =
        R"({"external_model":{"name":"org/gpt-4.1:beta","provider":"openai","task":"llm/v1/chat",)"
        R"("openai_config":{"openai_api_key":"{{secrets/my_scope/my_openai_api_key}}"}}})";
    const auto answer = create(endpoint_body("x", unnamed));
    EXPECT_EQ(at(answer.body, "/config/served_entities/0/name"), "org-gpt-4-1-beta") << answer.body;
    EXPECT_EQ(at(answer.body, "/config/served_entities/0/external_model/name"), "org/gpt-4.1:beta");
    EXPECT_EQ(create(endpoint_body("z", unnamed + "," + unnamed)).status, 400) << "two equal default names";
}

TEST_F(endpoint_calls, the_strict_setting_allows_one_external_entity) {
    const std::string two = R"({"name":"x","config":)" +
                            config_of(entity("one") + "," + entity("two"),
                                      R"(,"traffic_config":{"routes":[)"
                                      R"({"served_model_name":"one","traffic_percentage":100}]})") +
                            "}";
    settings_.single_external_entity = true;
    restart();
    EXPECT_EQ(create(two).status, 400);
    EXPECT_EQ(create(endpoint_body("y", entity("one"))).status, 200);
    settings_.single_external_entity = false;
    restart();
    EXPECT_EQ(create(two).status, 200);
}

} // namespace
} // namespace sluice::control::plane_endpoints_test
