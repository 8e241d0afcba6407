#include "core/base/base64.hpp"
#include "proxy/data/auth.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::data {
namespace {

constexpr wall_ms now = 1'700'000'000'000;

class auth : public testing::Test {
protected:
    auth() {
        add("good-token", "alice", -1);
        add("short-lived", "bob", now + 1000);
        add("expired", "carol", now);
    }
    void add(const std::string& text, const std::string& who, wall_ms expires) {
        auto principal = std::make_shared<model::principal>();
        principal->id = who;
        principal->user_name = who;
        config_.principals = config_.principals.with(who, principal);
        model::token token;
        token.owner = who;
        token.expires_ms = expires;
        config_.tokens = config_.tokens.with(std::string(as_text(hasher_.digest(text))), token);
    }
    // The user's name, or the error's sentence.
    std::string who(std::string_view authorization, wall_ms when = now) {
        const http::field_list fields = {{"Host", "g"}, {"Authorization", authorization}};
        const auto found = authenticate(fields, config_, hasher_, when);
        if (!found) {
            EXPECT_EQ(found.error().code, errc::unauthenticated);
        }
        return found ? (*found)->user_name : found.error().message;
    }

    sha256 hasher_;
    model::snapshot config_;
};

constexpr std::string_view invalid = "Invalid access token.";
constexpr std::string_view unsupported =
    "Credential was not sent or was of an unsupported type for this API.";

TEST_F(auth, a_bearer_token_is_found_whatever_the_case_of_the_scheme) {
    for (const std::string scheme : {"Bearer ", "bearer ", "BEARER ", "Bearer   "})
        EXPECT_EQ(who(scheme + "good-token"), "alice");
}

TEST_F(auth, basic_with_the_user_token_is_the_same_token) {
    EXPECT_EQ(who("Basic " + base64_encode("token:good-token")), "alice");
    EXPECT_EQ(who("basic " + base64_encode("token:good-token")), "alice");
    EXPECT_EQ(who("Basic " + base64_encode("token:other")), invalid);
}

TEST_F(auth, basic_of_another_form_is_not_supported) {
    for (const std::string text : {"alice:good-token", "good-token", "Token:good-token", "", "token"})
        EXPECT_EQ(who("Basic " + base64_encode(text)), unsupported) << text;
    EXPECT_EQ(who("Basic !!!!"), unsupported);
    EXPECT_EQ(who("Basic " + std::string(20'000, 'A')), unsupported);
}

TEST_F(auth, an_unknown_token_is_invalid) {
    for (const std::string token : {"other", "good-toke", "good-token ", "good-token,", "GOOD-TOKEN"})
        EXPECT_EQ(who("Bearer " + token), invalid) << token;
}

TEST_F(auth, a_token_is_good_until_its_time_has_come) {
    EXPECT_EQ(who("Bearer short-lived"), "bob");
    EXPECT_EQ(who("Bearer short-lived", now + 999), "bob");
    EXPECT_EQ(who("Bearer short-lived", now + 1000), invalid);
    EXPECT_EQ(who("Bearer expired"), invalid);
}

TEST_F(auth, anything_else_is_not_supported) {
    for (const std::string_view field :
         {"", "Bearer", "good-token", "Digest good-token", "Bearergood-token", "Bearer\tgood-token"})
        EXPECT_EQ(who(field), unsupported) << field;
    const http::field_list none = {{"Host", "g"}};
    const auto found = authenticate(none, config_, hasher_, now);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().message, unsupported);
}

} // namespace
} // namespace sluice::data
