#include "providers/slices.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

namespace sluice::providers::slices_test {

namespace {

TEST(slices, values_keep_their_text) {
    const padded json(R"( {"a": {"b" : [1.0, "x\n", null, {}], "\u0063": true}, "d":-0e2 } )");
    slices tree;
    ASSERT_TRUE(tree.read(json.view(), author::client));
    const slices::node root = tree.root();
    EXPECT_EQ(root["a"].raw(), R"({"b" : [1.0, "x\n", null, {}], "\u0063": true})");
    EXPECT_EQ(root["a"]["b"].raw(), R"([1.0, "x\n", null, {}])");
    EXPECT_EQ(root["d"].raw(), "-0e2");
    EXPECT_EQ(root["a"]["c"].boolean(), true);
    EXPECT_FALSE(root["x"]["y"]);
    EXPECT_EQ(root["x"].raw(), "");
    std::deque<std::string> store;
    std::vector<std::string> seen;
    for (const slices::node each : root["a"]["b"].items())
        seen.emplace_back(each.text(store).value_or(each.raw()));
    EXPECT_EQ(seen, (std::vector<std::string>{"1.0", "x\n", "null", "{}"}));
    EXPECT_TRUE(root["a"]["b"].items().begin() != root["a"]["b"].items().end());
    EXPECT_TRUE(root["d"].items().empty());
    EXPECT_EQ(root["d"].count(), 0);
    EXPECT_EQ(root["d"].integer(), std::nullopt);
}

std::string object_of(int members, std::string_view last) {
    std::string json = "{";
    for (int i = 0; i < members; ++i)
        json.append("\"k").append(std::to_string(i)).append("\":").append(std::to_string(i)).append(",");
    return json.append("\"").append(last).append("\":\"last\"}");
}

TEST(slices, a_client_may_not_repeat_a_member_an_upstream_may) {
    for (const int members : {1, 10, 16, 17, 40}) {
        const padded json(object_of(members, "k\\u0030"));
        slices tree;
        const auto refused = tree.read(json.view(), author::client);
        ASSERT_FALSE(refused) << members;
        EXPECT_EQ(refused.error().code, errc::bad_request);
        EXPECT_EQ(refused.error().message, "'k0' is given twice.");
        ASSERT_TRUE(tree.read(json.view(), author::upstream)) << members;
        EXPECT_EQ(tree.root()["k0"].raw(), R"("last")");
        int count = 0;
        for (const slices::node each : tree.root().items())
            count += each ? 1 : 0;
        EXPECT_EQ(count, members);
    }
}

TEST(slices, what_is_no_object_is_refused) {
    for (const std::string_view text : {"", "[]", "1", "{", R"({"a":01})", R"({"a":[1,]})", R"({"a":1}x)"}) {
        const padded json(text);
        slices tree;
        EXPECT_FALSE(tree.read(json.view(), author::client)) << text;
        const auto refused = tree.read(json.view(), author::upstream);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, errc::bad_upstream);
    }
}

TEST(slices, values_are_counted) {
    std::string json = "{\"a\":[";
    for (int i = 0; i < 500'000; ++i)
        json += "1,";
    const padded many(json + "1]}");
    slices tree;
    const auto refused = tree.read(many.view(), author::client);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "The JSON text has too many values.");
}

TEST(slices, blanks_go_but_not_those_of_strings) {
    std::string out;
    append_minified(out, "{ \"a b\" : \"\\\" \\\\\" ,\n\t\"c\" : [ 1 , 2 ]\r}");
    EXPECT_EQ(out, "{\"a b\":\"\\\" \\\\\",\"c\":[1,2]}");
}

} // namespace
} // namespace sluice::providers::slices_test
