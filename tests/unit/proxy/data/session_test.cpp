#include "core/base/sha256.hpp"
#include "proxy/data/auth.hpp"
#include "proxy/data/session.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::data::session_test {
namespace {

constexpr wall_ms now = 1'700'000'000'000;
constexpr std::string_view value = "the-value-of-the-session";

http::request_head head_of(http::field_list fields) {
    http::request_head head;
    head.host = "gateway.example:8080";
    head.fields = std::move(fields);
    return head;
}

std::string digest_of(std::string_view text) {
    return std::string(as_text(token_digest(text)));
}

class session : public testing::Test {
protected:
    session() {
        auto alice = std::make_shared<model::principal>();
        alice->id = "7";
        alice->user_name = "alice";
        config_.principals = config_.principals.with("7", std::move(alice));
        config_.tokens = config_.tokens.with(digest_of("the-token"), model::token{"t1", "7", -1});
        config_.sessions =
            config_.sessions.with(digest_of(value), model::session{digest_of("the-token"), "7", now + 1000});
    }

    // The user's name, or the error's code and the beginning of its sentence.
    std::string who(http::field_list fields, wall_ms when = now, std::string_view own_field = "") {
        const auto found = authenticate(head_of(std::move(fields)), config_, checker_, when, own_field);
        if (found) return found->who->user_name;
        return std::string(status_of(found.error().code).error_code) + ": " +
               found.error().message.substr(0, 20);
    }

    model::credential_checker checker_;
    model::snapshot config_;
    const std::string cookie_ = "sluice_session=" + std::string(value);
    const std::string csrf_ = checker_.csrf_token(value);
};

constexpr std::string_view no_csrf = "PERMISSION_DENIED: A session needs the ";
constexpr std::string_view other_page = "PERMISSION_DENIED: The request comes fr";
constexpr std::string_view ended = "UNAUTHENTICATED: The session has ende";

TEST_F(session, a_cookie_is_good_beside_its_csrf_token) {
    EXPECT_EQ(who({{"Cookie", cookie_}, {"X-Csrf-Token", csrf_}}), "alice");
    EXPECT_EQ(who({{"Cookie", cookie_}}), no_csrf);
    EXPECT_EQ(who({{"Cookie", cookie_}, {"X-Csrf-Token", ""}}), no_csrf);
    EXPECT_EQ(who({{"Cookie", cookie_}, {"X-Csrf-Token", csrf_ + "A"}}), no_csrf);
    EXPECT_EQ(who({{"Cookie", cookie_}, {"X-Csrf-Token", checker_.csrf_token("another")}}), no_csrf);
    EXPECT_EQ(who({{"Cookie", cookie_}, {"X-Csrf-Token", value}}), no_csrf);
    EXPECT_EQ(who({{"Cookie", cookie_}, {"X-Csrf-Token", csrf_}, {"X-Csrf-Token", "other"}}), no_csrf);
    EXPECT_EQ(who({{"X-Csrf-Token", csrf_}}), "UNAUTHENTICATED: Credential was not s");
}

TEST_F(session, its_csrf_token_tells_neither_the_value_nor_its_digest) {
    EXPECT_EQ(csrf_.size(), 43U);
    EXPECT_NE(csrf_, value);
    EXPECT_NE(checker_.session_key(value), checker_.session_key(csrf_));
    EXPECT_EQ(checker_.session_key(value), digest_of(value));
}

TEST_F(session, what_it_is_worth_is_found_in_the_snapshot) {
    const http::field_list fields = {{"Cookie", cookie_}, {"X-Csrf-Token", csrf_}};
    EXPECT_EQ(who(fields, now + 999), "alice");
    EXPECT_EQ(who(fields, now + 1000), ended);
    model::snapshot last = config_;
    config_.tokens = config_.tokens.without(digest_of("the-token"));
    EXPECT_EQ(who(fields), ended);
    config_ = last;
    config_.principals = config_.principals.without("7");
    EXPECT_EQ(who(fields), ended);
    config_ = last;
    config_.sessions = config_.sessions.without(digest_of(value));
    EXPECT_EQ(who(fields), ended);
    config_.sessions =
        config_.sessions.with(digest_of(value), model::session{"", "7", now + 1}); // of an access token
    EXPECT_EQ(who(fields), "alice");
}

TEST_F(session, its_value_is_no_token_and_a_token_is_no_session) {
    EXPECT_EQ(who({{"Authorization", "Bearer " + std::string(value)}}),
              "UNAUTHENTICATED: Invalid access token");
    EXPECT_EQ(
        who({{"Cookie", "sluice_session=the-token"}, {"X-Csrf-Token", checker_.csrf_token("the-token")}}),
        ended);
}

TEST_F(session, any_other_credential_makes_the_cookie_count_for_nothing) {
    const http::field authorization{"Authorization", "Bearer the-token"};
    EXPECT_EQ(who({authorization, {"Cookie", cookie_}}), "alice");
    EXPECT_EQ(who({authorization, {"Cookie", cookie_}, {"Origin", "https://evil.example"}}), "alice");
    EXPECT_EQ(who({{"Authorization", "Bearer wrong"}, {"Cookie", cookie_}, {"X-Csrf-Token", csrf_}}),
              "UNAUTHENTICATED: Invalid access token");
    EXPECT_EQ(who({{"x-api-key", "the-token"}, {"Cookie", cookie_}}, now, "x-api-key"), "alice");
    EXPECT_EQ(who({{"x-api-key", "wrong"}, {"Cookie", cookie_}, {"X-Csrf-Token", csrf_}}, now, "x-api-key"),
              "UNAUTHENTICATED: Invalid access token");
    EXPECT_EQ(who({{"Cookie", cookie_}, {"X-Csrf-Token", csrf_}}, now, "x-api-key"), "alice");
}

TEST_F(session, a_page_of_another_server_is_refused) {
    const auto from = [&](std::string_view origin, std::string_view forwarded = "http") {
        return who({{"Cookie", cookie_},
                    {"X-Csrf-Token", csrf_},
                    {"Origin", origin},
                    {"X-Forwarded-Proto", forwarded}});
    };
    for (const std::string_view own :
         {"http://gateway.example:8080", "https://gateway.example:8080", "http://Gateway.Example:8080"})
        EXPECT_EQ(from(own), "alice") << own;
    for (const std::string_view other : {"http://gateway.example",
                                         "http://gateway.example:8081",
                                         "https://evil.example",
                                         "http://gateway.example:8080.evil.example",
                                         "ftp://gateway.example:8080",
                                         "gateway.example:8080",
                                         "null",
                                         ""})
        EXPECT_EQ(from(other), other_page) << other;
    EXPECT_EQ(from("https://gateway.example:8080", "https"), "alice");
    EXPECT_EQ(from("http://gateway.example:8080", "https"), other_page);
    // Of a chain of proxies the first one has seen the client.
    for (const std::string_view chain : {"https, http", "HTTPS,http", " https ,http", "https,"})
        EXPECT_EQ(from("http://gateway.example:8080", chain), other_page) << chain;
    for (const std::string_view chain : {"http, https", ",https", "", "httpsx"})
        EXPECT_EQ(from("http://gateway.example:8080", chain), "alice") << chain;
    EXPECT_EQ(who({{"Cookie", cookie_},
                   {"X-Csrf-Token", csrf_},
                   {"Origin", "http://gateway.example:8080"},
                   {"Origin", "https://evil.example"}}),
              other_page);
}

TEST_F(session, the_port_that_a_scheme_has_anyway_may_be_left_out) {
    http::request_head head;
    head.host = "gateway.example:443";
    head.fields = {{"Origin", "https://gateway.example"}};
    EXPECT_TRUE(check_origin(head));
    head.host = "gateway.example";
    EXPECT_TRUE(check_origin(head));
    head.fields = {{"Origin", "http://gateway.example:80"}};
    EXPECT_TRUE(check_origin(head));
    head.fields = {{"Origin", "http://gateway.example:443"}};
    EXPECT_FALSE(check_origin(head));
    head.fields = {};
    EXPECT_TRUE(check_origin(head));
}

std::string cookie_in(const http::field_list& fields) {
    const auto found = session_cookie(fields);
    return found ? std::string(*found) : std::string(status_of(found.error().code).error_code);
}

TEST(session_cookie, is_found_among_others) {
    EXPECT_EQ(cookie_in({{"Cookie", "a=b; sluice_session=x; c=d"}}), "x");
    EXPECT_EQ(cookie_in({{"cookie", "a=b;sluice_session=x=y ;"}}), "x=y");
    EXPECT_EQ(cookie_in({{"Cookie", "a=b"}, {"Cookie", "sluice_session=x"}}), "x");
    for (const std::string_view none :
         {"", ";", "a=b", "sluice_session", "xsluice_session=x", "Sluice_Session=x", "sluice_session=", "="})
        EXPECT_EQ(cookie_in({{"Cookie", none}}), "") << none;
    EXPECT_EQ(cookie_in({{"X-Cookie", "sluice_session=x"}}), "");
}

TEST(session_cookie, two_are_refused) {
    EXPECT_EQ(cookie_in({{"Cookie", "sluice_session=x; sluice_session=x"}}), "BAD_REQUEST");
    EXPECT_EQ(cookie_in({{"Cookie", "sluice_session=x"}, {"Cookie", "sluice_session=y"}}), "BAD_REQUEST");
    EXPECT_EQ(cookie_in({{"Cookie", "sluice_session=; sluice_session=y"}}), "BAD_REQUEST");
}

} // namespace
} // namespace sluice::data::session_test
