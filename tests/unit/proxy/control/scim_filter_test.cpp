#include "proxy/control/scim_filter.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gtest/gtest.h>

namespace sluice::control::scim_filter_test {
namespace {

const char* const alice =
    R"({"id":"1001","userName":"Alice@Example.com","displayName":"Alice","active":true,"age":7,
    "name":{"familyName":"Liddell"},"externalId":"",
    "emails":[{"value":"a@work.org","type":"work","primary":true},{"value":"a@home.org","type":"home"}],
    "groups":[{"display":"admins","value":"1"}],"entitlements":[]})";

bool matches(std::string_view filter) {
    const auto parsed = scim_filter::parse(filter);
    EXPECT_TRUE(parsed) << filter << ": " << (parsed ? "" : parsed.error().message);
    return parsed && parsed->matches(body(alice));
}

TEST(scim_filter, texts_are_compared_without_regard_to_case) {
    EXPECT_TRUE(matches(R"(userName eq "alice@example.com")"));
    EXPECT_TRUE(matches(R"(USERNAME EQ "ALICE@EXAMPLE.COM")"));
    EXPECT_FALSE(matches(R"(userName eq "alice@example.co")"));
    EXPECT_TRUE(matches(R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ali")"));
}

TEST(scim_filter, each_operator_says_what_its_name_says) {
    EXPECT_TRUE(matches(R"(userName ne "bob")"));
    EXPECT_FALSE(matches(R"(userName ne "alice@example.com")"));
    EXPECT_TRUE(matches(R"(userName co "@exam")"));
    EXPECT_TRUE(matches(R"(userName sw "alice")"));
    EXPECT_FALSE(matches(R"(userName sw "lice")"));
    EXPECT_TRUE(matches(R"(userName ew ".com")"));
    EXPECT_TRUE(matches("active eq true"));
    EXPECT_FALSE(matches("active eq false"));
    EXPECT_TRUE(matches("age gt 6"));
    EXPECT_FALSE(matches("age gt 7"));
    EXPECT_TRUE(matches("age ge 7"));
    EXPECT_TRUE(matches("age lt 8"));
    EXPECT_TRUE(matches("age le 7"));
    EXPECT_TRUE(matches(R"(displayName gt "Alfred")"));
}

TEST(scim_filter, present_means_not_empty) {
    EXPECT_TRUE(matches("userName pr"));
    EXPECT_TRUE(matches("emails pr"));
    EXPECT_FALSE(matches("entitlements pr"));
    EXPECT_FALSE(matches("externalId pr"));
    EXPECT_FALSE(matches("title pr"));
}

TEST(scim_filter, a_list_matches_by_any_of_its_elements) {
    EXPECT_TRUE(matches(R"(emails.value eq "a@home.org")"));
    EXPECT_TRUE(matches(R"(emails eq "a@home.org")"));
    EXPECT_TRUE(matches(R"(groups.display eq "admins")"));
    EXPECT_FALSE(matches(R"(groups.display eq "users")"));
    EXPECT_TRUE(matches(R"(name.familyName eq "liddell")"));
}

TEST(scim_filter, a_value_path_asks_about_one_element_at_a_time) {
    EXPECT_TRUE(matches(R"(emails[type eq "home" and value co "home"])"));
    EXPECT_FALSE(matches(R"(emails[type eq "home" and value co "work"])"));
    EXPECT_FALSE(matches(R"(userName[value pr])"));
}

TEST(scim_filter, and_binds_tighter_than_or_and_parentheses_decide) {
    EXPECT_TRUE(matches(R"(userName eq "x" and active eq true or age eq 7)"));
    EXPECT_FALSE(matches(R"(userName eq "x" and (active eq true or age eq 7))"));
    EXPECT_TRUE(matches(R"(not (userName eq "x"))"));
    EXPECT_FALSE(matches(R"(not (userName eq "x" or active eq true))"));
}

TEST(scim_filter, what_is_missing_equals_nothing_but_differs_from_everything) {
    EXPECT_FALSE(matches(R"(title eq "x")"));
    EXPECT_TRUE(matches(R"(title ne "x")"));
    EXPECT_FALSE(matches(R"(active eq "true")"));
}

TEST(scim_filter, malformed_filters_are_refused) {
    for (const std::string_view bad : {"userName",
                                       "userName eq",
                                       "userName xx \"a\"",
                                       "eq \"a\"",
                                       "userName eq a",
                                       "userName eq \"a",
                                       "userName eq \"\\x\"",
                                       "(userName pr",
                                       "userName pr)",
                                       "not userName pr",
                                       "userName pr and",
                                       "and userName pr",
                                       "emails[type pr",
                                       "emails[] pr",
                                       "[type pr]",
                                       "userName eq \"a\" \"b\"",
                                       "userName eq 1 2",
                                       "\"",
                                       "(",
                                       ")",
                                       "userName eq {}",
                                       "userName eq [1]",
                                       "userName eq \"a\",\"b\""}) {
        const auto parsed = scim_filter::parse(bad);
        EXPECT_FALSE(parsed) << bad;
        EXPECT_TRUE(fails_with(parsed, errc::invalid_parameter_value)) << bad;
    }
}

TEST(scim_filter, depth_and_length_are_bounded) {
    EXPECT_TRUE(scim_filter::parse(std::string(10, '(') + "id pr" + std::string(10, ')')));
    EXPECT_FALSE(scim_filter::parse(std::string(1000, '(') + "id pr" + std::string(1000, ')')));
    std::string nested = "id pr";
    for (int i = 0; i < 100; ++i)
        nested.insert(0, "not (").append(")");
    EXPECT_FALSE(scim_filter::parse(nested));
    EXPECT_FALSE(scim_filter::parse("userName eq \"" + std::string(5000, 'a') + "\""));
    std::string long_one = "id pr";
    for (int tests = 1; tests < scim_filter::max_tests; ++tests)
        long_one += " or id pr";
    EXPECT_TRUE(scim_filter::parse(long_one));
    EXPECT_FALSE(scim_filter::parse(long_one + " and id pr"));
}

TEST(scim_filter, a_plain_equality_is_told_to_those_who_have_an_index) {
    EXPECT_EQ(scim_filter::parse(R"(username eq "A")")->equal_text("userName"), "A");
    EXPECT_EQ(scim_filter::parse(R"(userName sw "A")")->equal_text("userName"), std::nullopt);
    EXPECT_EQ(scim_filter::parse(R"(userName eq "A" or id pr)")->equal_text("userName"), std::nullopt);
    EXPECT_EQ(scim_filter::parse(R"(displayName eq "A")")->equal_text("userName"), std::nullopt);
}

} // namespace
} // namespace sluice::control::scim_filter_test
