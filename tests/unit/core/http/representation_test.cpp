#include "core/http/representation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::http::representation_test {
namespace {

using enum content_coding;

content_coding chosen(std::string_view accepted) {
    return choose_coding({{"Accept-Encoding", accepted}}, true, true);
}

TEST(representation, without_a_wish_nothing_is_coded) {
    EXPECT_EQ(choose_coding({}, true, true), identity);
    EXPECT_EQ(chosen(""), identity);
    EXPECT_EQ(chosen(" , ,"), identity);
    EXPECT_EQ(chosen("deflate, zstd"), identity);
}

TEST(representation, the_smallest_of_the_codings_that_are_liked_as_much) {
    EXPECT_EQ(chosen("gzip"), gzip);
    EXPECT_EQ(chosen("x-gzip"), gzip);
    EXPECT_EQ(chosen("BR"), brotli);
    EXPECT_EQ(chosen("gzip, deflate, br, zstd"), brotli);
    EXPECT_EQ(chosen("identity, gzip"), gzip);
    EXPECT_EQ(chosen("*"), brotli);
    EXPECT_EQ(chosen("gzip,\tbr"), brotli);
    EXPECT_EQ(choose_coding({{"accept-encoding", "gzip"}, {"Accept-Encoding", "br"}}, true, true), brotli);
}

TEST(representation, weights_decide_first) {
    EXPECT_EQ(chosen("gzip;q=1.0, br;q=0.9"), gzip);
    EXPECT_EQ(chosen("gzip;q=0.001, br;q=0"), gzip);
    EXPECT_EQ(chosen("gzip ; Q=0.5 , identity;q=0.501"), identity);
    EXPECT_EQ(chosen("gzip;q=0.5, identity;q=0.5"), gzip);
    EXPECT_EQ(chosen("gzip;q=0.5"), gzip) << "named, so liked better than what is not";
    EXPECT_EQ(chosen("br;q=0, *"), gzip);
    EXPECT_EQ(chosen("identity, *;q=0.2"), identity);
    EXPECT_EQ(chosen("gzip;q=0.1, *;q=0.2"), brotli);
    EXPECT_EQ(chosen("identity;q=0, gzip;q=0.2"), gzip);
}

TEST(representation, a_coding_that_is_refused_is_not_used) {
    EXPECT_EQ(chosen("gzip;q=0, br;q=0.0"), identity);
    EXPECT_EQ(chosen("*;q=0"), identity) << "there must be an answer";
    EXPECT_EQ(chosen("identity;q=0"), identity);
}

TEST(representation, only_what_is_there_is_chosen) {
    const field_list wish = {{"Accept-Encoding", "br, gzip;q=0.5"}};
    EXPECT_EQ(choose_coding(wish, true, true), brotli);
    EXPECT_EQ(choose_coding(wish, true, false), gzip);
    EXPECT_EQ(choose_coding(wish, false, false), identity);
    EXPECT_EQ(choose_coding({{"Accept-Encoding", "*"}}, false, false), identity);
}

TEST(representation, a_weight_that_cannot_be_read_is_none) {
    for (const std::string_view q :
         {"", "2", "1.001", "-1", "0.1234", ".5", "0x1", "1e0", "q", "+1", "0.5;a=b"})
        EXPECT_EQ(chosen(std::string("gzip;q=").append(q)), identity) << q;
    EXPECT_EQ(chosen("gzip;level=9"), identity);
    EXPECT_EQ(chosen("gzip;q=0."), identity);
    EXPECT_EQ(chosen("gzip;q=1."), gzip);
}

TEST(representation, a_tag_that_the_client_has) {
    const auto has = [](std::string_view value) {
        return has_already({{"If-None-Match", value}}, "\"ab,c\"");
    };
    EXPECT_TRUE(has("\"ab,c\""));
    EXPECT_TRUE(has("W/\"ab,c\""));
    EXPECT_TRUE(has("*"));
    EXPECT_TRUE(has("\"x\", W/\"y\" ,\"ab,c\""));
    EXPECT_FALSE(has(""));
    EXPECT_FALSE(has("\"ab\",\"c\""));
    EXPECT_FALSE(has("ab,c"));
    EXPECT_FALSE(has("\"AB,C\""));
    EXPECT_FALSE(has("\"x\" \"ab,c\""));
    EXPECT_FALSE(has("w/\"ab,c\""));
    EXPECT_FALSE(has("\"x\", *"));
    EXPECT_FALSE(has_already({}, "\"ab,c\""));
    EXPECT_TRUE(has_already({{"if-none-match", "\"x\""}, {"if-none-match", "\"ab,c\""}}, "\"ab,c\""));
}

// What is cut off or put in anywhere ends in some answer, never outside of the text.
TEST(representation, is_read_safely_wherever_it_is_cut) {
    const std::vector<std::string> texts = {"gzip;q=0.5, br ; q=1.000 , *;q=0", "W/\"a\", \"b,c\" , *"};
    for (const std::string& text : texts) {
        for (std::size_t i = 0; i <= text.size(); ++i) {
            for (const std::string_view in : {"", ",", ";", "=", "\"", " ", "q"}) {
                const std::string cut = text.substr(0, i).append(in);
                const std::string changed = cut + text.substr(i);
                for (const std::string_view value : {std::string_view(cut), std::string_view(changed)}) {
                    (void)chosen(value);
                    (void)has_already({{"If-None-Match", value}}, "\"none\"");
                }
            }
        }
    }
    EXPECT_FALSE(has_already({{"If-None-Match", "\""}}, "\"none\""));
}

} // namespace
} // namespace sluice::http::representation_test
