#include "core/json/reader.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::json::reader_test {

namespace {

std::string nested(int levels, std::string_view open, std::string_view close, std::string_view core) {
    std::string text;
    for (int i = 0; i < levels; ++i)
        text += open;
    text += core;
    for (int i = 0; i < levels; ++i)
        text += close;
    return text;
}

// The text at the very end of its memory: reading behind it is found by ASan.
bool is_json_exactly(std::string_view text) {
    const auto memory = std::make_unique<char[]>(text.size());
    text.copy(memory.get(), text.size());
    return is_json({memory.get(), text.size()});
}

// clang-format off: a row per line would hide the table
constexpr std::string_view good[] = {
    "{}", "[]", "null", "true", "false", "0", "-0", "-1", "10", "1.5", "1e5", "1E+5", "1e-5", "0.0e0",
    "\"\"", "\"a\"", " \t\r\n[ 1 , 2 ] \n", R"({"a":{"b":[{},[],""]},"c":null})",
    R"("\"\\\/\b\f\n\r\t\u0041\uD83D\uDE00")", "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\"",
    R"({ "a" : 1 , "b" : [ ] })", "[[[]],[[]]]", "[\"eight bytes and more\",\"\"]",
};

constexpr std::string_view bad[] = {
    "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "[1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
    "{a:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}", "[}", "{]", "[1}", "{\"a\":1]", "tru", "truee",
    "nul", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e5", "0x1", "1 1",
    "{}{}", "[]x", "\"", "\"a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\uD83\"", "\"a\nb\"",
    "\"\t\"", "'a'", "\xEF\xBB\xBF{}", "\"\xFF\"", "\"\xC3\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"",
    "\xC2\xA0[]", "[1,,2]", "//", "/**/1", "\f1", "\"long enough to be read by words\x01\"", "\\u0031",
};
// clang-format on

} // namespace

TEST(reader, legal_texts_are_json_and_parse) {
    for (const std::string_view text : good) {
        EXPECT_TRUE(is_json_exactly(text)) << text;
        EXPECT_TRUE(parse_tree(text)) << text;
    }
}

TEST(reader, texts_that_are_not_json_are_refused_by_both) {
    for (const std::string_view text : bad) {
        EXPECT_FALSE(is_json_exactly(text)) << text;
        const auto tree = parse_tree(text);
        ASSERT_FALSE(tree) << text;
        EXPECT_EQ(tree.error().code, errc::bad_request);
        EXPECT_TRUE(tree.error().message.starts_with("The text is not valid JSON: ")) << tree.error().message;
    }
    for (const std::string_view text :
         {std::string_view("\0", 1), std::string_view("1\0", 2), std::string_view("\"\0\"", 3)}) {
        EXPECT_FALSE(is_json_exactly(text));
        EXPECT_FALSE(parse_tree(text));
    }
}

TEST(reader, every_cut_of_a_text_is_not_json) {
    const std::string_view text = R"({"a":[1.5e3,true,null,"\u0041x"],"b":{}})";
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_FALSE(is_json_exactly(text.substr(0, size))) << size;
}

TEST(reader, numbers_of_any_size_are_json) {
    EXPECT_TRUE(is_json("1e400"));
    EXPECT_TRUE(is_json("-123456789012345678901234567890.5"));
    EXPECT_FALSE(parse_tree("1e400"));
    EXPECT_FALSE(parse_tree("18446744073709551616"));
}

TEST(reader, the_tree_holds_what_the_text_says) {
    const auto tree =
        parse_tree(R"( {"s":"a\u00e4\ud83d\ude00","i":-9223372036854775808,"u":18446744073709551615,"d":1.5,
                                     "t":true,"f":false,"n":null,"l":[[],{},1]} )");
    ASSERT_TRUE(tree);
    const auto& o = tree->as_object();
    EXPECT_EQ(std::string_view(o.at("s").as_string()), "a\xC3\xA4\xF0\x9F\x98\x80");
    EXPECT_EQ(o.at("i").as_int64(), INT64_MIN);
    EXPECT_EQ(o.at("u").as_uint64(), UINT64_MAX);
    EXPECT_EQ(o.at("d").as_double(), 1.5);
    EXPECT_TRUE(o.at("t").as_bool());
    EXPECT_FALSE(o.at("f").as_bool());
    EXPECT_TRUE(o.at("n").is_null());
    EXPECT_EQ(boost::json::serialize(o.at("l")), "[[],{},1]");
    EXPECT_EQ(o.begin()->key(), "s"); // order is kept
}

TEST(reader, a_repeated_key_is_refused_at_any_depth_and_however_it_is_spelled) {
    for (const std::string_view text :
         {R"({"a":1,"a":1})", R"([{"x":{"b":1,"c":2,"b":3}}])", R"({"a":1,"\u0061":2})", R"({"":1,"":2})"}) {
        const auto tree = parse_tree(text);
        ASSERT_FALSE(tree) << text;
        EXPECT_NE(tree.error().message.find("is repeated"), std::string::npos);
    }
    EXPECT_TRUE(parse_tree(R"([{"a":1},{"a":1,"A":2}])"));
}

TEST(reader, a_tree_has_at_most_64_levels) {
    EXPECT_TRUE(parse_tree(nested(64, "[", "]", "")));
    EXPECT_TRUE(parse_tree(nested(64, "[", "]", "1")));
    EXPECT_FALSE(parse_tree(nested(65, "[", "]", "")));
    EXPECT_TRUE(parse_tree(nested(63, "{\"a\":", "}", "{}")));
    EXPECT_FALSE(parse_tree(nested(64, "{\"a\":", "}", "{}")));
    EXPECT_FALSE(parse_tree(nested(100'000, "[", "]", "")));
    EXPECT_TRUE(is_json(nested(1024, "[", "]", "")));
    EXPECT_FALSE(is_json(nested(1026, "[", "]", "")));
    EXPECT_FALSE(is_json(nested(100'000, "{\"a\":", "}", "1")));
}

TEST(reader, half_a_surrogate_pair_is_refused_in_a_tree) {
    for (const std::string_view text : {R"("\ud83d")",
                                        R"("\ude00")",
                                        R"("\ud83dx")",
                                        R"("\ud83d\u0041")",
                                        R"({"\ude00":1})",
                                        R"("\ude00\ud83d")",
                                        R"("\ud83d\ud83d")"}) {
        EXPECT_FALSE(parse_tree(text)) << text;
    }
}

TEST(reader, a_large_text_is_parsed_and_a_small_one_after_it) {
    const std::string large = "[\"" + std::string(3'000'000, 'x') + "\"]";
    const auto tree = parse_tree(large);
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->as_array().at(0).as_string().size(), 3'000'000U);
    EXPECT_TRUE(parse_tree("[1]"));
}

} // namespace sluice::json::reader_test
