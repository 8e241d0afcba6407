#include "tests/unit/providers/unified_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::providers::unified::extra_params_test {

namespace {

using testing::HasSubstr;

TEST(extra_params, extra_params_go_in_parsed_when_they_are_json_and_as_text_else) {
    const padded body(chat_with(
        R"("extra_params":{"a":"5","b":"true","c":"{\"x\":[1]}","d":"[1,2]","e":"text","f":"null","g":"007","h":"\"q\"","i":"","j":"-1.5e3","k":"tru","l\"":"a\nb"})"));
    call out;
    ASSERT_TRUE(parse(task::chat, body.view(), out));
    EXPECT_EQ(
        out.extra,
        R"("a":5,"b":true,"c":{"x":[1]},"d":[1,2],"e":"text","f":"null","g":"007","h":"\"q\"","i":"","j":-1.5e3,"k":"tru","l\"":"a\nb")");
}

TEST(extra_params, extra_params_must_not_touch_what_the_body_or_the_gateway_sets) {
    for (const std::string name : {"model",
                                   "stream",
                                   "messages",
                                   "prompt",
                                   "input",
                                   "stream_options",
                                   "client_request_id",
                                   "usage_context",
                                   "extra_params",
                                   "mod\\u0065l"}) {
        EXPECT_THAT(refusal(task::chat, chat_with(R"("extra_params":{")" + name + R"(":"x"})")),
                    HasSubstr("must not have '"))
            << name;
    }
    EXPECT_THAT(refusal(task::chat, chat_with(R"("top_p":1,"extra_params":{"top_p":"1"})")),
                HasSubstr("which the body has already"));
    EXPECT_THAT(refusal(task::chat, chat_with(R"("extra_params":{"z":"1"},"z":2)")),
                HasSubstr("which the body has already"));
    EXPECT_THAT(refusal(task::chat, chat_with(R"("\u007a":2,"extra_params":{"z":"1"})")),
                HasSubstr("which the body has already"));
    EXPECT_THAT(refusal(task::chat, chat_with(R"("extra_params":{"z":"1","\u007a":"2"})")),
                HasSubstr("'z' twice"));
    EXPECT_THAT(
        refusal(task::chat, chat_with(R"("max_tokens":1,"extra_params":{"max_completion_tokens":"1"})")),
        HasSubstr("which the body has already"));
    EXPECT_THAT(
        refusal(task::chat, chat_with(R"("max_completion_tokens":1,"extra_params":{"max_tokens":"1"})")),
        HasSubstr("which the body has already"));
    std::string many = R"("extra_params":{"k0":"")";
    for (int i = 1; i <= 100; ++i)
        many += ",\"k" + std::to_string(i) + "\":\"\"";
    EXPECT_THAT(refusal(task::chat, chat_with(many + "}")), HasSubstr("more than 100 members"));
    const std::string long_name(100'000, 'k');
    EXPECT_LT(refusal(task::chat,
                      chat_with("\"" + long_name + "\":1,\"extra_params\":{\"" + long_name + "\":\"\"}"))
                  .size(),
              200U);
}

TEST(extra_params, many_long_names_are_compared_by_what_they_mean) {
    const std::string tail(8'000, 'x');
    const auto members = [&tail](std::string_view front, int count) {
        std::string out;
        for (int i = 0; i < count; ++i)
            out.append(out.empty() ? "\"" : ",\"")
                .append(front)
                .append(std::to_string(i))
                .append(tail)
                .append(R"(":"1")");
        return out;
    };
    const auto refused = [&](std::string_view last) {
        return refusal(task::chat,
                       chat_with(members("\\u0061", 900) + ",\"extra_params\":{" + members("\\u0062", 99) +
                                 ",\"" + std::string(last) + tail + R"(":"1"})"));
    };
    EXPECT_EQ(refused("b99"), "");
    EXPECT_THAT(refused("b50"), HasSubstr("twice"));
    EXPECT_THAT(refused("a500"), HasSubstr("which the body has already"));
}

} // namespace
} // namespace sluice::providers::unified::extra_params_test
