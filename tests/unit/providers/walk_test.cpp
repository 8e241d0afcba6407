// What counts as JSON, seen through the parser of client bodies.
#include "providers/walk.hpp"
#include "tests/unit/providers/unified_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::unified::walk_test {

namespace {

std::string nested(int levels, std::string_view inner) {
    const auto count = static_cast<std::size_t>(levels);
    return std::string(count, '[').append(inner).append(count, ']');
}

TEST(walk, what_is_not_json_is_refused_wherever_it_stands) {
    const std::vector<std::string> values = {"\"a\":1",
                                             "\"a\":\"b\"",
                                             "[\"a\":1]",
                                             "[{},\"a\":null,\"b\":2]",
                                             "[1:2]",
                                             "1:2",
                                             "{\"a\":\"b\":[]}",
                                             "{\"a\"b:1}",
                                             "007",
                                             "tru",
                                             "True",
                                             "nul",
                                             "[1,]",
                                             "[,1]",
                                             "[1 2]",
                                             "{\"a\"}",
                                             "{\"a\":}",
                                             "{,}",
                                             "{\"a\":1,}",
                                             "{\"a\" 1}",
                                             "{a:1}",
                                             "'x'",
                                             "\"\\x41\"",
                                             "\"\\u12g4\"",
                                             "\"\\u12\"",
                                             "\"\\\"",
                                             "\"a\nb\"",
                                             "\"a\tb\"",
                                             "\"\xff\"",
                                             "\"\xc0\xaf\"",
                                             "\"\xed\xa0\x80\"",
                                             "\"a\"b",
                                             "\"a\"\"b\"",
                                             "1\"a\"",
                                             "1.",
                                             ".5",
                                             "+1",
                                             "1e",
                                             "1e+",
                                             "-",
                                             "--1",
                                             "0x10",
                                             "1_000",
                                             "NaN",
                                             "Infinity",
                                             "[1",
                                             "1]",
                                             "{\"a\":1",
                                             "[}",
                                             "{]",
                                             "[[1]",
                                             "\"open",
                                             "\\",
                                             "",
                                             "// x",
                                             "{\"\\q\":1}",
                                             "1 1"};
    for (const std::string& value : values) {
        EXPECT_EQ(refusal(task::chat, chat_with("\"x\":" + value)), "The request body is not valid JSON.")
            << value;
        EXPECT_EQ(refusal(task::chat, chat_with("\"x\":[{\"y\":" + value + "}]")),
                  "The request body is not valid JSON.")
            << value;
        EXPECT_EQ(refusal(task::chat, R"({"messages":[{"content":)" + value + "}]}"),
                  "The request body is not valid JSON.")
            << value;
    }
}

TEST(walk, a_text_that_is_no_whole_object_is_refused) {
    const std::string good = chat_with("\"x\":1");
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_NE(refusal(task::chat, good.substr(0, size)), "") << size;
    for (const std::string_view behind : {"x", ",", "}", "{}", "1", "\"", "]", "\xff"}) {
        EXPECT_NE(refusal(task::chat, std::string(good).append(behind)), "") << behind;
    }
    EXPECT_EQ(refusal(task::chat, good + " \r\n\t"), "");
    for (const std::string_view other : {"[]", "1", "\"x\"", "null", "[{\"messages\":[]}]"}) {
        EXPECT_EQ(refusal(task::chat, other), "The request body must be a JSON object.") << other;
    }
    EXPECT_EQ(refusal(task::chat, "{}").substr(0, 22), "'messages' is missing:");
}

TEST(walk, unusual_but_legal_json_passes) {
    for (const std::string_view value : {"1e400",
                                         "-0",
                                         "-0.0E-0",
                                         "123456789012345678901234567890",
                                         R"("\ud83d")",
                                         R"("\udc00\ud800")",
                                         R"("\u0000")",
                                         "{}",
                                         "[]",
                                         "[[],{}]",
                                         R"({"":1})",
                                         R"({"a":1,"a":2})",
                                         "\"\xf0\x9f\xaa\x90\"",
                                         R"("\"\\\/\b\f\n\r\t")",
                                         " [ 1 , 2 ] "}) {
        EXPECT_EQ(refusal(task::chat, chat_with(std::string("\"x\":").append(value))), "") << value;
    }
}

TEST(walk, depth_is_limited_to_64_levels) {
    EXPECT_EQ(refusal(task::chat, chat_with("\"x\":" + nested(63, "1"))), "");
    EXPECT_EQ(refusal(task::chat, chat_with("\"x\":" + nested(64, "1"))),
              "The request body is nested deeper than 64 levels.");
    EXPECT_EQ(refusal(task::chat, chat_with("\"x\":" + nested(100'000, ""))),
              "The request body is nested deeper than 64 levels.");
    EXPECT_EQ(refusal(task::embeddings, R"({"input":)" + nested(64, "") + "}"),
              "The request body is nested deeper than 64 levels.");
}

TEST(walk, counts_may_be_written_as_numbers_with_zero_fraction) {
    const auto count = [](std::string_view raw) { return walk::to_count({walk::kind::number, raw}); };
    EXPECT_EQ(count("12"), 12);
    EXPECT_EQ(count("-3"), -3);
    EXPECT_EQ(count("12.0"), 12);
    EXPECT_EQ(count("1.2e1"), 12);
    EXPECT_EQ(count("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(count("12.5"), std::nullopt);
    EXPECT_EQ(count("9223372036854775808"), std::nullopt);
    EXPECT_EQ(count("1e400"), std::nullopt);
    EXPECT_EQ(walk::to_count({walk::kind::null, "null"}), std::nullopt);
    EXPECT_EQ(walk::to_count({walk::kind::string, "\"12\""}), std::nullopt);
}

} // namespace
} // namespace sluice::providers::unified::walk_test
