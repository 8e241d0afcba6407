// The feed of changed endpoints on the real server, as the Serving UI asks for it.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::support::changes_test {
namespace {

class changes_flow : public testing::Test {
protected:
    changes_flow() { provider_.always().answer_json(chat_answer("hi")); }

    struct page {
        std::string token;
        std::string revision;
    };
    answer
    call(std::string_view token, std::string_view method, std::string_view path, std::string_view body = "") {
        raw_client client = proxy_.connect();
        client.send(joined({method,
                            " ",
                            path,
                            " HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ",
                            token,
                            "\r\nContent-Length: ",
                            std::to_string(body.size()),
                            "\r\n\r\n",
                            body}));
        return client.read_answer();
    }
    // "reset " if so, names, those that are gone behind "-".
    std::string ask(page& by) {
        const answer got = call(by.token, "GET", "/api/2.0/sluice/endpoints?since=" + by.revision);
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
    static std::string text_at(const answer& from, std::string_view pointer) {
        const boost::json::value tree = boost::json::parse(from.body);
        return std::string(
            tree.at_pointer(boost::json::string_view(pointer.data(), pointer.size())).as_string());
    }
    void set_grants(std::string_view list) {
        const std::string id = text_at(proxy_.get("/api/2.0/serving-endpoints/chat"), "/id");
        const answer done = proxy_.call("PUT",
                                        "/api/2.0/permissions/serving-endpoints/" + id,
                                        joined({R"({"access_control_list":[)", list, "]}"}));
        EXPECT_EQ(done.status, 200) << done.body;
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(changes_flow, a_page_follows_what_happens) {
    page mine{std::string(admin_token), ""};
    EXPECT_EQ(ask(mine), "reset ");
    EXPECT_EQ(ask(mine), "");
    proxy_.make_endpoint("chat", {entity(provider_.base_url())});
    proxy_.make_endpoint("other", {entity(provider_.base_url())});
    EXPECT_EQ(ask(mine), "chat other ");
    proxy_.update_endpoint("chat", {entity(provider_.base_url(), "next")});
    EXPECT_EQ(ask(mine), "chat ");
    // Queries change nothing.
    EXPECT_EQ(proxy_.post("/serving-endpoints/chat/invocations", chat_body("x")).status, 200);
    EXPECT_EQ(ask(mine), "");
    EXPECT_EQ(proxy_.call("DELETE", "/api/2.0/serving-endpoints/other").status, 200);
    EXPECT_EQ(ask(mine), "-other ");
    EXPECT_EQ(ask(mine), "");
}

TEST_F(changes_flow, an_ordinary_user_sees_what_he_may_view) {
    proxy_.make_endpoint("chat", {entity(provider_.base_url())});
    EXPECT_EQ(proxy_.post("/api/2.0/preview/scim/v2/Users", R"({"userName":"carol"})").status, 200);
    const answer token =
        proxy_.post("/api/2.0/token-management/on-behalf-of/tokens", R"({"user_name":"carol"})");
    page carol{text_at(token, "/token_value"), ""};
    EXPECT_EQ(ask(carol), "reset ");
    set_grants(R"({"user_name":"carol","permission_level":"CAN_VIEW"})");
    EXPECT_EQ(ask(carol), "chat ");
    set_grants("");
    EXPECT_EQ(ask(carol), "-chat ");
    proxy_.update_endpoint("chat", {entity(provider_.base_url(), "next")});
    EXPECT_EQ(ask(carol), "");
    set_grants(R"({"group_name":"users","permission_level":"CAN_QUERY"})");
    EXPECT_EQ(ask(carol), "chat ");
    EXPECT_EQ(proxy_.call("DELETE", "/api/2.0/serving-endpoints/chat").status, 200);
    EXPECT_EQ(ask(carol), "-chat ");
}

} // namespace
} // namespace sluice::support::changes_test
