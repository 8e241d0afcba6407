#include "tests/unit/proxy/control/plane_fixture.hpp"

namespace sluice::control::plane_permissions_test {

namespace {

constexpr std::string_view bob_by_name = R"("user_name":"bob@example.com")";

class permission_calls : public plane_test {
protected:
    permission_calls() {
        open_with_secret();
        alice_ = make_user("alice@example.com",
                           R"(,"displayName":"Alice","entitlements":[{"value":"workspace-access"}])");
        bob_ = make_user("bob@example.com");
        EXPECT_EQ(create(R"({"name":"x"})", alice_).status, 200);
        path_ = "/api/2.0/permissions/serving-endpoints/" + at(get("x").body, "/id");
    }

    std::string make_group(std::string_view name, const std::string& member) {
        const auto made = call("POST",
                               "/api/2.0/preview/scim/v2/Groups",
                               R"({"displayName":")" + std::string(name) + R"(","members":[{"value":")" +
                                   member + R"("}]})");
        EXPECT_EQ(made.status, 200) << made.body;
        return at(made.body, "/id");
    }

    std::shared_ptr<const model::principal> alice_;
    std::shared_ptr<const model::principal> bob_;
    std::string path_;
};

} // namespace

TEST_F(permission_calls, the_creator_manages_and_admins_inherit_it) {
    const std::string id = at(get("x").body, "/id");
    EXPECT_EQ(call("GET", path_, "", alice_).body,
              R"({"object_id":"/serving-endpoints/)" + id +
                  R"(","object_type":"serving-endpoint","access_control_list":[)"
                  R"({"user_name":"alice@example.com","display_name":"Alice",)"
                  R"("all_permissions":[{"permission_level":"CAN_MANAGE","inherited":false}]},)"
                  R"({"group_name":"admins","all_permissions":[{"permission_level":"CAN_MANAGE",)"
                  R"("inherited":true,"inherited_from_object":["/serving-endpoints/"]}]}]})");
    EXPECT_EQ(call("GET", path_, "", bob_).status, 403);
}

TEST_F(permission_calls, each_level_includes_the_one_below) {
    EXPECT_EQ(get("x", bob_).status, 403);
    EXPECT_EQ(at(call("GET", "/api/2.0/serving-endpoints", "", bob_).body, "/endpoints"), "[]");
    ASSERT_EQ(grant("x", bob_by_name, "CAN_VIEW", alice_).status, 200);
    EXPECT_EQ(at(get("x", bob_).body, "/permission_level"), "CAN_VIEW");
    EXPECT_EQ(at(call("GET", "/api/2.0/serving-endpoints", "", bob_).body, "/endpoints/0/name"), "x");
    EXPECT_EQ(call("GET", path_, "", bob_).status, 200);
    EXPECT_EQ(
        at(call("GET", path_ + "/permissionLevels", "", bob_).body, "/permission_levels/2/permission_level"),
        "CAN_MANAGE");
    EXPECT_EQ(grant("x", bob_by_name, "CAN_MANAGE", bob_).status, 403);
    ASSERT_EQ(grant("x", bob_by_name, "CAN_QUERY", alice_).status, 200);
    EXPECT_EQ(at(get("x", bob_).body, "/permission_level"), "CAN_QUERY");
    const auto refused = call("PATCH", "/api/2.0/serving-endpoints/x/tags", "{}", bob_);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(at(refused.body, "/error_code"), "PERMISSION_DENIED");
    EXPECT_EQ(at(refused.body, "/message"), "You need CAN_MANAGE on the endpoint 'x'.");
    EXPECT_EQ(call("GET", "/api/2.0/serving-endpoints/x/ai-gateway", "", bob_).status, 403);
    ASSERT_EQ(grant("x", bob_by_name, "CAN_MANAGE", alice_).status, 200);
    EXPECT_EQ(call("PATCH", "/api/2.0/serving-endpoints/x/tags", "{}", bob_).status, 200);
    EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/x", "", bob_).status, 200);
}

TEST_F(permission_calls, a_group_gives_its_members_its_level_also_after_a_restart) {
    const std::string group = make_group("team", bob_->id);
    ASSERT_EQ(grant("x", R"("group_name":"team")", "CAN_QUERY").status, 200);
    EXPECT_EQ(get("x", published_principal(bob_->id)).status, 200);
    restart();
    EXPECT_EQ(at(get("x", published_principal(bob_->id)).body, "/permission_level"), "CAN_QUERY");
    ASSERT_EQ(call("DELETE", "/api/2.0/preview/scim/v2/Groups/" + group).status, 200);
    EXPECT_EQ(get("x", published_principal(bob_->id)).status, 403);
    EXPECT_EQ(at(call("GET", path_).body, "/access_control_list/1/group_name"), "admins")
        << "a deleted group is shown no more";
}

TEST_F(permission_calls, put_replaces_the_direct_grants_and_patch_merges_them) {
    const std::string alone =
        R"({"access_control_list":[{"user_name":"bob@example.com","permission_level":"CAN_MANAGE"}]})";
    const auto replaced = call("PUT", path_, alone, alice_);
    EXPECT_EQ(replaced.status, 200);
    EXPECT_EQ(at(replaced.body, "/access_control_list/0/user_name"), "bob@example.com");
    EXPECT_EQ(at(replaced.body, "/access_control_list/1/group_name"), "admins");
    EXPECT_EQ(at(replaced.body, "/access_control_list/2"), "(none)");
    EXPECT_EQ(call("PUT", path_, alone, alice_).status, 403) << "the creator has no right beside the grants";
    const auto merged = grant("x", R"("user_name":"alice@example.com")", "CAN_VIEW", bob_);
    EXPECT_EQ(at(merged.body, "/access_control_list/0/all_permissions/0/permission_level"), "CAN_MANAGE");
    EXPECT_EQ(at(merged.body, "/access_control_list/1/all_permissions/0/permission_level"), "CAN_VIEW");
    EXPECT_EQ(at(call("PUT", path_, "{}").body, "/access_control_list/0/group_name"), "admins");
    EXPECT_EQ(get("x", bob_).status, 403);
}

TEST_F(permission_calls, the_last_of_two_entries_for_the_same_principal_counts) {
    const auto answer =
        call("PUT",
             path_,
             R"({"access_control_list":[{"user_name":"bob@example.com","permission_level":"CAN_MANAGE"},)"
             R"({"user_name":"bob@example.com","permission_level":"CAN_VIEW"}]})");
    EXPECT_EQ(at(answer.body, "/access_control_list/0/all_permissions/0/permission_level"), "CAN_VIEW");
    EXPECT_EQ(at(answer.body, "/access_control_list/1/group_name"), "admins");
}

TEST_F(permission_calls, a_direct_grant_to_admins_stands_beside_the_inherited_one) {
    const auto answer = grant("x", R"("group_name":"admins")", "CAN_QUERY");
    EXPECT_EQ(at(answer.body, "/access_control_list/1/all_permissions/0/inherited"), "false");
    EXPECT_EQ(at(answer.body, "/access_control_list/1/all_permissions/1/inherited"), "true");
    EXPECT_EQ(at(answer.body, "/access_control_list/2"), "(none)");
}

TEST_F(permission_calls, a_service_principal_is_named_by_its_application_id) {
    const auto made =
        call("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", R"({"displayName":"robot"})");
    const std::string name = at(made.body, "/applicationId");
    const auto answer = grant("x", R"("service_principal_name":")" + name + '"', "CAN_QUERY");
    EXPECT_EQ(at(answer.body, "/access_control_list/1/service_principal_name"), name);
    EXPECT_EQ(at(answer.body, "/access_control_list/1/display_name"), "robot");
    EXPECT_EQ(grant("x", R"("user_name":")" + name + '"', "CAN_QUERY").status, 400);
}

TEST_F(permission_calls, what_is_wrong_is_refused_and_changes_nothing) {
    const std::string before = call("GET", path_).body;
    for (const std::string entry : {
             R"({"permission_level":"CAN_VIEW"})",
             R"({"user_name":"","permission_level":"CAN_VIEW"})",
             R"({"user_name":"bob@example.com"})",
             R"({"user_name":"bob@example.com","permission_level":"CAN_RUN"})",
             R"({"user_name":"bob@example.com","permission_level":""})",
             R"({"user_name":"bob@example.com","group_name":"users","permission_level":"CAN_VIEW"})",
             R"({"user_name":"nobody@example.com","permission_level":"CAN_VIEW"})",
             R"({"group_name":"bob@example.com","permission_level":"CAN_VIEW"})",
             R"("bob@example.com")",
         }) {
        for (const std::string method : {"PUT", "PATCH"}) {
            const auto answer = call(method, path_, R"({"access_control_list":[)" + entry + "]}");
            EXPECT_EQ(answer.status, 400) << entry;
            EXPECT_EQ(at(answer.body, "/error_code"), "INVALID_PARAMETER_VALUE") << entry;
        }
    }
    std::string many;
    for (int i = 0; i < 1001; ++i)
        many += std::string(i > 0 ? "," : "") + R"({"group_name":"users","permission_level":"CAN_VIEW"})";
    EXPECT_EQ(call("PUT", path_, R"({"access_control_list":[)" + many + "]}").status, 400);
    EXPECT_EQ(call("GET", path_).body, before);
}

TEST_F(permission_calls, an_unknown_id_is_404_for_everybody) {
    const std::string unknown = "/api/2.0/permissions/serving-endpoints/0123456789abcdef0123456789abcdef";
    for (const auto& who : {admin_user(), bob_}) {
        EXPECT_EQ(call("GET", unknown, "", who).status, 404);
        EXPECT_EQ(call("GET", unknown + "/permissionLevels", "", who).status, 404);
        EXPECT_EQ(at(call("PUT", unknown, "{}", who).body, "/error_code"), "RESOURCE_DOES_NOT_EXIST");
        EXPECT_EQ(call("PATCH", unknown, "{}", who).status, 404);
    }
    EXPECT_EQ(call("GET", "/api/2.0/permissions/serving-endpoints/x").status, 404) << "the id, not the name";
    EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/x").status, 200);
    EXPECT_EQ(call("GET", path_).status, 404);
}

TEST_F(permission_calls, a_grant_makes_no_config_version_and_does_not_wait_for_an_update) {
    settings_.update_delay = milliseconds(1000);
    restart();
    ASSERT_EQ(put_config("x", config_of(entity("one"))).status, 200);
    ASSERT_EQ(at(get("x").body, "/state/config_update"), "IN_PROGRESS");
    ASSERT_EQ(grant("x", bob_by_name, "CAN_QUERY").status, 200);
    EXPECT_EQ(published("x")->acl.size(), 2U);
    EXPECT_EQ(at(get("x", bob_).body, "/state/config_update"), "IN_PROGRESS");
    clock_.passed += milliseconds(1000);
    EXPECT_EQ(at(get("x", bob_).body, "/config/config_version"), "1");
    EXPECT_EQ(at(get("x", bob_).body, "/permission_level"), "CAN_QUERY");
}

TEST_F(permission_calls, an_endpoint_stored_before_there_were_grants_stays_as_open_as_it_was) {
    state_.reset();
    {
        const auto db = store::open(settings_.data_dir);
        ASSERT_TRUE(db);
        const auto rows = (*db)->endpoints();
        ASSERT_TRUE(rows);
        stored_endpoint row = rows->at(0);
        boost::json::object document = boost::json::parse(row.document).as_object();
        document.erase("acl");
        row.document = boost::json::serialize(document);
        ASSERT_TRUE((*db)->put_endpoint(row));
    }
    open();
    EXPECT_EQ(at(get("x", alice_).body, "/permission_level"), "CAN_MANAGE");
    EXPECT_EQ(at(get("x", published_principal(bob_->id)).body, "/permission_level"), "CAN_QUERY");
    EXPECT_EQ(call("PUT", path_, "{}").status, 200);
    restart();
    EXPECT_EQ(get("x", published_principal(bob_->id)).status, 403) << "what was taken away stays away";
}

TEST_F(permission_calls, an_entry_of_the_config_file_may_have_grants) {
    const auto file_says = [this](std::string_view level) {
        settings_.endpoints = {boost::json::parse(
            R"({"name":"filed","access_control_list":[{"user_name":"bob@example.com","permission_level":")" +
            std::string(level) + R"("}]})")};
    };
    file_says("CAN_QUERY");
    restart();
    EXPECT_EQ(at(get("filed", bob_).body, "/permission_level"), "CAN_QUERY");
    EXPECT_EQ(grant("filed", R"("user_name":"alice@example.com")", "CAN_VIEW").status, 200);
    restart();
    EXPECT_EQ(get("filed", alice_).status, 200) << "the file says the same as before";
    file_says("CAN_VIEW");
    restart();
    EXPECT_EQ(at(get("filed", bob_).body, "/permission_level"), "CAN_VIEW");
    EXPECT_EQ(get("filed", alice_).status, 403) << "the changed file replaces what REST had added";
}

} // namespace sluice::control::plane_permissions_test
