#include "providers/list_parts.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::list_parts_test {
namespace {

using testing::ElementsAre;

struct cut_up {
    std::size_t items = 0;
    std::size_t size = 0;
    bool only_texts = false;
    std::vector<std::string> bodies;
};

cut_up parts(task kind, std::string_view body, std::size_t most) {
    const padded bytes(body);
    unified::call call;
    EXPECT_TRUE(unified::parse(kind, bytes.view(), call)) << body;
    list_parts all(call, most);
    cut_up out;
    out.items = count_items(call);
    out.size = all.size();
    out.only_texts = all.has_only_texts();
    unified::call part;
    for (std::string_view next = all.next(); !next.empty(); next = all.next()) {
        out.bodies.emplace_back(next);
        EXPECT_TRUE(unified::parse(kind, next, part)) << next;
    }
    EXPECT_TRUE(all.next().empty());
    EXPECT_EQ(out.bodies.size(), out.size);
    return out;
}

TEST(list_parts, every_part_has_its_share_and_all_other_members) {
    const cut_up got =
        parts(task::embeddings, R"({ "model":"m", "input" : [ "a" , "b", "c" ], "dimensions":8 })", 2);
    EXPECT_EQ(got.items, 3U);
    EXPECT_TRUE(got.only_texts);
    EXPECT_THAT(got.bodies,
                ElementsAre(R"({"model":"m","dimensions":8,"input":[ "a" , "b"]})",
                            R"({"model":"m","dimensions":8,"input":[ "c" ]})"));
}

TEST(list_parts, what_stands_inside_of_texts_and_lists_ends_no_element) {
    const cut_up texts = parts(task::completions, R"({"prompt":["a,\"]","\\","{[,"]})", 1);
    EXPECT_EQ(texts.items, 3U);
    EXPECT_THAT(texts.bodies,
                ElementsAre(R"({"prompt":["a,\"]"]})", R"({"prompt":["\\"]})", R"({"prompt":["{[,"]})"));
    const cut_up ids = parts(task::embeddings, R"({"input":[[1,2],[3,[4]]]})", 1);
    EXPECT_FALSE(ids.only_texts);
    EXPECT_THAT(ids.bodies, ElementsAre(R"({"input":[[1,2]]})", R"({"input":[[3,[4]]]})"));
}

TEST(list_parts, the_name_may_be_spelled_with_escapes) {
    EXPECT_THAT(parts(task::embeddings, R"({"inp\u0075t":["a","b"]})", 1).bodies,
                ElementsAre(R"({"input":["a"]})", R"({"input":["b"]})"));
}

TEST(list_parts, other_calls_are_one_item) {
    EXPECT_EQ(parts(task::embeddings, R"({"input":[ ]})", 2).items, 0U);
    EXPECT_EQ(parts(task::embeddings, R"({"input":"a,b"})", 2).items, 1U);
    EXPECT_EQ(parts(task::chat, R"({"messages":[{"role":"user","content":"x"},{}]})", 2).items, 1U);
}

} // namespace
} // namespace sluice::providers::list_parts_test
