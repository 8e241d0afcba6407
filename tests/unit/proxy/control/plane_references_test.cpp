// What endpoints name: secret scopes and the principals of limits, which may be deleted, renamed and made
// again.
#include "tests/unit/proxy/control/plane_fixture.hpp"

namespace sluice::control::plane_references_test {
namespace {

constexpr const char* groups = "/api/2.0/preview/scim/v2/Groups";

class references : public plane_test {
protected:
    references() { open_with_secret(); }

    void delete_scope() {
        ASSERT_EQ(call("POST", "/api/2.0/secrets/scopes/delete", R"({"scope":"my_scope"})").status, 200);
    }
    std::string limits(const std::string& key, const std::string& name) {
        return R"({"rate_limits":[{"calls":5,"key":")" + key + R"(","principal":")" + name +
               R"(","renewal_period":"minute"}]})";
    }
    std::string shown_limit() {
        return at(call("GET", "/api/2.0/serving-endpoints/x/ai-gateway").body, "/rate_limits/0/principal");
    }
};

TEST_F(references, a_scope_that_is_made_again_is_another_one) {
    ASSERT_EQ(create(endpoint_body("x", entity("one"))).status, 200);
    delete_scope();
    make_secret("my_scope", "my_openai_api_key", "sk-of-somebody-else");
    EXPECT_EQ(published_head("x"), "(none)");
    EXPECT_EQ(at(get("x").body, "/config/served_entities/0/state/deployment"), "DEPLOYMENT_FAILED");
    restart();
    EXPECT_EQ(published_head("x"), "(none)");
    put_secret("my_scope", "my_openai_api_key", "sk-rotated");
    EXPECT_EQ(published_head("x"), "(none)");
    ASSERT_EQ(call("PATCH", "/api/2.0/serving-endpoints/x/tags", R"({"add_tags":[{"key":"a"}]})").status,
              200);
    EXPECT_EQ(published_head("x"), "(none)") << "a change of something else does not bind it anew";
    // Whoever may read the new one says that it is meant.
    ASSERT_EQ(put_config("x", config_of(entity("one"))).status, 200);
    EXPECT_NE(published_head("x").find("sk-rotated"), std::string::npos);
}

TEST_F(references, a_scope_that_is_swapped_while_an_update_waits_is_not_taken) {
    settings_.update_delay = milliseconds(1000);
    restart();
    ASSERT_EQ(create(endpoint_body("x", entity("one"))).status, 200);
    delete_scope();
    make_secret("my_scope", "my_openai_api_key", "sk-of-somebody-else");
    clock_.passed = milliseconds(2000);
    EXPECT_EQ(at(get("x").body, "/state/config_update"), "UPDATE_FAILED");
    EXPECT_EQ(published_head("x"), "(none)");
}

TEST_F(references, a_limit_follows_the_name_of_its_group_and_goes_with_it) {
    const std::string id = at(call("POST", groups, R"({"displayName":"team"})").body, "/id");
    ASSERT_EQ(create(R"({"name":"x"})").status, 200);
    const std::string path = "/api/2.0/serving-endpoints/x/ai-gateway";
    ASSERT_EQ(call("PUT", path, limits("user_group", "team")).status, 200);
    const std::string rename = R"({"Operations":[{"op":"replace","path":"displayName","value":"crew"}]})";
    ASSERT_EQ(call("PATCH", groups + ("/" + id), rename).status, 200);
    EXPECT_EQ(shown_limit(), "crew");
    EXPECT_EQ(call("PUT", path, call("GET", path).body).status, 200);
    restart();
    EXPECT_EQ(shown_limit(), "crew");
    ASSERT_EQ(call("DELETE", groups + ("/" + id)).status, 200);
    ASSERT_EQ(call("POST", groups, R"({"displayName":"crew"})").status, 200);
    EXPECT_EQ(shown_limit(), "(none)");
    EXPECT_TRUE(published("x")->limits.empty());
}

TEST_F(references, a_limit_of_a_deleted_user_is_not_shown_as_his_namesakes) {
    const auto user = make_user("re@example.com");
    ASSERT_EQ(create(R"({"name":"x"})").status, 200);
    ASSERT_EQ(call("PUT", "/api/2.0/serving-endpoints/x/ai-gateway", limits("user", "re@example.com")).status,
              200);
    ASSERT_EQ(call("DELETE", "/api/2.0/preview/scim/v2/Users/" + user->id).status, 200);
    (void)make_user("re@example.com");
    EXPECT_EQ(shown_limit(), "(none)");
}

} // namespace
} // namespace sluice::control::plane_references_test
