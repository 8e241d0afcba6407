#include "tests/unit/proxy/control/plane_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::control::apply_config_test {
namespace {

class applied_config : public plane_test {
protected:
    void SetUp() override {
        settings_.secrets = {{"my_scope", "my_openai_api_key", secret_string("sk-from-file")}};
    }

    void file_says(std::initializer_list<std::string> entries) {
        settings_.endpoints.clear();
        for (const std::string& each : entries)
            settings_.endpoints.emplace_back(body(each));
    }
};

TEST_F(applied_config, entries_become_endpoints_of_the_admin) {
    file_says({endpoint_body("chat", entity("one"), R"(,"tags":[{"key":"a","value":"b"}])"),
               R"({"name":"empty"})"});
    open();
    const auto chat = get("chat");
    EXPECT_EQ(at(chat.body, "/creator"), "admin");
    EXPECT_EQ(at(chat.body, "/state/ready"), "READY");
    EXPECT_EQ(at(chat.body, "/tags/0/key"), "a");
    EXPECT_NE(published_head("chat").find("sk-from-file"), std::string::npos);
    EXPECT_EQ(get("empty").status, 200);
}

TEST_F(applied_config, what_rest_changed_stays_while_the_file_says_the_same) {
    file_says({endpoint_body("chat", entity("one")), R"({"name":"empty"})"});
    open();
    put_config("chat", config_of(entity("by_rest")));
    put_secret("my_scope", "my_openai_api_key", "sk-by-rest");
    call("DELETE", "/api/2.0/serving-endpoints/empty");
    create(R"({"name":"other"})");
    restart();
    EXPECT_EQ(at(get("chat").body, "/config/served_entities/0/name"), "by_rest");
    EXPECT_NE(published_head("chat").find("sk-by-rest"), std::string::npos);
    EXPECT_EQ(get("empty").status, 404) << "what REST deleted stays deleted";
    EXPECT_EQ(get("other").status, 200);
}

TEST_F(applied_config, an_entry_that_changed_in_the_file_wins) {
    file_says(
        {endpoint_body("chat", entity("one"), R"(,"rate_limits":[{"calls":1,"renewal_period":"minute"}])")});
    open();
    const std::string id = at(get("chat").body, "/id");
    put_config("chat", config_of(entity("by_rest")));
    file_says({endpoint_body("chat", entity("two"), R"(,"tags":[{"key":"t"}])")});
    settings_.secrets = {{"my_scope", "my_openai_api_key", secret_string("sk-new-in-file")}};
    restart();
    const auto chat = get("chat");
    EXPECT_EQ(at(chat.body, "/id"), id);
    EXPECT_EQ(at(chat.body, "/config/served_entities/0/name"), "two");
    EXPECT_EQ(at(chat.body, "/config/config_version"), "3");
    EXPECT_EQ(at(chat.body, "/tags/0/key"), "t");
    EXPECT_EQ(at(chat.body, "/ai_gateway"), "(none)");
    EXPECT_NE(published_head("chat").find("sk-new-in-file"), std::string::npos);
}

TEST_F(applied_config, a_change_beside_the_config_makes_no_new_version) {
    file_says({endpoint_body("chat", entity("one"))});
    open();
    file_says({endpoint_body("chat", entity("one"), R"(,"description":"new")")});
    restart();
    EXPECT_EQ(at(get("chat").body, "/config/config_version"), "1");
    EXPECT_EQ(at(get("chat").body, "/description"), "new");
}

TEST_F(applied_config, entries_that_vanish_from_the_file_leave_their_endpoints) {
    file_says({endpoint_body("chat", entity("one"))});
    open();
    file_says({});
    settings_.secrets.clear();
    restart();
    EXPECT_EQ(at(get("chat").body, "/state/ready"), "READY");
    call("DELETE", "/api/2.0/serving-endpoints/chat");
    settings_.secrets = {{"my_scope", "my_openai_api_key", secret_string("sk-from-file")}};
    file_says({endpoint_body("chat", entity("one"))});
    restart();
    EXPECT_EQ(get("chat").status, 200) << "an entry that comes back counts as new";
}

TEST_F(applied_config, the_file_wins_over_an_update_that_was_under_way) {
    settings_.update_delay = milliseconds(1000);
    file_says({endpoint_body("chat", entity("one"))});
    open();
    EXPECT_EQ(at(get("chat").body, "/state/config_update"), "IN_PROGRESS");
    file_says({endpoint_body("chat", entity("two"))});
    restart();
    clock_.passed += milliseconds(1000);
    EXPECT_EQ(at(get("chat").body, "/config/served_entities/0/name"), "two");
}

TEST_F(applied_config, a_bad_entry_stops_the_start_and_is_named) {
    const auto expect_refused = [this](std::string_view part) {
        const auto opened = plane_state::open(settings_, clock_, policy_);
        ASSERT_FALSE(opened);
        EXPECT_NE(opened.error().message.find(part), std::string::npos) << opened.error().message;
    };
    file_says({R"({"name":"ok"})", R"({"name":"a b"})"});
    expect_refused("endpoints[1]");
    file_says({endpoint_body("chat", entity("one", R"({"openai_api_key":"{{secrets/my_scope/nothing}}"})"))});
    expect_refused("'chat'");
    file_says({R"({"name":"twice"})", R"({"name":"twice"})"});
    expect_refused("'twice'");
    settings_.endpoints = {boost::json::value(5)};
    expect_refused("endpoints[0]");
    file_says({R"({"name":"ok"})"});
    open();
    EXPECT_EQ(get("ok").status, 200);
}

TEST_F(applied_config, the_file_s_plaintext_keys_are_not_in_the_database) {
    const std::string plain = "sk-in-file-91b7d0";
    file_says({endpoint_body("chat", entity("one", R"({"openai_api_key_plaintext":")" + plain + R"("})"))});
    open();
    EXPECT_NE(published_head("chat").find(plain), std::string::npos);
    for (const auto& file : std::filesystem::recursive_directory_iterator(settings_.data_dir)) {
        const std::string bytes = read_all(file.path().string());
        EXPECT_EQ(bytes.find(plain), std::string::npos) << file.path();
        EXPECT_EQ(bytes.find("sk-from-file"), std::string::npos) << file.path();
    }
}

} // namespace
} // namespace sluice::control::apply_config_test
