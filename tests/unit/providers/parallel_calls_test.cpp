// Calls of one stream whose pieces come by turns, and answers that their provider gave up, for clients of
// Messages and of Responses.
#include "tests/unit/providers/client_dialect_fixture.hpp"

#include <gmock/gmock.h>

#include <array>

namespace sluice::providers::parallel_calls_test {

namespace {

const std::array<const client_translator*, 2>& dialects() {
    static const std::array<const client_translator*, 2> both = {&messages_translator(),
                                                                 &responses_translator()};
    return both;
}

std::string begun(int index, std::string_view name, std::string_view arguments = {}) {
    std::string delta = R"({"tool_calls":[{"index":)" + std::to_string(index);
    delta.append(R"(,"id":"id_)").append(name).append(R"(","type":"function","function":{"name":")");
    delta.append(name).append(R"(","arguments":")").append(arguments);
    return chunk_of(delta.append(R"("}}]})"));
}

std::string more(int index, std::string_view arguments) {
    std::string delta = R"({"tool_calls":[{"index":)" + std::to_string(index);
    delta.append(R"(,"function":{"arguments":")").append(arguments);
    return chunk_of(delta.append(R"("}}]})"));
}

std::string ended(std::string_view reason = "tool_calls") {
    return chunk_of("{}", "\"" + std::string(reason) + "\"") + std::string(done);
}

// The first stream must be told as the second is, whose calls come one after the other.
void expect_same(const std::string& by_turns, const std::string& in_order) {
    for (const client_translator* each : dialects()) {
        const events_made expected = events_of(*each, "{}", in_order);
        EXPECT_EQ(expected.failure, "");
        EXPECT_EQ(events_of(*each, "{}", by_turns), expected);
    }
}

TEST(parallel_calls, begun_before_any_has_arguments) {
    expect_same(begun(0, "f") + begun(1, "g") + more(0, "{}") + more(1, "{}") + ended(),
                begun(0, "f") + more(0, "{}") + begun(1, "g") + more(1, "{}") + ended());
}

TEST(parallel_calls, pieces_by_turns) {
    expect_same(begun(0, "f", R"({\"a\":)") + begun(1, "g", R"({\"b\")") + begun(4, "h") + more(1, ":") +
                    more(0, "1") + more(4, "{}") + more(1, "2}") + more(0, "}") + more(4, "") + ended(),
                begun(0, "f", R"({\"a\":)") + more(0, "1") + more(0, "}") + begun(1, "g", R"({\"b\":2})") +
                    begun(4, "h", "{}") + ended());
}

TEST(parallel_calls, in_one_chunk) {
    expect_same(
        chunk_of(
            R"({"tool_calls":[{"index":0,"id":"id_f","function":{"name":"f"}},{"index":1,"id":"id_g","function":{"name":"g"}}]})") +
            chunk_of(
                R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}},{"index":1,"function":{"arguments":"{}"}}]})") +
            ended(),
        begun(0, "f", "{}") + begun(1, "g", "{}") + ended());
}

TEST(parallel_calls, the_next_is_told_at_once_when_the_one_before_is_whole) {
    for (const client_translator* each : dialects()) {
        const std::string out = events_of(*each, "{}", begun(0, "f", "{}") + begun(1, "g", R"({\"b)")).out;
        EXPECT_THAT(out, testing::HasSubstr(R"({\"b)"));
    }
}

TEST(parallel_calls, a_text_ends_them_all) {
    const std::string text = chunk_of(R"({"content":"x"})");
    expect_same(begun(0, "f") + begun(1, "g") + more(1, "{}") + more(0, "{}") + text + ended(),
                begun(0, "f", "{}") + begun(1, "g", "{}") + text + ended());
    for (const client_translator* each : dialects()) {
        const events_made made =
            events_of(*each, "{}", begun(0, "f", "{") + begun(1, "g", "{") + text + more(1, "}"));
        EXPECT_NE(made.failure, "");
    }
}

TEST(parallel_calls, cut_by_the_limit_of_tokens) {
    for (const client_translator* each : dialects()) {
        const events_made made = events_of(
            *each, "{}", begun(0, "f", "{") + begun(1, "g", R"({\"b)") + begun(2, "h") + ended("length"));
        EXPECT_EQ(made.failure, "");
        EXPECT_THAT(made.out, testing::HasSubstr(R"({\"b)"));
        EXPECT_THAT(made.out, testing::HasSubstr(R"("name":"h")"));
    }
}

TEST(parallel_calls, arguments_that_are_no_object_are_refused_of_each) {
    for (const char* bad : {"[]", R"({\"b)"}) {
        const events_made made = events_of(
            messages_translator(), "{}", begun(0, "f") + begun(1, "g", bad) + more(0, "{}") + ended());
        EXPECT_THAT(made.failure, testing::HasSubstr("not a JSON object"));
    }
}

TEST(parallel_calls, what_waits_has_a_bound) {
    const std::string piece(100'000, 'x');
    std::string long_one = begun(0, "f") + begun(1, "g", R"({\"b\":\")");
    for (int i = 0; i < 11; ++i)
        long_one += more(1, piece);
    std::string many = begun(0, "f");
    for (int i = 1; i < 20'000; ++i)
        many += begun(i, "g");
    for (const client_translator* each : dialects()) {
        for (const std::string& stream : {long_one, many}) {
            const events_made made = events_of(*each, "{}", stream);
            EXPECT_THAT(made.failure, testing::HasSubstr("interleaved"));
            EXPECT_LT(made.out.size(), 10'000U);
        }
    }
}

// Not of OpenAI's schema: OpenRouter, vLLM and SGLang, DeepSeek.
TEST(given_up_answers, are_errors) {
    for (const client_translator* each : dialects()) {
        for (const std::string_view reason : {"error", "abort", "insufficient_system_resource"}) {
            std::string whole(R"({"choices":[{"message":{"content":"ha"},"finish_reason":")");
            whole.append(reason).append("\"}]}");
            EXPECT_TRUE(answer_of(*each, "{}", whole).starts_with("!")) << reason;
            const events_made made = events_of(*each, "{}", chunk_of(R"({"content":"ha"})") + ended(reason));
            EXPECT_THAT(made.failure, testing::HasSubstr("gave it up"));
            EXPECT_THAT(made.out, testing::HasSubstr(R"("ha")"));
            EXPECT_THAT(made.out, testing::Not(testing::HasSubstr("content_block_stop")));
            EXPECT_THAT(made.out, testing::Not(testing::HasSubstr("output_item.done")));
        }
    }
}

} // namespace
} // namespace sluice::providers::parallel_calls_test
