// Images that models make: clients of a chat get them beside the text, in the form that is usual.
#include "providers/answer_images.hpp"
#include "providers/answer_stream.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"
#include "tests/unit/providers/half_answers_fixture.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::answer_images_test {

namespace {

using testing::HasSubstr;
using testing::Not;

std::string image(int index, std::string_view url) {
    return R"({"index":)" + std::to_string(index) + R"(,"type":"image_url","image_url":{"url":")" +
           std::string(url) + R"("}})";
}

target databricks_target() {
    return databricks_provider()
        .resolve("m",
                 task::chat,
                 config_with({{"databricks_workspace_url", "https://h"}},
                             {{"databricks_api_token", "k-0123456789"}}),
                 "")
        .value();
}

TEST(answer_images, the_url_says_what_it_is) {
    EXPECT_EQ(image_url("image/png", "AA=="), "data:image/png;base64,AA==");
    EXPECT_EQ(image_url(R"(image\/png)", R"(A\/==)"), R"(data:image\/png;base64,A\/==)");
    EXPECT_EQ(image_url("audio/wav", "AA=="), "");
    EXPECT_EQ(image_url("image/png", ""), "");
    EXPECT_EQ(image_url("", "AA=="), "");
}

constexpr std::string_view parts =
    R"({"text":"see "},{"inlineData":{"mimeType":"image/png","data":"A/=="}},)"
    R"({"thought":true,"inlineData":{"mimeType":"image/png","data":"DRAFT"}},)"
    R"({"inlineData":{"mimeType":"audio/wav","data":"SOUND"}},{"inlineData":null},)"
    R"({"text":"there"},{"inlineData":{"mimeType":"image\/jpeg","data":"B\/=="}})";

std::string candidate() {
    return std::string(R"({"candidates":[{"content":{"parts":[)")
        .append(parts)
        .append(
            R"(]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":1290}})");
}

TEST(answer_images, geminis_stand_beside_the_text) {
    EXPECT_THAT(vertex_answered(candidate()),
                HasSubstr(R"("message":{"role":"assistant","content":"see there","images":[)" +
                          image(0, "data:image/png;base64,A/==") + "," +
                          image(1, "data:image/jpeg;base64,B/==") +
                          R"(]},"finish_reason":"stop"}],"usage":)" +
                          R"({"prompt_tokens":4,"completion_tokens":1290,"total_tokens":1294})"));
}

TEST(answer_images, geminis_are_chunks_of_their_own_in_a_stream) {
    const std::string out = vertex_decoded({event(candidate())});
    const auto delta = [](const std::string& inside) {
        return R"("choices":[{"index":0,"delta":{)" + inside + R"(},"finish_reason":null}]})";
    };
    EXPECT_THAT(out, HasSubstr(delta(R"("images":[)" + image(0, "data:image/png;base64,A/==") + "]")));
    EXPECT_THAT(out, HasSubstr(delta(R"("images":[)" + image(1, R"(data:image\/jpeg;base64,B\/==)") + "]")));
    EXPECT_LT(out.find("see "), out.find("A/=="));
    EXPECT_LT(out.find("A/=="), out.find("there"));
    EXPECT_THAT(out, Not(HasSubstr("DRAFT")));
    EXPECT_THAT(out, Not(HasSubstr("SOUND")));
}

TEST(answer_images, of_completions_there_are_none) {
    const target to = vertex_target(gemini_2_5, task::completions);
    EXPECT_THAT(vertex_answered(candidate(), to), Not(HasSubstr("images")));
    EXPECT_THAT(vertex_decoded({event(candidate())}, false, to), Not(HasSubstr("images")));
}

constexpr std::string_view list =
    R"([{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:x","detail":"low"}},)"
    R"({"type":"image_url","image_url":"https://h/y"},{"type":"image_url","image_url":{"url":""}},)"
    R"({"type":"image_url","image_url":null}])";

TEST(answer_images, those_in_lists_of_parts_are_put_beside_the_text) {
    const std::string both = image(0, "data:x") + "," + image(1, "https://h/y");
    for (const target& to : {custom_target(), databricks_target()}) {
        const padded body(std::string(R"({"choices":[{"index":0,"message":{"role":"assistant","content":)")
                              .append(list)
                              .append(R"(},"finish_reason":"stop"}]})"));
        const auto got = to.via->read_answer({}, to, body.view());
        ASSERT_TRUE(got) << to.provider_name;
        EXPECT_EQ(got->rewritten.value_or(""),
                  R"({"choices":[{"index":0,"message":{"role":"assistant","content":"a","images":[)" + both +
                      R"(]},"finish_reason":"stop"}]})")
            << to.provider_name;
    }
}

TEST(answer_images, in_a_stream_they_count_on) {
    const auto piece = [](std::string_view content, std::string_view index) {
        return event(std::string(R"({"choices":[{"delta":{"content":)")
                         .append(content)
                         .append(R"(},"index":)")
                         .append(index)
                         .append("}]}"));
    };
    const std::string_view one = R"([{"type":"image_url","image_url":{"url":"z"}}])";
    const std::string end = event(
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"stop"}]})");
    for (const target& to : {custom_target(), databricks_target()}) {
        const std::string in = piece(list, "0") + piece(one, "1") + piece(one, "0") + end + std::string(done);
        const std::string out = decoded({in}, false, to);
        EXPECT_THAT(out,
                    HasSubstr(R"("images":[)" + image(0, "data:x") + "," + image(1, "https://h/y") + "]"));
        EXPECT_THAT(out, HasSubstr(R"("delta":{"images":[)" + image(0, "z") + R"(]},"index":1)"));
        EXPECT_THAT(out, HasSubstr(R"("delta":{"images":[)" + image(2, "z") + R"(]},"index":0)"));
    }
}

TEST(answer_images, those_that_stand_there_already_stay) {
    const target to = custom_target();
    const std::string own = R"("images":[{"type":"image_url","image_url":{"url":"own"}}])";
    const padded body(std::string(R"({"choices":[{"message":{)")
                          .append(own)
                          .append(R"(,"content":)")
                          .append(list)
                          .append(R"(},"finish_reason":"stop"}]})"));
    EXPECT_EQ(to.via->read_answer({}, to, body.view()).value().rewritten,
              R"({"choices":[{"message":{)" + own + R"(,"content":"a"},"finish_reason":"stop"}]})");
}

TEST(answer_images, a_whole_answer_that_becomes_a_stream_keeps_them) {
    const padded body(
        R"({"id":"c","created":7,"model":"m","choices":[{"message":{"content":"a","images":[{"type":"image_url","image_url":{"url":"data:x"}}]},"finish_reason":"stop"}]})");
    std::string out;
    ASSERT_TRUE(append_as_stream(out, {}, body.view()));
    EXPECT_THAT(out, HasSubstr(R"("delta":{"images":[)" + image(0, "data:x") + "]}"));
}

TEST(answer_images, clients_of_messages_and_responses_get_the_text) {
    const std::string answer = R"({"choices":[{"message":{"content":"a","images":[)" + image(0, "data:x") +
                               R"(]},"finish_reason":"stop"}]})";
    const std::string stream = chunk_of(R"({"content":"a"})") +
                               chunk_of(R"({"images":[)" + image(0, "data:x") + "]}") +
                               chunk_of("{}", R"("stop")") + std::string(done);
    for (const client_translator* each : {&messages_translator(), &responses_translator()}) {
        const std::string whole = answer_of(*each, "{}", answer);
        EXPECT_THAT(whole, HasSubstr(R"("text":"a")"));
        EXPECT_THAT(whole, Not(HasSubstr("data:x")));
        const events_made made = events_of(*each, "{}", stream);
        EXPECT_EQ(made.failure, "");
        EXPECT_THAT(made.out, Not(HasSubstr("data:x")));
    }
}

} // namespace

} // namespace sluice::providers::answer_images_test
