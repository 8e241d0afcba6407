#include "core/json/reader.hpp"
#include "core/json/writer.hpp"

#include <boost/json/string.hpp>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

namespace sluice::json::writer_test {

namespace {

std::string json_of(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

} // namespace

TEST(writer, strings_are_escaped_as_rfc_8259_asks) {
    EXPECT_EQ(json_of(""), R"("")");
    EXPECT_EQ(json_of("a/b 'c'"), R"("a/b 'c'")");
    EXPECT_EQ(json_of("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
    EXPECT_EQ(json_of(std::string_view("\0\x01\x1F", 3)), R"("\u0000\u0001\u001f")");
    EXPECT_EQ(json_of("\x7F\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"),
              "\"\x7F\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"");
}

TEST(writer, every_single_byte_comes_back_from_the_reader) {
    for (int c = 0; c < 128; ++c) {
        const std::string text = "a" + std::string(1, static_cast<char>(c)) + "b";
        const auto read = parse_tree(json_of(text));
        ASSERT_TRUE(read) << c;
        EXPECT_EQ(std::string_view(read->as_string()), text);
    }
}

TEST(writer, bytes_that_are_not_utf8_become_replacement_characters) {
    const std::string r = "\xEF\xBF\xBD";
    EXPECT_EQ(json_of("a\xFF\xFE"), "\"a" + r + r + "\"");
    EXPECT_EQ(json_of("\x80"), "\"" + r + "\"");
    EXPECT_EQ(json_of("caf\xC3"), "\"caf" + r + "\"");
    EXPECT_EQ(json_of("\xE2\x82!"), "\"" + r + "!\""); // cut: one for the longest part
    EXPECT_EQ(json_of("\xF0\x9F\x98"), "\"" + r + "\"");
    EXPECT_EQ(json_of("\xC0\xAF"), "\"" + r + r + "\"");                 // overlong
    EXPECT_EQ(json_of("\xE0\x80\x80"), "\"" + r + r + r + "\"");         // overlong
    EXPECT_EQ(json_of("\xED\xA0\x80"), "\"" + r + r + r + "\"");         // surrogate
    EXPECT_EQ(json_of("\xF4\x90\x80\x80"), "\"" + r + r + r + r + "\""); // above U+10FFFF
    EXPECT_EQ(json_of("\xF4\x8F\xBF\xBF"), "\"\xF4\x8F\xBF\xBF\"");
}

TEST(writer, every_pair_of_bytes_gives_json) {
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            const char bytes[] = {static_cast<char>(a), static_cast<char>(b)};
            ASSERT_TRUE(is_json(json_of(std::string_view(bytes, 2)))) << a << ' ' << b;
        }
    }
}

TEST(writer, numbers_and_objects_are_written_without_blanks) {
    std::string out;
    append_number(out, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(out, "-9223372036854775808");
    out.clear();
    object_writer w(out);
    w.text("a", "x\"");
    w.number("b", -5);
    w.boolean("c", true);
    w.boolean("d", false);
    w.raw("e", "[1]");
    w.key("f");
    out += "null";
    w.close();
    EXPECT_EQ(out, R"({"a":"x\"","b":-5,"c":true,"d":false,"e":[1],"f":null})");
    out.clear();
    object_writer empty(out);
    empty.close();
    EXPECT_EQ(out, "{}");
}

} // namespace sluice::json::writer_test
