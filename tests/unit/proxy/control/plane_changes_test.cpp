// GET /api/2.0/sluice/endpoints: what a page learns when it asks again.
#include "tests/support/text.hpp"
#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::control::plane_changes_test {
namespace {

using support::joined;

class changes_feed : public plane_test {
protected:
    changes_feed() { open_with_secret(); }

    // A page that asks again and again.
    struct page {
        std::shared_ptr<const model::principal> who;
        std::string revision;
    };
    // "reset " if so, names in order, those that are gone behind "-".
    std::string ask(page& by) {
        by.who = published_principal(by.who->id);
        const auto got = call("GET", "/api/2.0/sluice/endpoints?since=" + by.revision, "", by.who);
        EXPECT_EQ(got.status, 200) << got.body;
        const boost::json::object tree = boost::json::parse(got.body).as_object();
        std::string out = tree.at("reset").as_bool() ? "reset " : "";
        for (const auto& each : tree.at("endpoints").as_array())
            out.append(each.at("name").as_string()).append(" ");
        for (const auto& each : tree.at("deleted").as_array())
            out.append("-").append(each.as_string()).append(" ");
        by.revision = std::string(tree.at("revision").as_string());
        return out;
    }
    page admin() { return {published_principal(at(call("GET", users).body, "/Resources/0/id")), ""}; }
    page user(std::string_view name) { return {make_user(name), ""}; }
    void make(const std::string& name) { EXPECT_EQ(create(endpoint_body(name, entity("one"))).status, 200); }
    void drop(const std::string& name) {
        EXPECT_EQ(call("DELETE", "/api/2.0/serving-endpoints/" + name).status, 200);
    }
    // To everybody's grants but the admins' this is an end.
    void set_grants(const std::string& name, std::string_view list) {
        const auto done = call("PUT",
                               "/api/2.0/permissions/serving-endpoints/" + at(get(name).body, "/id"),
                               joined({R"({"access_control_list":[)", list, "]}"}));
        EXPECT_EQ(done.status, 200) << done.body;
    }

    const std::string users = "/api/2.0/preview/scim/v2/Users";
};

TEST_F(changes_feed, the_first_answer_is_the_list) {
    make("a");
    make("b");
    page mine = admin();
    const auto list = call("GET", "/api/2.0/serving-endpoints", "", mine.who);
    const auto got = call("GET", "/api/2.0/sluice/endpoints", "", mine.who);
    EXPECT_EQ(at(got.body, "/endpoints"), at(list.body, "/endpoints"));
    EXPECT_EQ(at(got.body, "/reset"), "true");
    EXPECT_EQ(at(got.body, "/deleted"), "[]");
    EXPECT_EQ(ask(mine), "reset a b ");
    EXPECT_EQ(ask(mine), "");
    EXPECT_EQ(ask(mine), "");
}

TEST_F(changes_feed, endpoints_come_change_and_go) {
    make("a");
    page mine = admin();
    EXPECT_EQ(ask(mine), "reset a ");
    make("b");
    EXPECT_EQ(ask(mine), "b ");
    EXPECT_EQ(put_config("a", config_of(entity("two"))).status, 200);
    EXPECT_EQ(ask(mine), "a ");
    EXPECT_EQ(call("PATCH", "/api/2.0/serving-endpoints/b/tags", R"({"add_tags":[{"key":"x"}]})").status,
              200);
    drop("a");
    EXPECT_EQ(ask(mine), "b -a ");
    make("a");
    EXPECT_EQ(ask(mine), "a ");
    drop("b");
    make("b");
    EXPECT_EQ(ask(mine), "b ");
    EXPECT_EQ(ask(mine), "");
}

TEST_F(changes_feed, an_update_that_ends_by_itself_is_a_change) {
    settings_.update_delay = milliseconds(100);
    restart();
    make("a");
    page mine = admin();
    EXPECT_EQ(ask(mine), "reset a ");
    clock_.passed += milliseconds(100);
    EXPECT_EQ(ask(mine), "a ");
    EXPECT_EQ(ask(mine), "");
}

TEST_F(changes_feed, a_secret_that_goes_is_a_change_of_the_endpoints_that_need_it) {
    make("a");
    EXPECT_EQ(create(R"({"name":"b"})").status, 200);
    page mine = admin();
    (void)ask(mine);
    EXPECT_EQ(
        call("POST", "/api/2.0/secrets/delete", R"({"scope":"my_scope","key":"my_openai_api_key"})").status,
        200);
    EXPECT_EQ(ask(mine), "a ");
}

TEST_F(changes_feed, who_may_not_view_an_endpoint_hears_nothing_of_it) {
    page carol = user("carol");
    make("a");
    EXPECT_EQ(ask(carol), "reset ");
    make("b");
    EXPECT_EQ(put_config("a", config_of(entity("two"))).status, 200);
    drop("a");
    EXPECT_EQ(ask(carol), "");
}

TEST_F(changes_feed, a_grant_brings_an_endpoint_and_its_loss_takes_it_away) {
    page carol = user("carol");
    page dave = user("dave");
    make("a");
    EXPECT_EQ(ask(carol), "reset ");
    EXPECT_EQ(ask(dave), "reset ");
    EXPECT_EQ(grant("a", R"("user_name":"carol")", "CAN_VIEW").status, 200);
    EXPECT_EQ(ask(carol), "a ");
    EXPECT_EQ(ask(dave), "");
    set_grants("a", "");
    EXPECT_EQ(ask(carol), "-a ");
    EXPECT_EQ(ask(dave), "");
    EXPECT_EQ(ask(carol), "");
    // Lost and had again: only what is true now is told.
    EXPECT_EQ(grant("a", R"("user_name":"carol")", "CAN_VIEW").status, 200);
    (void)ask(carol);
    set_grants("a", "");
    EXPECT_EQ(grant("a", R"("user_name":"carol")", "CAN_VIEW").status, 200);
    EXPECT_EQ(ask(carol), "a ");
    // Another one of the name that he may not view.
    drop("a");
    make("a");
    EXPECT_EQ(ask(carol), "-a ");
}

TEST_F(changes_feed, other_groups_begin_anew) {
    page carol = user("carol");
    page dave = user("dave");
    const auto group = call("POST", "/api/2.0/preview/scim/v2/Groups", R"({"displayName":"readers"})");
    const std::string of_group = "/api/2.0/preview/scim/v2/Groups/" + at(group.body, "/id");
    make("a");
    EXPECT_EQ(grant("a", R"("group_name":"readers")", "CAN_VIEW").status, 200);
    EXPECT_EQ(ask(carol), "reset ");
    EXPECT_EQ(ask(dave), "reset ");
    const auto joined_now = call("PATCH",
                                 of_group,
                                 joined({R"({"Operations":[{"op":"add","path":"members","value":[{"value":")",
                                         carol.who->id,
                                         R"("}]}]})"}));
    EXPECT_EQ(joined_now.status, 200) << joined_now.body;
    EXPECT_EQ(ask(carol), "reset a ");
    EXPECT_EQ(ask(dave), "");
    EXPECT_EQ(ask(carol), "");
    EXPECT_EQ(call("DELETE", of_group).status, 200);
    EXPECT_EQ(ask(carol), "reset ");
    EXPECT_EQ(ask(dave), "");
}

TEST_F(changes_feed, another_name_for_oneself_begins_nothing_anew) {
    page carol = user("carol");
    (void)ask(carol);
    EXPECT_EQ(call("PATCH",
                   users + "/" + carol.who->id,
                   R"({"Operations":[{"op":"replace","path":"displayName","value":"C"}]})")
                  .status,
              200);
    EXPECT_EQ(ask(carol), "");
}

TEST_F(changes_feed, a_restart_and_a_strange_revision_begin_anew) {
    make("a");
    page mine = admin();
    page other = user("carol");
    (void)ask(mine);
    restart();
    EXPECT_EQ(ask(mine), "reset a ");
    other.revision = mine.revision; // another's, for example of who signed in before on the same page
    EXPECT_EQ(ask(other), "reset ");
    mine.revision = "x-5";
    EXPECT_EQ(ask(mine), "reset a ");
    EXPECT_EQ(call("GET", "/api/2.0/sluice/endpoints?since=a&since=b", "", mine.who).status, 400);
}

} // namespace
} // namespace sluice::control::plane_changes_test
