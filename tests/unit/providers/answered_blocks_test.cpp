// The order in which a model thinks, speaks and calls: clients whose dialect has it get it.
#include "providers/answer_stream.hpp"
#include "providers/answered_blocks.hpp"
#include "tests/unit/providers/bedrock_fixture.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"
#include "tests/unit/providers/openai_fixture.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::answered_blocks_test {

namespace {

using testing::HasSubstr;
using testing::Not;

TEST(answered_blocks, are_mixed_where_thinking_stands_behind_something_else) {
    using kind = answered_blocks::kind;
    const auto mixed = [](std::initializer_list<kind> order) {
        answered_blocks blocks;
        std::size_t at = 0;
        for (const kind each : order) {
            blocks.add(each, at, at + 1);
            ++at;
        }
        return blocks.is_mixed();
    };
    EXPECT_FALSE(mixed({}));
    EXPECT_FALSE(mixed({kind::thought, kind::reasoning, kind::text, kind::call}));
    EXPECT_FALSE(mixed({kind::text, kind::call, kind::text}));
    EXPECT_TRUE(mixed({kind::text, kind::thought}));
    EXPECT_TRUE(mixed({kind::thought, kind::call, kind::reasoning, kind::text}));
}

// What the whole answer becomes as a chat, for a client of another dialect or for one of the chat.
std::string chat_of(const target& to, std::string_view upstream, bool keeps_order) {
    answer_context context = dialect_context();
    context.keeps_order = keeps_order;
    const padded body(upstream);
    unified::call call;
    const auto got = to.via->read_answer(call, to, context, body.view());
    EXPECT_TRUE(got.has_value()) << upstream;
    return got ? got->rewritten.value_or("") : "";
}

constexpr std::string_view converse =
    R"({"output":{"message":{"role":"assistant","content":[{"text":"one"},)"
    R"({"reasoningContent":{"reasoningText":{"text":"hm \"x\"","signature":"s1"}}},)"
    R"({"reasoningContent":{"redactedContent":"ZA=="}},{"text":"two"},{"text":" three"},)"
    R"({"toolUse":{"toolUseId":"t1","name":"f","input":{"a":1}}},)"
    R"({"reasoningContent":{"reasoningText":{"text":"so","signature":"s2"}}},)"
    R"({"toolUse":{"toolUseId":"t2","name":"g","input":{}}}]}},"stopReason":"tool_use"})";

constexpr std::string_view message =
    R"({"type":"message","model":"m","content":[{"type":"text","text":"one"},)"
    R"({"type":"thinking","thinking":"hm \"x\"","signature":"s1"},)"
    R"({"type":"redacted_thinking","data":"ZA=="},{"type":"text","text":"two"},{"type":"text","text":" three"},)"
    R"({"type":"tool_use","id":"t1","name":"f","input":{"a":1}},)"
    R"({"type":"thinking","thinking":"so","signature":"s2"},)"
    R"({"type":"tool_use","id":"t2","name":"g","input":{}}],"stop_reason":"tool_use"})";

constexpr std::string_view blocks =
    R"("content":[{"type":"text","text":"one"},)"
    R"({"type":"thinking","thinking":"hm \"x\"","signature":"s1"},)"
    R"({"type":"redacted_thinking","data":"ZA=="},{"type":"text","text":"two three"},)"
    R"({"type":"tool_use","id":"t1","name":"f","input":{"a":1}},)"
    R"({"type":"thinking","thinking":"so","signature":"s2"},)"
    R"({"type":"tool_use","id":"t2","name":"g","input":{}}],"stop_reason":"tool_use")";

TEST(answered_blocks, clients_of_messages_get_claudes_order) {
    EXPECT_THAT(answer_of(messages_translator(), "{}", chat_of(bedrock_target(), converse, true)),
                HasSubstr(blocks));
    EXPECT_THAT(
        answer_of(messages_translator(), "{}", chat_of(vertex_target("claude-sonnet-4-5"), message, true)),
        HasSubstr(blocks));
}

TEST(answered_blocks, clients_of_a_chat_get_what_a_chat_has) {
    EXPECT_THAT(
        chat_of(bedrock_target(), converse, false),
        HasSubstr(
            R"("message":{"role":"assistant","content":"onetwo three","reasoning_content":"hm \"x\"so",)"
            R"("thinking_blocks":[{"type":"thinking","thinking":"hm \"x\"","signature":"s1"},)"
            R"({"type":"redacted_thinking","data":"ZA=="},)"
            R"({"type":"thinking","thinking":"so","signature":"s2"}],"tool_calls":[{"id":"t1")"));
    EXPECT_THAT(chat_of(bedrock_target(), converse, false), Not(HasSubstr("content_blocks")));
    const std::string_view usual =
        R"({"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"a","signature":"b"}}},)"
        R"({"text":"c"}]}},"stopReason":"end_turn"})";
    EXPECT_EQ(chat_of(bedrock_target(), usual, true), chat_of(bedrock_target(), usual, false));
}

TEST(answered_blocks, clients_of_responses_get_items_in_the_order) {
    const std::string got = answer_of(responses_translator(),
                                      R"({"include":["reasoning.encrypted_content"]})",
                                      chat_of(bedrock_target(), converse, true));
    std::size_t at = 0;
    for (const std::string_view each : {R"({"id":"msg_s0001","type":"message")",
                                        R"("text":"one")",
                                        R"({"id":"rs_s0001","type":"reasoning")",
                                        R"({"type":"summary_text","text":"hm \"x\""})",
                                        R"("encrypted_content":")",
                                        R"({"id":"msg_s0002","type":"message")",
                                        R"("text":"two three")",
                                        R"({"id":"fc_s0001","type":"function_call")",
                                        R"({"id":"rs_s0002","type":"reasoning")",
                                        R"({"id":"fc_s0002","type":"function_call")"}) {
        const std::size_t next = got.find(each, at);
        ASSERT_NE(next, std::string::npos) << each << " behind " << at << " in " << got;
        at = next + each.size();
    }
}

TEST(answered_blocks, an_answer_that_becomes_a_stream_keeps_the_order) {
    const padded body(chat_of(bedrock_target(), converse, true));
    std::string chunks;
    ASSERT_TRUE(append_as_stream(chunks, {}, body.view()));
    const events_made made = events_of(messages_translator(), "{}", chunks);
    EXPECT_EQ(made.failure, "");
    std::size_t at = 0;
    for (const std::string_view each : {R"("text":"one")",
                                        R"("thinking":"hm \"x\"")",
                                        R"("signature":"s1")",
                                        R"("redacted_thinking")",
                                        R"("text":"two three")",
                                        R"("id":"t1")",
                                        R"("thinking":"so")",
                                        R"("id":"t2")"}) {
        const std::size_t next = made.out.find(each, at);
        ASSERT_NE(next, std::string::npos) << each << " behind " << at << " in " << made.out;
        at = next + each.size();
    }
}

TEST(answered_blocks, thinking_that_is_not_signed_keeps_its_place_too) {
    const std::string_view gemini =
        R"({"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b","thought":true},{"text":"c"}]},"finishReason":"STOP"}]})";
    EXPECT_THAT(
        answer_of(messages_translator(), "{}", chat_of(vertex_target(), gemini, true)),
        HasSubstr(
            R"("content":[{"type":"text","text":"a"},{"type":"thinking","thinking":"b","signature":""},)"
            R"({"type":"text","text":"c"}])"));
    const target deepseek = bedrock_target("deepseek.r1-v1:0", "amazon");
    const std::string_view converse_of_others =
        R"({"output":{"message":{"content":[{"text":"a"},{"reasoningContent":{"reasoningText":{"text":"b"}}}]}},"stopReason":"end_turn"})";
    EXPECT_THAT(
        answer_of(messages_translator(), "{}", chat_of(deepseek, converse_of_others, true)),
        HasSubstr(
            R"("content":[{"type":"text","text":"a"},{"type":"thinking","thinking":"b","signature":""}])"));
}

} // namespace

} // namespace sluice::providers::answered_blocks_test
