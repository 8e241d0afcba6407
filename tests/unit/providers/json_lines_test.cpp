#include "providers/json_lines.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::providers::json_lines_test {

namespace {

// The lines of a body in these pieces; "+" before the one that only the end of input ended, "!" for an error.
std::vector<std::string> lines_of(const std::vector<std::string_view>& pieces, std::size_t most = 1000) {
    json_lines lines(most);
    std::vector<std::string> all;
    for (const std::string_view piece : pieces) {
        const padded bytes(piece);
        lines.feed(bytes.view());
        while (true) {
            const auto next = lines.next();
            if (!next) {
                EXPECT_FALSE(lines.next());
                all.emplace_back("!");
                return all;
            }
            const std::optional<std::string_view>& one = *next;
            if (!one) break;
            all.emplace_back(*one);
        }
    }
    if (const auto last = lines.finish()) all.push_back("+" + std::string(*last));
    return all;
}

using texts = std::vector<std::string>;

TEST(json_lines, any_split_gives_the_same) {
    const std::string_view body = "{\"a\":1}\n\n \r\n{\"b\":2}\r\n\t{\"c\":3}";
    const texts wanted = {"{\"a\":1}", "{\"b\":2}\r", "+\t{\"c\":3}"};
    EXPECT_EQ(lines_of({body}), wanted);
    for (std::size_t at = 0; at <= body.size(); ++at) {
        for (std::size_t next = at; next <= body.size(); ++next) {
            ASSERT_EQ(lines_of({body.substr(0, at), body.substr(at, next - at), body.substr(next)}), wanted)
                << at << ' ' << next;
        }
    }
}

TEST(json_lines, blank_bodies_have_no_lines) {
    EXPECT_EQ(lines_of({}), texts());
    EXPECT_EQ(lines_of({"\n", "", " \n\r"}), texts());
}

TEST(json_lines, a_line_has_a_limit) {
    EXPECT_EQ(lines_of({"1234\n", "12", "34\n"}, 4), (texts{"1234", "1234"}));
    EXPECT_EQ(lines_of({"12345\n"}, 4), texts{"!"});
    EXPECT_EQ(lines_of({"123", "45"}, 4), texts{"!"});
    EXPECT_EQ(lines_of({"1\n12345"}, 4), (texts{"1", "!"}));
}

} // namespace
} // namespace sluice::providers::json_lines_test
