// Users, groups and service principals through the plane: what is answered, stored and published.
#include "tests/support/text.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <chrono>
#include <string_view>

namespace sluice::control::plane_identity_test {
namespace {

using support::joined;

const std::string scim = "/api/2.0/preview/scim/v2/";

class scim_calls : public plane_test {
protected:
    scim_calls() { open_with_secret(); }

    // The id of what the call makes.
    std::string make(const std::string& what, const std::string& body) {
        const auto made = call("POST", scim + what, body);
        EXPECT_EQ(made.status, 200) << made.body;
        return at(made.body, "/id");
    }
    std::string user(const std::string& name, const std::string& more = "") {
        return make("Users", R"({"userName":")" + name + "\"" + more + "}");
    }
    std::string group(const std::string& name, std::initializer_list<std::string> members = {}) {
        std::string list;
        for (const std::string& id : members)
            list += std::string(list.empty() ? "" : ",") + R"({"value":")" + id + R"("})";
        return make("Groups", R"({"displayName":")" + name + R"(","members":[)" + list + "]}");
    }
    std::shared_ptr<const model::principal> principal(const std::string& id) {
        if (auto next = state_->take_changed()) last_ = std::move(next);
        const auto* found = last_->principals.find(id);
        return found ? *found : nullptr;
    }
    std::string groups_of(const std::string& id) {
        std::string out;
        if (const auto who = principal(id)) {
            for (const auto& each : who->groups)
                out += each.name + " ";
        }
        return out;
    }
};

TEST_F(scim_calls, a_user_is_made_read_changed_and_deleted) {
    const std::string id = user("carol@example.com", R"(,"displayName":"Carol","externalId":"e1",
        "name":{"givenName":"Carol","familyName":"C"},"entitlements":[{"value":"workspace-access"}])");
    const auto got = call("GET", scim + "Users/" + id, "", bob());
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(at(got.body, "/userName"), "carol@example.com");
    EXPECT_EQ(at(got.body, "/externalId"), "e1");
    EXPECT_EQ(at(got.body, "/name/familyName"), "C");
    EXPECT_TRUE(principal(id)->may_create);
    ASSERT_EQ(
        call("PUT", scim + "Users/" + id, R"({"userName":"carol@example.com","displayName":"C2"})").status,
        200);
    EXPECT_FALSE(principal(id)->may_create) << "a PUT replaces what it does not name";
    ASSERT_EQ(call("PATCH",
                   scim + "Users/" + id,
                   R"({"Operations":[{"op":"replace","path":"displayName","value":"C3"}]})")
                  .status,
              200);
    restart();
    EXPECT_EQ(at(call("GET", scim + "Users/" + id).body, "/displayName"), "C3");
    EXPECT_EQ(call("DELETE", scim + "Users/" + id).body, "{}");
    EXPECT_EQ(principal(id), nullptr);
    EXPECT_EQ(call("GET", scim + "Users/" + id).status, 404);
    EXPECT_EQ(call("DELETE", scim + "Users/" + id).status, 404);
}

TEST_F(scim_calls, only_admins_change_people) {
    const std::string id = user("carol");
    for (const std::string_view kind : {"Users", "Groups", "ServicePrincipals"}) {
        const std::string path = joined({scim, kind});
        EXPECT_EQ(call("POST", path, R"({"userName":"x","displayName":"x"})", alice()).status, 403);
        for (const std::string method : {"PUT", "PATCH", "DELETE"})
            EXPECT_EQ(call(method, joined({path, "/", id}), "{}", alice()).status, 403) << method << kind;
        EXPECT_EQ(call("GET", path, "", bob()).status, 200);
    }
}

TEST_F(scim_calls, an_inactive_user_calls_no_more_until_active_again) {
    const std::string id = user("carol");
    ASSERT_NE(principal(id), nullptr);
    ASSERT_EQ(
        call("PATCH", scim + "Users/" + id, R"({"Operations":[{"op":"replace","path":"active"}]})").status,
        200);
    EXPECT_EQ(principal(id), nullptr);
    restart();
    EXPECT_EQ(principal(id), nullptr);
    ASSERT_EQ(call("PATCH",
                   scim + "Users/" + id,
                   R"({"Operations":[{"op":"replace","path":"active","value":true}]})")
                  .status,
              200);
    EXPECT_NE(principal(id), nullptr);
}

TEST_F(scim_calls, a_change_that_says_nothing_of_active_leaves_it_as_it_was) {
    const std::string id = user("carol", R"(,"active":false)");
    ASSERT_EQ(call("PUT", scim + "Users/" + id, R"({"userName":"carol","displayName":"C"})").status, 200);
    EXPECT_EQ(at(call("GET", scim + "Users/" + id).body, "/active"), "false");
    EXPECT_EQ(principal(id), nullptr);
    ASSERT_EQ(
        call("PATCH", scim + "Users/" + id, R"({"Operations":[{"op":"remove","path":"active"}]})").status,
        200);
    EXPECT_EQ(principal(id), nullptr);
    ASSERT_EQ(call("PUT", scim + "Users/" + id, R"({"userName":"carol","active":true})").status, 200);
    EXPECT_NE(principal(id), nullptr);
}

TEST_F(scim_calls, names_are_one_space_and_do_not_change) {
    const std::string id = user("carol");
    EXPECT_EQ(call("POST", scim + "Users", R"({"userName":"CAROL"})").status, 409);
    EXPECT_EQ(call("POST", scim + "Groups", R"({"displayName":"Carol"})").status, 409);
    EXPECT_EQ(call("POST", scim + "ServicePrincipals", R"({"applicationId":"carol"})").status, 409);
    EXPECT_EQ(call("POST", scim + "Users", R"({"userName":"Users"})").status, 409);
    EXPECT_EQ(call("PUT", scim + "Users/" + id, R"({"userName":"dave"})").status, 400);
}

TEST_F(scim_calls, membership_reaches_through_nested_groups) {
    const std::string carol = user("carol");
    const std::string inner = group("inner", {carol});
    const std::string outer = group("outer", {inner});
    EXPECT_EQ(groups_of(carol), "inner outer users ");
    const auto shown = call("GET", scim + "Users/" + carol);
    EXPECT_EQ(at(shown.body, "/groups/0/type"), "direct");
    EXPECT_EQ(at(shown.body, "/groups/1/type"), "indirect");
    EXPECT_EQ(at(shown.body, "/groups/1/display"), "outer");
    EXPECT_EQ(at(call("GET", scim + "Groups/" + inner).body, "/groups/0/display"), "outer");
    EXPECT_EQ(at(call("GET", scim + "Groups/" + outer).body, "/members/0/$ref"), "Groups/" + inner);
    // An entitlement of the outermost reaches too.
    ASSERT_EQ(
        call("PATCH",
             scim + "Groups/" + outer,
             R"({"Operations":[{"op":"add","path":"entitlements","value":[{"value":"workspace-access"}]}]})")
            .status,
        200);
    EXPECT_TRUE(principal(carol)->may_create);
    ASSERT_EQ(call("PATCH",
                   scim + "Groups/" + inner,
                   R"({"Operations":[{"op":"remove","path":"members[value eq \")" + carol + R"(\"]"}]})")
                  .status,
              200);
    EXPECT_EQ(groups_of(carol), "users ");
    EXPECT_FALSE(principal(carol)->may_create);
}

TEST_F(scim_calls, admins_by_a_nested_group_are_admins_at_once_and_no_longer_when_it_goes) {
    const std::string carol = user("carol");
    const std::string team = group("team", {carol});
    const std::string add =
        R"({"Operations":[{"op":"add","path":"members","value":[{"value":")" + team + R"("}]}]})";
    ASSERT_EQ(call("PATCH", scim + "Groups/1", add).status, 200);
    EXPECT_TRUE(principal(carol)->is_admin);
    restart();
    EXPECT_TRUE(principal(carol)->is_admin);
    EXPECT_EQ(call("DELETE", scim + "Groups/" + team).status, 200);
    EXPECT_FALSE(principal(carol)->is_admin);
}

TEST_F(scim_calls, a_group_is_never_inside_itself) {
    const std::string a = group("a");
    const std::string b = group("b", {a});
    const std::string into_a = R"({"displayName":"a","members":[{"value":")";
    EXPECT_EQ(call("PUT", scim + "Groups/" + a, into_a + b + R"("}]})").status, 400);
    EXPECT_EQ(call("PUT", scim + "Groups/" + a, into_a + a + R"("}]})").status, 400);
    EXPECT_EQ(call("PUT", scim + "Groups/" + a, into_a + "2" + R"("}]})").status, 400);
    EXPECT_EQ(call("PUT", scim + "Groups/" + a, into_a + "999" + R"("}]})").status, 400);
}

TEST_F(scim_calls, the_built_in_admin_and_groups_stay) {
    const std::string admin =
        at(call("GET", scim + "Users?filter=userName+eq+%22admin%22").body, "/Resources/0/id");
    EXPECT_EQ(call("DELETE", scim + "Users/" + admin).status, 400);
    EXPECT_EQ(
        call("PATCH", scim + "Users/" + admin, R"({"Operations":[{"op":"replace","path":"active"}]})").status,
        400);
    EXPECT_EQ(call("PUT", scim + "Users/" + admin, R"({"userName":"admin","groups":[]})").status, 400);
    EXPECT_EQ(call("PUT", scim + "Users/" + admin, R"({"userName":"admin","displayName":"Root"})").status,
              200);
    EXPECT_EQ(call("PATCH", scim + "Groups/1", R"({"Operations":[{"op":"remove","path":"members"}]})").status,
              400);
    const std::string renamed = R"({"displayName":"other","members":[{"value":")" + admin + R"("}]})";
    for (const std::string_view id : {"1", "2"}) {
        const std::string path = joined({scim, "Groups/", id});
        EXPECT_EQ(call("DELETE", path).status, 400);
        EXPECT_EQ(call("PUT", path, renamed).status, 400);
    }
    EXPECT_EQ(
        call("PUT", scim + "Groups/2", R"({"displayName":"users","members":[{"value":")" + admin + R"("}]})")
            .status,
        400);
}

TEST_F(scim_calls, a_service_principal_has_an_application_id_and_tokens) {
    const auto made = call("POST", scim + "ServicePrincipals", R"({"displayName":"robot"})");
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string id = at(made.body, "/id");
    const std::string application = at(made.body, "/applicationId");
    EXPECT_EQ(application.size(), 36U);
    EXPECT_EQ(application[14], '4');
    EXPECT_EQ(principal(id)->kind, model::principal_kind::service_principal);
    EXPECT_EQ(principal(id)->user_name, application);
    const auto me = call("GET", scim + "Me", "", principal(id));
    EXPECT_EQ(at(me.body, "/userName"), application);
    EXPECT_EQ(at(me.body, "/schemas"), R"(["urn:ietf:params:scim:schemas:core:2.0:User"])")
        << "the type of that call's answer, whoever asks";
    EXPECT_EQ(call("GET", scim + "Users/" + id).status, 404);
    EXPECT_EQ(call("POST",
                   "/api/2.0/token-management/on-behalf-of/tokens",
                   R"({"application_id":")" + application + R"("})")
                  .status,
              200);
    const auto listed =
        call("GET", scim + "ServicePrincipals?filter=applicationId+eq+%22" + application + "%22");
    EXPECT_EQ(at(listed.body, "/totalResults"), "1");
    EXPECT_EQ(at(listed.body, "/Resources/0/displayName"), "robot");
}

TEST_F(scim_calls, a_deleted_principal_leaves_nothing_to_a_later_one_of_its_name) {
    const std::string first = user("carol");
    group("team", {first});
    (void)call("POST",
               "/api/2.0/secrets/acls/put",
               R"({"scope":"my_scope","principal":"carol","permission":"READ"})");
    const auto token =
        call("POST", "/api/2.0/token-management/on-behalf-of/tokens", R"({"user_name":"carol"})");
    ASSERT_EQ(token.status, 200);
    (void)principal(first);
    const std::size_t tokens = last_->tokens.size();
    ASSERT_EQ(call("DELETE", scim + "Users/" + first).status, 200);
    EXPECT_EQ(principal(first), nullptr);
    EXPECT_EQ(last_->tokens.size(), tokens - 1);
    const std::string second = user("carol");
    EXPECT_NE(second, first);
    EXPECT_EQ(groups_of(second), "users ");
    EXPECT_EQ(at(call("GET", "/api/2.0/secrets/acls/list?scope=my_scope").body, "/items/1"), "(none)");
}

TEST_F(scim_calls, scope_acls_hold_for_members_of_nested_groups_and_follow_a_new_name) {
    const std::string carol = user("carol");
    const std::string inner = group("inner", {carol});
    const std::string outer = group("outer", {inner});
    const std::string get = "/api/2.0/secrets/get?scope=my_scope&key=my_openai_api_key";
    EXPECT_EQ(call("GET", get, "", principal(carol)).status, 403);
    ASSERT_EQ(call("POST",
                   "/api/2.0/secrets/acls/put",
                   R"({"scope":"my_scope","principal":"OUTER","permission":"READ"})")
                  .status,
              200);
    EXPECT_EQ(call("GET", get, "", principal(carol)).status, 200);
    ASSERT_EQ(call("PATCH",
                   scim + "Groups/" + outer,
                   R"({"Operations":[{"op":"replace","path":"displayName","value":"renamed"}]})")
                  .status,
              200);
    EXPECT_EQ(call("GET", get, "", principal(carol)).status, 200);
    EXPECT_EQ(
        at(call("GET", "/api/2.0/secrets/acls/get?scope=my_scope&principal=renamed").body, "/permission"),
        "READ");
    ASSERT_EQ(call("DELETE", scim + "Groups/" + outer).status, 200);
    EXPECT_EQ(call("GET", get, "", principal(carol)).status, 403);
    EXPECT_EQ(call("POST",
                   "/api/2.0/secrets/acls/put",
                   R"({"scope":"my_scope","principal":"nobody","permission":"READ"})")
                  .status,
              400);
}

TEST_F(scim_calls, lists_page_filter_and_show_what_is_asked_for) {
    for (const std::string name : {"u1", "u2", "u3"})
        user(name);
    const auto page = call("GET", scim + "Users?startIndex=2&count=2");
    EXPECT_EQ(at(page.body, "/totalResults"), "4");
    EXPECT_EQ(at(page.body, "/startIndex"), "2");
    EXPECT_EQ(at(page.body, "/itemsPerPage"), "2");
    EXPECT_EQ(at(page.body, "/Resources/0/userName"), "u1");
    EXPECT_EQ(at(call("GET", scim + "Users?startIndex=5").body, "/Resources"), "[]");
    EXPECT_EQ(
        at(call("GET", scim + "Users?filter=userName+sw+%22u%22&sortBy=userName&sortOrder=descending").body,
           "/Resources/0/userName"),
        "u3");
    EXPECT_EQ(at(call("GET", scim + "Users?attributes=userName&count=1").body, "/Resources/0/active"),
              "(none)");
    EXPECT_EQ(at(call("GET", scim + "Groups?excludedAttributes=members").body, "/Resources/0/members"),
              "(none)");
    for (const std::string bad : {"filter=x", "startIndex=a", "count=b", "sortOrder=up"})
        EXPECT_EQ(call("GET", joined({scim, "Users?", bad})).status, 400) << bad;
}

TEST_F(scim_calls, an_id_has_one_spelling) {
    const std::string id = user("carol");
    for (const std::string_view prefix : {"0", "00", "+", "-", " ", "%20"})
        EXPECT_EQ(call("GET", joined({scim, "Users/", prefix, id})).status, 404) << prefix;
    EXPECT_EQ(call("GET", joined({scim, "Users/", id, "%20"})).status, 404);
    EXPECT_EQ(call("GET", joined({scim, "Groups/01"})).status, 404);
}

TEST_F(scim_calls, an_application_id_is_one_that_every_client_can_send) {
    for (const std::string_view bad : {"team:bot", "a b", "a%62", "\u00e9"}) {
        const auto refused =
            call("POST", scim + "ServicePrincipals", joined({R"({"applicationId":")", bad, R"("})"}));
        EXPECT_EQ(refused.status, 400) << bad;
    }
    EXPECT_EQ(call("POST", scim + "ServicePrincipals", R"({"applicationId":"Team_bot-1.x~"})").status, 200);
}

TEST_F(scim_calls, me_shows_the_attributes_that_are_asked_for) {
    const auto who = published_principal(user("carol"));
    const std::string shown = call("GET", scim + "Me?attributes=userName", "", who).body;
    EXPECT_EQ(at(shown, "/userName"), "carol");
    EXPECT_EQ(at(shown, "/active"), "(none)");
    EXPECT_EQ(at(call("GET", scim + "Me?excludedAttributes=groups", "", who).body, "/groups"), "(none)");
    EXPECT_EQ(call("GET", scim + "Me?startIndex=x", "", who).status, 400);
}

TEST_F(scim_calls, a_user_of_many_groups_can_be_patched) {
    const std::string id = user("carol");
    for (int i = 0; i < 120; ++i)
        group("g" + std::to_string(i), {id});
    const auto done = call("PATCH",
                           scim + "Users/" + id,
                           R"({"Operations":[{"op":"replace","path":"displayName","value":"Carol"}]})");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(at(done.body, "/displayName"), "Carol");
    EXPECT_EQ(at(done.body, "/groups/119/display"), "g119");
}

TEST_F(scim_calls, admins_see_and_delete_everybodys_tokens) {
    user("carol");
    const auto made = call(
        "POST", "/api/2.0/token-management/on-behalf-of/tokens", R"({"user_name":"carol","comment":"c"})");
    const std::string id = at(made.body, "/token_info/token_id");
    const std::string tokens = "/api/2.0/token-management/tokens";
    EXPECT_EQ(at(call("GET", tokens + "/" + id).body, "/token_info/comment"), "c");
    EXPECT_EQ(at(call("GET", tokens + "?created_by_username=admin").body, "/token_infos/1/token_id"), id);
    EXPECT_EQ(at(call("GET", tokens + "?created_by_username=nobody").body, "/token_infos"), "[]");
    EXPECT_EQ(call("GET", tokens, "", alice()).status, 403);
    EXPECT_EQ(call("DELETE", tokens + "/" + id, "", alice()).status, 403);
    EXPECT_EQ(call("DELETE", tokens + "/" + id).body, "{}");
    EXPECT_EQ(call("GET", tokens + "/" + id).status, 404);
}

} // namespace
} // namespace sluice::control::plane_identity_test
