#include "providers/merged_answer.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::providers::merged_answer_test {
namespace {

usage used(std::int64_t prompt, std::int64_t completion) {
    usage out;
    out.known = true;
    out.prompt_tokens = prompt;
    out.completion_tokens = completion;
    out.total_tokens = prompt + completion;
    return out;
}

bool add(merged_answer& to, std::string_view body, const usage& counted) {
    const padded bytes(body);
    return to.add(bytes.view(), counted);
}

TEST(merged_answer, embeddings_are_numbered_anew_and_their_tokens_added) {
    merged_answer merged(task::embeddings);
    EXPECT_TRUE(add(merged,
                    R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,1e-3]}],)"
                    R"("model":"m","usage":{"prompt_tokens":3,"total_tokens":3}})",
                    used(3, 0)));
    EXPECT_TRUE(add(merged,
                    R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]},)"
                    R"({"object":"embedding","index":1,"embedding":"AAA="}],"model":"other"})",
                    used(4, 0)));
    EXPECT_EQ(merged.used(), used(7, 0));
    EXPECT_EQ(
        std::move(merged).finish(),
        R"({"object":"list","model":"m","data":[{"object":"embedding","embedding":[0.5,1e-3],"index":0},)"
        R"({"object":"embedding","embedding":[1],"index":1},)"
        R"({"object":"embedding","embedding":"AAA=","index":2}],)"
        R"("usage":{"prompt_tokens":7,"total_tokens":7}})");
}

TEST(merged_answer, so_are_the_choices_of_completions) {
    merged_answer merged(task::completions);
    EXPECT_TRUE(add(merged, R"({"id":"a","choices":[{"text":"x","index":0}]})", used(1, 2)));
    EXPECT_TRUE(add(merged, R"({"id":"b","choices":[{"index":0,"text":"y"}]})", used(3, 4)));
    EXPECT_EQ(std::move(merged).finish(),
              R"({"id":"a","choices":[{"text":"x","index":0},{"text":"y","index":1}],)"
              R"("usage":{"prompt_tokens":4,"completion_tokens":6,"total_tokens":10}})");
}

TEST(merged_answer, another_shape_is_not_taken) {
    for (const std::string_view body : {"", "[]", "{}", R"({"choices":{}})", R"({"choices":[1]})"}) {
        merged_answer merged(task::completions);
        EXPECT_FALSE(add(merged, body, used(1, 2))) << body;
        EXPECT_EQ(merged.used(), used(1, 2)) << "it was paid for: " << body;
    }
}

} // namespace
} // namespace sluice::providers::merged_answer_test
