// The member `error` beside a real answer: some servers have one in every answer, which tells of none.
#include "providers/native.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"
#include "tests/unit/providers/half_answers_fixture.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::told_error_test {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::vector<std::string_view>& none() {
    static const std::vector<std::string_view> table = {
        "null", "false", R"("")", "{}", "[]", "0", R"({"message":null,"code":"","param":0})"};
    return table;
}

const std::vector<std::string_view>& some() {
    static const std::vector<std::string_view> table = {
        R"("none")", R"({"message":"m"})", R"({"code":500})", R"({"details":{}})", R"(["m"])", "true"};
    return table;
}

struct answering {
    target to;
    std::string whole;  // behind the member `error`
    std::string stream; // events: the first stands behind the member `error`
};

target with_key(const provider& by, std::string_view model, std::string_view field) {
    return by.resolve(model, task::chat, config_with({}, {{field, "k-0123456789"}}), "").value();
}

target speaking(const upstream_api& via) {
    target to = openai_target();
    to.via = &via;
    return to;
}

const std::vector<answering>& answers() {
    static const std::string chat =
        R"("choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]})";
    static const std::string chunk =
        R"("choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})"
        "\n\ndata: [DONE]\n\n";
    static const std::string message =
        R"("type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn"})";
    static const std::string events = R"("type":"message_start","message":{}})"
                                      "\n\ndata: "
                                      R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"
                                      "\n\ndata: "
                                      R"({"type":"message_stop"})"
                                      "\n\n";
    static const std::string content =
        R"("candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})";
    static const std::vector<answering> table = {
        {openai_target(), chat, chunk},
        {azure_target(), chat, chunk},
        {custom_target(), chat, chunk},
        {with_key(ai21_provider(), "jamba-large", "ai21labs_api_key"), chat, chunk},
        {with_key(anthropic_provider(), "claude-sonnet-4-5", "anthropic_api_key"), message, ""},
        {speaking(native::messages_api()), message, events},
        {vertex_target(), content, content + "\n\n"},
        {speaking(native::gemini_api()), content, content + "\n\n"},
        {speaking(native::responses_api()), R"("object":"response","status":"completed","output":[]})", ""},
        {with_key(palm_provider(), "chat-bison-001", "palm_api_key"),
         R"("candidates":[{"content":"a"}]})",
         ""},
    };
    return table;
}

bool is_good(const answering& one, std::string_view error) {
    const padded body(std::string(R"({"error":)").append(error).append(",").append(one.whole));
    answer_context context;
    context.id_stem = "s";
    unified::call call;
    return one.to.via->read_answer(call, one.to, context, body.view()).has_value();
}

bool streams(const answering& one, std::string_view error) {
    answer_context context;
    context.id_stem = "s";
    unified::call call;
    const auto decoder = one.to.via->make_decoder(call, one.to, context);
    const padded body(std::string(R"(data: {"error":)").append(error).append(",").append(one.stream));
    std::string out;
    auto good = decoder->body(body.view(), out);
    if (good && !decoder->finished()) good = decoder->end(out);
    return good.has_value();
}

TEST(told_error, beside_an_answer_it_must_say_something) {
    for (const answering& each : answers()) {
        for (const std::string_view error : none()) {
            EXPECT_TRUE(is_good(each, error)) << each.to.provider_name << each.whole << error;
            EXPECT_TRUE(each.stream.empty() || streams(each, error)) << each.stream << error;
        }
        for (const std::string_view error : some()) {
            EXPECT_FALSE(is_good(each, error)) << each.to.provider_name << each.whole << error;
            EXPECT_FALSE(!each.stream.empty() && streams(each, error)) << each.stream << error;
        }
    }
}

TEST(told_error, without_an_answer_it_is_one_whatever_it_says) {
    for (const target& to : {openai_target(), custom_target()}) {
        for (const std::string_view error : {"false", R"("")", "{}"}) {
            const std::string data = std::string(R"({"error":)").append(error).append("}");
            const std::string out = decoded({std::string("data: ").append(data).append("\n\n")}, false, to);
            EXPECT_THAT(out, StartsWith("!")) << error;
            EXPECT_THAT(out, HasSubstr(data)) << error;
        }
    }
}

TEST(told_error, clients_of_other_dialects_get_the_answer_beside_it) {
    const std::string chunk =
        R"(data: {"id":"c","error":{},"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})"
        "\n\n" +
        std::string(done);
    for (const client_translator* each : {&messages_translator(), &responses_translator()}) {
        const events_made made = events_of(*each, "{}", chunk);
        EXPECT_EQ(made.failure, "");
        EXPECT_THAT(made.out, HasSubstr(R"("text":"a")"));
    }
}

} // namespace

} // namespace sluice::providers::told_error_test
