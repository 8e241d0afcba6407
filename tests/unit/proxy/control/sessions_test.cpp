// Signing in to the Serving UI: what is answered, stored, published and written down.
#include "core/base/sha256.hpp"
#include "core/db/database.hpp"
#include "tests/support/text.hpp"
#include "tests/unit/proxy/control/oauth_fixture.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::control::sessions_test {
namespace {

using support::joined;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view path = "/api/2.0/sluice/session";
constexpr std::string_view admin_text = "dapi-the-admin-token";
constexpr wall_ms hour = wall_ms{60} * 60 * 1000;

class sessions_test : public oauth_test {
protected:
    model::management_response sign_in(std::string_view token, bool https = false) {
        model::management_request request =
            make_request("POST", std::string(path), joined({R"({"token":")", token, R"("})"}), nullptr);
        request.https = https;
        return state_->answer(request).response;
    }
    // The value in the cookie of an answer.
    static std::string value_of(const model::management_response& answer) {
        const std::string cookie = header(answer, "set-cookie");
        const std::size_t from = cookie.find('=') + 1;
        return cookie.substr(from, cookie.find(';') - from);
    }
    // Who calls with the session, as the data plane sees it now.
    std::optional<model::caller> caller_with(std::string_view value) {
        if (auto next = state_->take_changed()) last_ = std::move(next);
        return checker_.check_session(value, *last_, clock_.wall());
    }
    // Null: nobody has signed in.
    std::shared_ptr<const model::principal> signed_in(std::string_view value) {
        const auto by = caller_with(value);
        return by ? by->who : nullptr;
    }
    std::shared_ptr<const model::principal> signed_in(const model::management_response& answer) {
        return signed_in(value_of(answer));
    }
    // As the data plane hands it over.
    model::management_response call_with(std::string_view value, std::string method) {
        const auto by = caller_with(value);
        if (!by) return {};
        model::management_request request = make_request(std::move(method), std::string(path), "", by->who);
        request.session =
            model::session_in_use{checker_.session_key(value), checker_.csrf_token(value), by->expires_ms};
        return state_->answer(request).response;
    }
    std::string new_token(const std::shared_ptr<const model::principal>& who, std::string body = "{}") {
        return at(call("POST", "/api/2.0/token/create", std::move(body), who).body, "/token_value");
    }
    std::size_t stored() {
        state_.reset();
        std::size_t count = 0;
        {
            auto db = db::database::open(settings_.data_dir + "/sluice.db");
            auto row = (*db)->query("SELECT count(*) FROM ui_sessions");
            if (row && row->step()) count = static_cast<std::size_t>(row->integer(0));
        }
        open();
        return count;
    }

    model::credential_checker checker_;
};

TEST_F(sessions_test, a_token_gives_a_session_of_twelve_hours) {
    const auto answer = sign_in(admin_text);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const std::string value = value_of(answer);
    EXPECT_EQ(value.size(), 43U);
    EXPECT_EQ(at(answer.body, "/user_name"), "admin");
    EXPECT_EQ(at(answer.body, "/display_name"), "Administrator");
    EXPECT_EQ(at(answer.body, "/is_admin"), "true");
    EXPECT_EQ(at(answer.body, "/may_create"), "true");
    EXPECT_EQ(at(answer.body, "/csrf_token"), checker_.csrf_token(value));
    EXPECT_EQ(at(answer.body, "/expires_ms"), std::to_string(clock_.wall() + 12 * hour));
    EXPECT_EQ(header(answer, "set-cookie"),
              "sluice_session=" + value + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200");
    EXPECT_EQ(header(answer, "cache-control"), "no-store");
    EXPECT_THAT(answer.body, Not(HasSubstr(value)));
    const auto who = signed_in(value);
    ASSERT_TRUE(who);
    EXPECT_EQ(at(answer.body, "/id"), who->id);
    EXPECT_EQ(at(answer.body, "/workspace_id"), last_->workspace_id);
    clock_.passed = milliseconds(12 * hour - 1);
    EXPECT_TRUE(signed_in(value));
    clock_.passed = milliseconds(12 * hour);
    EXPECT_FALSE(signed_in(value));
}

TEST_F(sessions_test, the_cookie_is_secure_where_the_client_came_by_https) {
    EXPECT_THAT(header(sign_in(admin_text, true), "set-cookie"), HasSubstr("; Secure"));
    EXPECT_THAT(header(sign_in(admin_text, false), "set-cookie"), Not(HasSubstr("Secure")));
}

TEST_F(sessions_test, a_session_is_no_token_and_in_no_list_of_them) {
    const std::string value = value_of(sign_in(admin_text));
    EXPECT_FALSE(caller_of(value));
    EXPECT_FALSE(signed_in(admin_text));
    const auto admin = signed_in(value);
    ASSERT_TRUE(admin);
    EXPECT_EQ(at(call("GET", "/api/2.0/token/list", "", admin).body, "/token_infos/1"), "(none)");
    EXPECT_EQ(at(call("GET", "/api/2.0/token-management/tokens", "", admin).body, "/token_infos/1"),
              "(none)");
}

TEST_F(sessions_test, what_is_no_good_token_is_refused) {
    EXPECT_EQ(sign_in("wrong").status, 401);
    EXPECT_EQ(sign_in("").status, 401);
    EXPECT_EQ(call("POST", std::string(path), "{}", nullptr).status, 400);
    EXPECT_EQ(call("POST", std::string(path), R"({"token":5})", nullptr).status, 400);
    EXPECT_EQ(call("POST", std::string(path), "token=x", nullptr).status, 400);
    EXPECT_EQ(stored(), 0U);
}

TEST_F(sessions_test, a_limited_access_token_is_refused_and_another_ends_its_session) {
    const std::string secret = new_secret();
    const auto limited = ask_as_robot(secret, "&scope=model-serving");
    EXPECT_EQ(sign_in(at(limited.body, "/access_token")).status, 403);
    const auto whole = ask_as_robot(secret);
    const auto answer = sign_in(at(whole.body, "/access_token"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(at(answer.body, "/id"), robot_);
    EXPECT_THAT(header(answer, "set-cookie"), HasSubstr("Max-Age=3600"));
    restart();
    clock_.passed = milliseconds(hour - 1);
    EXPECT_TRUE(signed_in(answer));
    clock_.passed = milliseconds(hour);
    EXPECT_FALSE(signed_in(answer));
}

TEST_F(sessions_test, a_session_is_not_longer_than_its_token) {
    const auto carol = make_user("carol@example.com");
    const std::string token = new_token(carol, R"({"lifetime_seconds":90})");
    const auto answer = sign_in(token);
    EXPECT_THAT(header(answer, "set-cookie"), HasSubstr("Max-Age=90"));
    EXPECT_EQ(at(answer.body, "/is_admin"), "false");
    clock_.passed = milliseconds(89'999);
    EXPECT_TRUE(signed_in(answer));
    clock_.passed = milliseconds(90'000);
    EXPECT_FALSE(signed_in(answer));
}

TEST_F(sessions_test, a_page_asks_for_its_session_again) {
    const auto answer = sign_in(admin_text);
    const auto again = call_with(value_of(answer), "GET");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, answer.body);
    EXPECT_EQ(header(again, "set-cookie"), "(none)");
}

TEST_F(sessions_test, signing_out_ends_this_session_only) {
    const auto first = sign_in(admin_text);
    const auto second = sign_in(admin_text);
    const auto answer = call_with(value_of(first), "DELETE");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{}");
    EXPECT_EQ(header(answer, "set-cookie"), "sluice_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    EXPECT_FALSE(signed_in(first));
    EXPECT_TRUE(signed_in(second));
    restart();
    EXPECT_FALSE(signed_in(first));
    EXPECT_TRUE(signed_in(second));
}

TEST_F(sessions_test, calls_without_a_session_are_refused) {
    EXPECT_EQ(call("GET", std::string(path)).status, 401);
    EXPECT_EQ(call("DELETE", std::string(path)).status, 401);
}

TEST_F(sessions_test, sessions_end_with_their_token) {
    const auto carol = make_user("carol@example.com");
    const std::string first = new_token(carol);
    const std::string second = new_token(carol);
    const auto of_first = sign_in(first);
    const auto of_second = sign_in(second);
    ASSERT_TRUE(signed_in(of_first));
    const auto list = call("GET", "/api/2.0/token/list", "", carol);
    const std::string body = joined({R"({"token_id":")", at(list.body, "/token_infos/0/token_id"), R"("})"});
    ASSERT_EQ(call("POST", "/api/2.0/token/delete", body, carol).status, 200);
    EXPECT_FALSE(signed_in(of_first));
    EXPECT_TRUE(signed_in(of_second));
    // The next sign-in takes what is left of the first out of memory.
    EXPECT_EQ(last_->sessions.size(), 2U);
    EXPECT_TRUE(signed_in(sign_in(second)));
    EXPECT_EQ(last_->sessions.size(), 2U);
    EXPECT_EQ(stored(), 2U);
    EXPECT_TRUE(signed_in(of_second));
}

TEST_F(sessions_test, another_admin_token_ends_the_sessions_of_the_last_one) {
    const auto answer = sign_in(admin_text);
    restart();
    EXPECT_TRUE(signed_in(answer));
    settings_.admin_token = secret_string("dapi-another-admin-token");
    restart();
    EXPECT_FALSE(signed_in(answer));
    EXPECT_EQ(stored(), 0U);
}

TEST_F(sessions_test, sessions_end_when_the_user_is_deactivated_and_do_not_come_back) {
    const auto carol = make_user("carol@example.com");
    const auto answer = sign_in(new_token(carol));
    const std::string user = "/api/2.0/preview/scim/v2/Users/" + carol->id;
    const auto set_active = [&](std::string_view active) {
        return call("PATCH",
                    user,
                    joined({R"({"Operations":[{"op":"replace","path":"active","value":)", active, "}]}"}));
    };
    ASSERT_TRUE(signed_in(answer));
    ASSERT_EQ(set_active("false").status, 200);
    EXPECT_FALSE(signed_in(answer));
    ASSERT_EQ(set_active("true").status, 200);
    EXPECT_FALSE(signed_in(answer));
    EXPECT_EQ(last_->sessions.size(), 0U);
    EXPECT_EQ(stored(), 0U);
}

TEST_F(sessions_test, sessions_end_with_their_user) {
    const auto carol = make_user("carol@example.com");
    const auto answer = sign_in(new_token(carol));
    ASSERT_EQ(call("DELETE", "/api/2.0/preview/scim/v2/Users/" + carol->id).status, 200);
    EXPECT_FALSE(signed_in(answer));
    EXPECT_EQ(stored(), 0U);
}

TEST_F(sessions_test, of_too_many_sessions_the_oldest_ends) {
    const auto other = sign_in(new_token(make_user("carol@example.com")));
    std::vector<std::string> values;
    for (std::size_t i = 0; i < sessions::max_sessions + 1; ++i) {
        clock_.passed += milliseconds(1);
        values.push_back(value_of(sign_in(admin_text)));
    }
    EXPECT_FALSE(signed_in(values[0]));
    EXPECT_TRUE(signed_in(values[1]));
    EXPECT_TRUE(signed_in(values.back()));
    EXPECT_TRUE(signed_in(other));
    EXPECT_EQ(last_->sessions.size(), sessions::max_sessions + 1);
    EXPECT_EQ(stored(), sessions::max_sessions + 1);
    EXPECT_FALSE(signed_in(values[0]));
    EXPECT_TRUE(signed_in(values[1]));
}

TEST_F(sessions_test, what_has_expired_is_removed_at_the_next_sign_in) {
    const auto first = sign_in(admin_text);
    clock_.passed = milliseconds(12 * hour);
    const auto second = sign_in(admin_text);
    EXPECT_TRUE(signed_in(second));
    EXPECT_EQ(last_->sessions.size(), 1U);
    EXPECT_EQ(stored(), 1U);
}

TEST_F(sessions_test, signing_in_and_out_are_in_the_audit_log_without_token_and_value) {
    const auto answer = sign_in(admin_text);
    const std::string value = value_of(answer);
    ASSERT_EQ(call_with(value, "DELETE").status, 200);
    EXPECT_EQ(sign_in("wrong").status, 401);
    const std::string log = call("GET", "/api/2.0/sluice/audit").body;
    const std::string id = at(answer.body, "/id");
    EXPECT_EQ(at(log, "/audit_events/0/action_name"), "accounts.logout");
    EXPECT_EQ(at(log, "/audit_events/0/target"), "sessions/" + id);
    EXPECT_EQ(at(log, "/audit_events/1/action_name"), "accounts.tokenLogin");
    EXPECT_EQ(at(log, "/audit_events/1/target"), "sessions/" + id);
    EXPECT_EQ(at(log, "/audit_events/1/principal_name"), "admin");
    EXPECT_EQ(at(log, "/audit_events/1/after/user_name"), "admin");
    for (const std::string& hidden : {std::string(admin_text), value, checker_.csrf_token(value)})
        EXPECT_THAT(log, Not(HasSubstr(hidden)));
}

TEST_F(sessions_test, signing_in_and_out_again_and_again_does_not_fill_the_audit_log) {
    const auto rows = [this](std::string_view action) {
        const std::string log =
            call("GET", joined({"/api/2.0/sluice/audit?max_results=1000&action_name=", action})).body;
        int count = 0;
        while (at(log, joined({"/audit_events/", std::to_string(count)})) != "(none)")
            ++count;
        return count;
    };
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(call_with(value_of(sign_in(admin_text)), "DELETE").status, 200);
    EXPECT_EQ(rows("accounts.tokenLogin"), 10);
    EXPECT_EQ(rows("accounts.logout"), 10);
    // Somebody else's are written all the same, and so is every other change.
    EXPECT_EQ(sign_in(new_token(make_user("re@example.com"))).status, 200);
    EXPECT_EQ(rows("accounts.tokenLogin"), 11);
    EXPECT_EQ(rows("accounts.generateDbToken"), 1);
    clock_.passed = milliseconds(60'000);
    ASSERT_EQ(sign_in(admin_text).status, 200);
    const std::string log = call("GET", "/api/2.0/sluice/audit?max_results=1").body;
    EXPECT_EQ(at(log, "/audit_events/0/action_name"), "accounts.tokenLogin");
    EXPECT_EQ(at(log, "/audit_events/0/principal_name"), "admin");
    EXPECT_EQ(at(log, "/audit_events/0/after/left_out"), "40");
}

TEST(sessions_store, a_database_of_the_step_before_gets_the_table) {
    const temporary_directory temporary;
    const std::string dir = temporary.file("data");
    ASSERT_TRUE(succeeds(store::open(dir)));
    {
        const auto db = db::database::open(dir + "/sluice.db");
        ASSERT_TRUE(succeeds(db));
        ASSERT_TRUE(succeeds((*db)->run("DROP TABLE ui_sessions; DROP TABLE config_versions;"
                                        "DELETE FROM schema_version WHERE version > 2")));
    }
    const auto opened = store::open(dir);
    ASSERT_TRUE(succeeds(opened)) << opened.error().message;
    const auto none = (*opened)->sessions();
    ASSERT_TRUE(succeeds(none));
    EXPECT_TRUE(none->empty());
}

TEST(sessions_store, sessions_go_with_their_token_and_their_user) {
    const temporary_directory temporary;
    const auto opened = store::open(temporary.file("data"));
    ASSERT_TRUE(succeeds(opened));
    store& db = **opened;
    stored_user user;
    user.user_name = "carol";
    const std::int64_t id = db.add_user(user).value();
    const std::string token_digest(32, 't');
    stored_token token;
    token.id = "t1";
    token.user_id = id;
    token.digest = token_digest;
    ASSERT_TRUE(succeeds(db.add_token(token)));
    const std::string first(32, '1');
    const std::string second(32, '2');
    ASSERT_TRUE(succeeds(db.add_session({first, id, "t1", "", 5, 100})));
    ASSERT_TRUE(succeeds(db.add_session({second, id, "", "", 4, 200})));
    const auto all = db.sessions();
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ((*all)[0].digest, second);
    EXPECT_EQ((*all)[0].token_digest, "");
    EXPECT_EQ((*all)[1].token_id, "t1");
    EXPECT_EQ((*all)[1].token_digest, token_digest);
    EXPECT_EQ(*db.session_digests(id), (std::vector<std::string>{second, first}));
    ASSERT_TRUE(succeeds(db.delete_token("t1")));
    EXPECT_EQ(*db.session_digests(id), std::vector<std::string>{second});
    ASSERT_TRUE(succeeds(db.delete_sessions_before(199)));
    EXPECT_EQ(db.sessions()->size(), 1U);
    ASSERT_TRUE(succeeds(db.delete_user(id)));
    EXPECT_TRUE(db.sessions()->empty());
    EXPECT_TRUE(fails_with(db.add_session({first, 999, "", "", 1, 2}), errc::internal_error));
}

} // namespace
} // namespace sluice::control::sessions_test
