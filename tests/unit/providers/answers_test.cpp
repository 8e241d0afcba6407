#include "core/json/reader.hpp"
#include "providers/answers.hpp"
#include "providers/chunk_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::answers_test {

namespace {

using testing::HasSubstr;
using testing::Not;

TEST(answers, ids_of_a_call_are_numbered) {
    id_maker ids("s");
    EXPECT_EQ(ids.answer_id(task::chat), "chatcmpl-s0001");
    EXPECT_EQ(ids.answer_id(task::completions), "cmpl-s0001");
    EXPECT_EQ(ids.next_call_id(), "call_s0001");
    EXPECT_EQ(ids.next_call_id(), "call_s0002");
}

TEST(answers, usage_sums_hold_and_counts_that_cannot_be_count_nothing) {
    tally used;
    EXPECT_FALSE(to_usage(used).known);
    used.prompt = INT64_MAX;
    EXPECT_FALSE(to_usage(used).known);
    used.completion = 5;
    used.cached = -3;
    std::string out;
    append_usage(out, used);
    EXPECT_EQ(out, R"({"prompt_tokens":0,"completion_tokens":5,"total_tokens":5})");
    EXPECT_TRUE(to_usage(used).known);
}

TEST(answers, choices_are_numbered_and_any_call_ends_in_tool_calls) {
    std::vector<answered_choice> choices(2);
    choices[0].text = "a";
    choices[1].calls.push_back({"i", "f", "{}"});
    const answer_head head{"id", "m", 7};
    EXPECT_EQ(
        write_answer(task::chat, head, choices, {}),
        R"({"id":"id","object":"chat.completion","created":7,"model":"m","choices":[)"
        R"({"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"},)"
        R"({"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"i",)"
        R"("type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],)"
        R"("usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})");
}

TEST(answers, vectors_are_copied_as_text_or_become_little_endian_floats) {
    tally used;
    used.prompt = 3;
    embeddings_writer text(false);
    EXPECT_TRUE(text.add("[0.10, -1e0 ]"));
    EXPECT_FALSE(text.add("[]"));
    EXPECT_TRUE(text.add("[1e39]"));
    EXPECT_EQ(std::move(text).finish("m", used),
              R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10, -1e0 ]},)"
              R"({"object":"embedding","index":1,"embedding":[1e39]}],"model":"m",)"
              R"("usage":{"prompt_tokens":3,"total_tokens":3}})");
    embeddings_writer coded(true);
    EXPECT_TRUE(coded.add("[1,-2.5,1e-60]"));
    EXPECT_THAT(std::move(coded).finish("m", used), HasSubstr(R"("embedding":"AACAPwAAIMAAAAAA")"));
    embeddings_writer wrong(true);
    for (const std::string_view list :
         {"", "[ ]", "[1e39]", "[-1e39]", "[1e999]", "{}", "[1,]", "[[1]]", "[\"1\"]", "[null]", "[1 2]"})
        EXPECT_FALSE(wrong.add(list)) << list;
    EXPECT_EQ(wrong.size(), 0U);
}

std::string deltas(const std::string& out) {
    std::string found;
    std::size_t at = 0;
    while ((at = out.find("\"choices\":", at)) != std::string::npos) {
        const std::size_t end = out.find("]}\n", at);
        found.append(out, at + 10, end - at - 9).append("\n");
        at = end;
    }
    return found;
}

TEST(chunk_writer, choices_have_their_own_role_calls_and_end) {
    chunk_writer writer(task::chat, 7, false);
    EXPECT_FALSE(writer.begun());
    writer.begin("i\"d", "m");
    std::string out;
    writer.content(out, piece::plain("a\n"), 1);
    writer.call_whole(out, piece::plain("c"), piece::plain("f"), piece::plain(R"({"k":1})"), 0);
    writer.call_whole(out, piece::plain("d"), piece::plain("g"), {}, 0);
    writer.finish(out, finish::stop, 0);
    writer.content(out, piece::plain("late"), 0);
    writer.finish(out, finish::length, 0);
    writer.finish(out, finish::length, 1);
    writer.end(out, {});
    EXPECT_TRUE(
        out.starts_with(R"(data: {"id":"i\"d","object":"chat.completion.chunk","created":7,"model":"m",)"));
    EXPECT_EQ(
        deltas(out),
        R"([{"index":1,"delta":{"role":"assistant","content":""},"finish_reason":null}])"
        "\n"
        R"([{"index":1,"delta":{"content":"a\n"},"finish_reason":null}])"
        "\n"
        R"([{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])"
        "\n"
        R"([{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"k\":1}"}}]},"finish_reason":null}])"
        "\n"
        R"([{"index":0,"delta":{"tool_calls":[{"index":1,"id":"d","type":"function","function":{"name":"g","arguments":"{}"}}]},"finish_reason":null}])"
        "\n"
        R"([{"index":0,"delta":{},"finish_reason":"tool_calls"}])"
        "\n"
        R"([{"index":1,"delta":{},"finish_reason":"length"}])"
        "\n");
    EXPECT_TRUE(writer.is_finished(0));
    EXPECT_FALSE(writer.is_finished(2));
}

TEST(chunk_writer, a_long_id_and_a_long_model_are_not_repeated_whole) {
    std::string long_text;
    for (int i = 0; i < 100'000; ++i)
        long_text += "\xC3\xA9"; // two bytes each
    chunk_writer writer(task::chat, 7, false);
    writer.begin("x" + long_text, long_text);
    std::string out;
    for (int i = 0; i < 10; ++i)
        writer.content(out, piece::plain("a"));
    EXPECT_LT(out.size(), 12'000U);
    EXPECT_TRUE(json::is_json(out.substr(6, out.find('\n') - 6)));
}

TEST(chunk_writer, completions_have_no_role_no_reasoning_and_no_calls) {
    chunk_writer writer(task::completions, 7, true);
    writer.begin("i", "m");
    std::string out;
    writer.role(out);
    writer.reasoning(out, piece::plain("r"));
    writer.call_start(out, piece::plain("c"), piece::plain("f"));
    writer.call_arguments(out, piece::plain("{}"));
    writer.call_end(out);
    EXPECT_EQ(out, "");
    writer.content(out, piece::json(R"(a\u00e9)"));
    EXPECT_EQ(
        out,
        "data: {\"id\":\"i\",\"object\":\"text_completion\",\"created\":7,\"model\":\"m\",\"choices\":["
        "{\"index\":0,\"text\":\"a\xC3\xA9\",\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n");
    writer.finish(out, finish::stop);
    writer.end(out, {});
    EXPECT_THAT(out, Not(HasSubstr("tool_calls")));
    EXPECT_TRUE(out.ends_with(
        "\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}}\n\n"
        "data: [DONE]\n\n"));
}

} // namespace
} // namespace sluice::providers::answers_test
