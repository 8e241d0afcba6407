// Sessions of the Serving UI through the whole gateway: signing in, a reload, queries and management with the
// cookie, and all that ends or refuses a session.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"
#include "tests/support/text.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::support::session_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view path = "/api/2.0/sluice/session";

std::string member(const std::string& json, std::string_view pointer) {
    boost::json::error_code failed;
    const boost::json::value tree = boost::json::parse(json, failed);
    if (failed) return "(not JSON)";
    const auto* found = tree.find_pointer(boost::json::string_view(pointer.data(), pointer.size()), failed);
    if (!found || !found->is_string()) return "(none)";
    return {found->get_string().data(), found->get_string().size()};
}

class session_flow : public testing::Test {
protected:
    session_flow() {
        provider_.always().answer_json(chat_answer("hi"));
        start();
    }
    void start() {
        proxy_ = std::make_unique<gateway>([&](proxy::settings& s) { s.data_dir = data_.path(); });
    }
    void stop() { proxy_.reset(); }

    // `fields`: whole field lines.
    answer
    send(std::string_view method, std::string_view to, std::string_view fields, std::string_view body = "") {
        raw_client client = proxy_->connect();
        client.send(joined({method,
                            " ",
                            to,
                            " HTTP/1.1\r\nHost: gateway.example\r\n",
                            fields,
                            "Content-Length: ",
                            std::to_string(body.size()),
                            "\r\n\r\n",
                            body}));
        return client.read_answer();
    }

    // Field lines of a page that has signed in.
    struct page {
        std::string cookie;
        std::string csrf;
        [[nodiscard]] std::string both() const { return cookie + csrf; }
    };
    answer ask_to_sign_in(std::string_view token, std::string_view fields = "") {
        return send("POST", path, fields, joined({R"({"token":")", token, R"("})"}));
    }
    page sign_in(std::string_view token = admin_token) {
        const answer got = ask_to_sign_in(token);
        EXPECT_EQ(got.status, 200) << got.body;
        const std::string cookie = got.field("set-cookie");
        return {joined({"Cookie: theme=dark; ", cookie.substr(0, cookie.find(';')), "\r\n"}),
                joined({"X-Csrf-Token: ", member(got.body, "/csrf_token"), "\r\n"})};
    }
    // A user, and a token of his.
    std::pair<std::string, std::string> make_user(std::string_view name) {
        const answer made =
            proxy_->post("/api/2.0/preview/scim/v2/Users", joined({R"({"userName":")", name, R"("})"}));
        const answer token = proxy_->post("/api/2.0/token-management/on-behalf-of/tokens",
                                          joined({R"({"user_name":")", name, R"("})"}));
        EXPECT_EQ(token.status, 200) << token.body;
        return {member(made.body, "/id"), member(token.body, "/token_value")};
    }

    fake_upstream provider_;
    data_directory data_;
    std::unique_ptr<gateway> proxy_;
};

constexpr std::string_view list = "/api/2.0/serving-endpoints";

TEST_F(session_flow, a_page_signs_in_reloads_and_signs_out) {
    const page mine = sign_in();
    EXPECT_EQ(send("GET", list, mine.both()).status, 200);
    const answer reloaded = send("GET", path, mine.cookie);
    EXPECT_EQ(reloaded.status, 200) << reloaded.body;
    EXPECT_EQ(member(reloaded.body, "/user_name"), "admin");
    EXPECT_EQ(joined({"X-Csrf-Token: ", member(reloaded.body, "/csrf_token"), "\r\n"}), mine.csrf);
    EXPECT_EQ(reloaded.field("cache-control"), "no-store");
    EXPECT_EQ(send("DELETE", path, mine.cookie).status, 403);
    const answer out = send("DELETE", path, mine.both());
    EXPECT_EQ(out.status, 200);
    EXPECT_EQ(out.body, "{}");
    EXPECT_THAT(out.field("set-cookie"), HasSubstr("Max-Age=0"));
    EXPECT_EQ(send("GET", path, mine.cookie).status, 401);
    EXPECT_EQ(send("GET", list, mine.both()).status, 401);
    EXPECT_EQ(send("DELETE", path, mine.both()).status, 401);
}

TEST_F(session_flow, the_cookie_is_for_this_server_and_out_of_reach_of_scripts) {
    const answer plain = ask_to_sign_in(admin_token);
    EXPECT_THAT(plain.field("set-cookie"), HasSubstr("; Path=/; HttpOnly; SameSite=Strict; Max-Age="));
    EXPECT_THAT(plain.field("set-cookie"), Not(HasSubstr("Secure")));
    const answer by_tls = ask_to_sign_in(admin_token, "X-Forwarded-Proto: https\r\n");
    EXPECT_THAT(by_tls.field("set-cookie"), HasSubstr("; Secure"));
    const answer by_two = ask_to_sign_in(admin_token, "X-Forwarded-Proto: https, http\r\n");
    EXPECT_THAT(by_two.field("set-cookie"), HasSubstr("; Secure"));
    const answer inside = ask_to_sign_in(admin_token, "X-Forwarded-Proto: http, https\r\n");
    EXPECT_THAT(inside.field("set-cookie"), Not(HasSubstr("Secure")));
}

TEST_F(session_flow, what_is_too_long_for_a_token_is_refused_as_that) {
    const answer got = ask_to_sign_in(std::string(70'000, 'a'));
    EXPECT_EQ(got.status, 400);
    EXPECT_EQ(member(got.body, "/message"), "The token is too long: the body may have at most 65536 bytes.");
}

TEST_F(session_flow, every_kind_of_call_takes_a_session_and_none_without_its_csrf_token) {
    proxy_->make_endpoint("chat", {entity(provider_.base_url())});
    const page mine = sign_in();
    const page other = sign_in();
    const std::string by_model = R"({"model":"chat","messages":[{"role":"user","content":"x"}]})";
    const std::string native =
        R"({"model":"chat","max_tokens":5,"messages":[{"role":"user","content":"x"}]})";
    struct call {
        std::string_view method;
        std::string_view to;
        std::string body;
    };
    for (const call& each :
         std::vector<call>{{"GET", list, ""},
                           {"PATCH", "/api/2.0/serving-endpoints/chat/tags", R"({"add_tags":[{"key":"a"}]})"},
                           {"GET", "/serving-endpoints/models", ""},
                           {"GET", "/metrics", ""},
                           {"GET", "/openapi.json", ""},
                           {"POST", "/serving-endpoints/chat/invocations", chat_body("x")},
                           {"POST", "/serving-endpoints/chat/completions", by_model},
                           {"POST", "/ai-gateway/mlflow/v1/chat/completions", by_model},
                           {"POST", "/serving-endpoints/anthropic/v1/messages", native},
                           {"POST", "/ai-gateway/anthropic/v1/messages", native}}) {
        SCOPED_TRACE(each.to);
        const answer good = send(each.method, each.to, mine.both(), each.body);
        EXPECT_EQ(good.status, 200) << good.body;
        const answer own =
            send(each.method, each.to, mine.both() + "Origin: http://gateway.example\r\n", each.body);
        EXPECT_EQ(own.status, 200) << own.body;
        const std::size_t asked = provider_.request_count();
        for (const std::string& fields : {mine.cookie,
                                          mine.cookie + "X-Csrf-Token: x\r\n",
                                          mine.cookie + other.csrf,
                                          mine.both() + "Origin: https://evil.example\r\n",
                                          mine.both() + "Origin: null\r\n"}) {
            const answer refused = send(each.method, each.to, fields, each.body);
            EXPECT_EQ(refused.status, 403) << fields << refused.body;
            EXPECT_EQ(member(refused.body, "/error_code"), "PERMISSION_DENIED");
        }
        EXPECT_EQ(send(each.method, each.to, mine.csrf, each.body).status, 401);
        EXPECT_EQ(send(each.method, each.to, mine.both() + mine.cookie, each.body).status, 400);
        EXPECT_EQ(provider_.request_count(), asked);
    }
}

TEST_F(session_flow, a_stream_comes_with_a_session) {
    provider_.clear();
    provider_.always().stream(chat_stream({"a", "b"}));
    proxy_->make_endpoint("chat", {entity(provider_.base_url())});
    const page mine = sign_in();
    const answer got = send("POST", "/serving-endpoints/chat/invocations", mine.both(), chat_body("x", true));
    EXPECT_EQ(got.status, 200) << got.body;
    EXPECT_TRUE(got.complete);
    EXPECT_EQ(event_data(got.body).back(), "[DONE]");
}

TEST_F(session_flow, a_page_of_another_server_cannot_sign_in_or_ask_who_has) {
    EXPECT_EQ(ask_to_sign_in(admin_token, "Origin: https://evil.example\r\n").status, 403);
    EXPECT_EQ(ask_to_sign_in(admin_token, "Origin: null\r\n").status, 403);
    EXPECT_EQ(ask_to_sign_in(admin_token, "Origin: https://gateway.example\r\n").status, 200);
    const page mine = sign_in();
    EXPECT_EQ(send("GET", path, mine.cookie + "Origin: https://evil.example\r\n").status, 403);
}

TEST_F(session_flow, a_bad_token_does_not_sign_in) {
    const answer refused = ask_to_sign_in("wrong");
    EXPECT_EQ(refused.status, 401);
    EXPECT_FALSE(refused.has("set-cookie"));
    EXPECT_EQ(send("POST", path, "", "{}").status, 400);
    EXPECT_EQ(send("POST", path, "", R"({"token":")" + std::string(70'000, 'x') + R"("})").status, 400);
    EXPECT_EQ(send("GET", path, "").status, 401);
    EXPECT_EQ(send("GET", path, "Cookie: sluice_session=x\r\n").status, 401);
}

TEST_F(session_flow, beside_authorization_the_cookie_counts_for_nothing) {
    const page mine = sign_in();
    const std::string bearer = joined({"Authorization: Bearer ", admin_token, "\r\n"});
    EXPECT_EQ(send("GET", list, mine.cookie + bearer).status, 200);
    EXPECT_EQ(send("GET", list, mine.cookie + bearer + "Origin: https://evil.example\r\n").status, 200);
    EXPECT_EQ(send("GET", list, mine.both() + "Authorization: Bearer wrong\r\n").status, 401);
    EXPECT_EQ(send("GET", path, mine.both() + bearer).status, 401);
    const std::string value = mine.cookie.substr(mine.cookie.find("sluice_session=") + 15);
    EXPECT_EQ(send("GET", list, "Authorization: Bearer " + value).status, 401) << "the value is no token";
}

TEST_F(session_flow, a_session_ends_with_its_token) {
    const auto [id, token] = make_user("carol@example.com");
    const page mine = sign_in(token);
    const page admins = sign_in();
    const answer tokens = send("GET", "/api/2.0/token/list", mine.both());
    const std::string token_id = member(tokens.body, "/token_infos/0/token_id");
    EXPECT_EQ(member(tokens.body, "/token_infos/1/token_id"), "(none)") << "sessions are no tokens";
    const answer gone =
        send("POST", "/api/2.0/token/delete", mine.both(), joined({R"({"token_id":")", token_id, R"("})"}));
    EXPECT_EQ(gone.status, 200) << gone.body;
    EXPECT_EQ(send("GET", list, mine.both()).status, 401);
    EXPECT_EQ(send("GET", path, mine.cookie).status, 401);
    EXPECT_EQ(send("GET", list, admins.both()).status, 200);
}

TEST_F(session_flow, a_session_outlives_a_restart) {
    const page mine = sign_in();
    stop();
    start();
    EXPECT_EQ(send("GET", list, mine.both()).status, 200);
    EXPECT_EQ(send("DELETE", path, mine.both()).status, 200);
    stop();
    start();
    EXPECT_EQ(send("GET", list, mine.both()).status, 401);
}

TEST_F(session_flow, a_session_ends_when_its_user_is_deactivated) {
    const auto [id, token] = make_user("carol@example.com");
    const page mine = sign_in(token);
    EXPECT_EQ(send("GET", list, mine.both()).status, 200);
    const answer done = proxy_->call("PATCH",
                                     "/api/2.0/preview/scim/v2/Users/" + id,
                                     R"({"Operations":[{"op":"replace","path":"active","value":false}]})");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(send("GET", list, mine.both()).status, 401);
}

TEST_F(session_flow, a_session_has_the_rights_of_its_user) {
    proxy_->make_endpoint("chat", {entity(provider_.base_url())});
    const page mine = sign_in(make_user("carol@example.com").second);
    EXPECT_EQ(send("GET", "/metrics", mine.both()).status, 403);
    EXPECT_EQ(send("GET", "/api/2.0/serving-endpoints/chat", mine.both()).status, 403);
    EXPECT_EQ(send("POST", "/serving-endpoints/chat/invocations", mine.both(), chat_body("x")).status, 403);
    EXPECT_EQ(send("GET", list, mine.both()).body, R"({"endpoints":[]})");
}

} // namespace
} // namespace sluice::support::session_test
