#include "providers/names.hpp"
#include "providers/unified.hpp"
#include "tests/unit/providers/unified_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::unified::unified_test {

namespace {

using testing::HasSubstr;

TEST(unified, a_plain_call_is_read_as_positions_in_the_text) {
    const padded body(
        R"( { "model" : "m1", "messages":[{"role":"user","content":"hi"}] , "stream":true,"x":{"a":[1]} } )");
    call out;
    ASSERT_TRUE(parse(task::chat, body.view(), out));
    EXPECT_EQ(out.model, "m1");
    EXPECT_TRUE(out.stream);
    EXPECT_FALSE(out.include_usage);
    ASSERT_EQ(out.members.size(), 4U);
    const auto text = [&](std::size_t begin, std::size_t end) {
        return body.view().substr(begin, end - begin);
    };
    const member& model = out.members[0];
    EXPECT_EQ(model.name, known::model);
    EXPECT_EQ(text(model.begin, model.key_end), R"("model")");
    EXPECT_EQ(text(model.value_begin, model.value_end), R"("m1")");
    const member& messages = out.members[1];
    EXPECT_EQ(text(messages.value_begin, messages.value_end), R"([{"role":"user","content":"hi"}])");
    const member& other = out.members[3];
    EXPECT_EQ(other.name, known::other);
    EXPECT_EQ(text(other.begin, other.value_end), R"("x":{"a":[1]})");
    EXPECT_EQ(out.find(known::stream), &out.members[2]);
    EXPECT_EQ(out.find(known::n), nullptr);
}

TEST(unified, a_call_object_can_be_used_again) {
    call out;
    const padded full(chat_with(
        R"("model":"m","stream":true,"stream_options":{"include_usage":true},"client_request_id":"r","extra_params":{"a":"1"})"));
    ASSERT_TRUE(parse(task::chat, full.view(), out));
    EXPECT_EQ(out.client_request_id, "r");
    EXPECT_EQ(out.extra, R"("a":1)");
    const padded plain(R"({"input":"x"})");
    ASSERT_TRUE(parse(task::embeddings, plain.view(), out));
    EXPECT_EQ(out.model + out.client_request_id + out.extra, "");
    EXPECT_FALSE(out.stream || out.include_usage);
    EXPECT_EQ(out.include_usage_end, 0U);
    EXPECT_EQ(out.members.size(), 1U);
    EXPECT_EQ(out.kind, task::embeddings);
}

TEST(unified, a_key_written_with_escapes_is_recognised) {
    const padded body(chat_with(R"("mod\u0065l":"m\u0031","\u0073tream":true)"));
    call out;
    ASSERT_TRUE(parse(task::chat, body.view(), out));
    EXPECT_EQ(out.model, "m1");
    EXPECT_TRUE(out.stream);
    EXPECT_EQ(refusal(task::chat, chat_with(R"("model":"a","mod\u0065l":"b")")), "'model' is given twice.");
}

TEST(unified, a_known_member_must_not_come_twice) {
    for (int i = 1; i <= static_cast<int>(known::usage_context); ++i) {
        const std::string name(to_string(static_cast<known>(i)));
        EXPECT_EQ(known_name(name), static_cast<known>(i));
        const std::string twice = R"({")" + name + R"(":null,")" + name + R"(":null})";
        const std::string message = refusal(task::chat, twice);
        const bool is_main = name == "messages";
        EXPECT_THAT(message, HasSubstr(is_main ? "'messages' must be" : "'" + name + "' is given twice"))
            << name;
    }
    EXPECT_EQ(refusal(task::chat, chat_with(R"("messages":[{}])")), "'messages' is given twice.");
    EXPECT_EQ(refusal(task::chat, chat_with(R"("other":1,"other":2)")), "");
}

TEST(unified, names_near_a_known_one_are_unknown) {
    for (const std::string_view name :
         {"", "N", "nn", "Model", "modem", "top_q", "Stream", "steam", "promqt", "usage_contexs"}) {
        EXPECT_EQ(known_name(name), known::other) << name;
    }
}

struct bad_value {
    std::string_view member;
    std::string_view message;
};

TEST(unified, types_and_ranges_are_checked) {
    const std::vector<bad_value> table = {
        {R"("stream":"true")", "'stream' must be true or false."},
        {R"("stream":1)", "'stream' must be true or false."},
        {R"("stream":{})", "'stream' must be true or false."},
        {R"("n":1.0)", "'n' must be an integer of at least 1."},
        {R"("n":1e0)", "'n' must be an integer of at least 1."},
        {R"("n":0)", "'n' must be an integer of at least 1."},
        {R"("n":-1)", "'n' must be an integer of at least 1."},
        {R"("n":"1")", "'n' must be an integer of at least 1."},
        {R"("n":true)", "'n' must be an integer of at least 1."},
        {R"("n":[1])", "'n' must be an integer of at least 1."},
        {R"("n":99999999999999999999)", "'n' must be an integer of at least 1."},
        {R"("max_tokens":0)", "'max_tokens' must be an integer of at least 1."},
        {R"("max_tokens":2.5)", "'max_tokens' must be an integer of at least 1."},
        {R"("max_completion_tokens":0)", "'max_completion_tokens' must be an integer of at least 1."},
        {R"("top_k":0)", "'top_k' must be an integer of at least 1."},
        {R"("temperature":2.01)", "'temperature' must be a number from 0 to 2."},
        {R"("temperature":-0.1)", "'temperature' must be a number from 0 to 2."},
        {R"("temperature":"1")", "'temperature' must be a number from 0 to 2."},
        {R"("temperature":1e999)", "'temperature' must be a number from 0 to 2."},
        {R"("top_p":1.1)", "'top_p' must be a number from 0 to 1."},
        {R"("top_p":false)", "'top_p' must be a number from 0 to 1."},
        {R"("presence_penalty":-2.1)", "'presence_penalty' must be a number from -2 to 2."},
        {R"("frequency_penalty":2.1)", "'frequency_penalty' must be a number from -2 to 2."},
        {R"("frequency_penalty":{})", "'frequency_penalty' must be a number from -2 to 2."},
        {R"("stop":1)", "'stop' must be a text or a list of texts."},
        {R"("stop":["a",1])", "'stop' must be a text or a list of texts."},
        {R"("stop":{})", "'stop' must be a text or a list of texts."},
        {R"("stream_options":true)", "'stream_options' must be an object."},
        {R"("stream_options":{"include_usage":"yes"})",
         "'stream_options.include_usage' must be true or false."},
        {R"("stream_options":{"include_usage":[]})", "'stream_options.include_usage' must be true or false."},
        {R"("stream_options":{"include_usage":true,"include\u005fusage":true})",
         "'stream_options.include_usage' is given twice."},
        {R"("client_request_id":1)", "'client_request_id' must be a text."},
        {R"("usage_context":"x")", "'usage_context' must be an object of texts."},
        {R"("usage_context":{"a":1})", "'usage_context' must be an object of texts."},
        {R"("extra_params":[])", "'extra_params' must be an object of texts."},
        {R"("extra_params":{"a":1})", "'extra_params' must be an object of texts."},
        {R"("extra_params":{"a":{}})", "'extra_params' must be an object of texts."},
    };
    for (const bad_value& each : table)
        EXPECT_EQ(refusal(task::chat, chat_with(each.member)), each.message) << each.member;
}

TEST(unified, values_at_the_ends_of_their_ranges_and_nulls_pass) {
    for (const std::string_view member : {R"("temperature":0)",
                                          R"("temperature":2)",
                                          R"("temperature":2.0)",
                                          R"("temperature":null)",
                                          R"("top_p":1)",
                                          R"("top_p":0.0)",
                                          R"("presence_penalty":-2)",
                                          R"("frequency_penalty":2e0)",
                                          R"("n":1)",
                                          R"("n":128)",
                                          R"("n":null)",
                                          R"("max_tokens":1)",
                                          R"("max_tokens":null)",
                                          R"("top_k":500)",
                                          R"("stop":"x")",
                                          R"("stop":[])",
                                          R"("stop":["a","b"])",
                                          R"("stop":null)",
                                          R"("stream":false)",
                                          R"("stream":null)",
                                          R"("stream_options":null)",
                                          R"("stream_options":{"include_usage":null})",
                                          R"("stream_options":{"other":{"a":1}})",
                                          R"("extra_params":null)",
                                          R"("extra_params":{})",
                                          R"("usage_context":null)",
                                          R"("usage_context":{"a":"b"})",
                                          R"("client_request_id":null)",
                                          R"("model":null)",
                                          R"("model":5)",
                                          R"("model":{"a":[]})",
                                          R"("prompt":5)",
                                          R"("input":{})"}) {
        EXPECT_EQ(refusal(task::chat, chat_with(member)), "") << member;
    }
}

TEST(unified, the_main_member_of_the_task_must_be_there_and_fit) {
    const std::string messages =
        "'messages' must be a list of at least one message object (task llm/v1/chat).";
    for (const std::string_view value :
         {"[]", "\"x\"", "{}", "null", "1", "[1]", "[{},\"x\"]", "[null]", "[[]]"}) {
        EXPECT_EQ(refusal(task::chat, std::string(R"({"messages":)").append(value).append("}")), messages)
            << value;
    }
    const std::string prompt = "'prompt' must be a text or a list of texts (task llm/v1/completions).";
    for (const std::string_view value : {"1", "{}", "null", "[1]", "[\"a\",[]]", "true"}) {
        EXPECT_EQ(refusal(task::completions, std::string(R"({"prompt":)").append(value).append("}")), prompt)
            << value;
    }
    const std::string input = "'input' must be a text or a list (task llm/v1/embeddings).";
    for (const std::string_view value : {"1", "{}", "null", "false"}) {
        EXPECT_EQ(refusal(task::embeddings, std::string(R"({"input":)").append(value).append("}")), input)
            << value;
    }
    EXPECT_EQ(refusal(task::completions, R"({"prompt":["a","b"]})"), "");
    EXPECT_EQ(refusal(task::embeddings, R"({"input":[[1,2],[3]]})"), "");
    EXPECT_EQ(refusal(task::embeddings, R"({"input":["a"]})"), "");
}

TEST(unified, a_missing_main_member_is_named_with_the_one_given_instead) {
    const std::string message = refusal(task::chat, R"({"prompt":"x"})");
    EXPECT_THAT(message, HasSubstr("'messages' is missing"));
    EXPECT_THAT(message,
                HasSubstr("Use 'messages' instead of 'prompt', which belongs to llm/v1/completions."));
    EXPECT_THAT(refusal(task::embeddings, R"({"messages":[{}]})"),
                HasSubstr("Use 'input' instead of 'messages'"));
    EXPECT_THAT(refusal(task::completions, R"({"x":1})"), HasSubstr("'prompt' is missing"));
}

TEST(unified, inputs_of_custom_models_are_refused) {
    for (const std::string name : {"dataframe_records", "dataframe_split", "inputs", "instances"}) {
        const std::string message = refusal(task::chat, chat_with("\"" + name + "\":[]"));
        EXPECT_THAT(message, HasSubstr("'" + name + "' is for custom models")) << name;
        EXPECT_THAT(message, HasSubstr("needs 'messages'")) << name;
    }
}

TEST(unified, embeddings_do_not_stream) {
    EXPECT_EQ(refusal(task::embeddings, R"({"input":"x","stream":true})"),
              "'stream' is not supported for llm/v1/embeddings.");
    EXPECT_EQ(refusal(task::embeddings, R"({"input":"x","stream":false})"), "");
}

TEST(unified, usage_context_may_take_10_KiB) {
    const auto context = [](std::size_t size) {
        return chat_with(R"("usage_context":{"k":")" + std::string(size - 8, 'v') + "\"}");
    };
    EXPECT_EQ(refusal(task::chat, context(10 * 1024)), "");
    EXPECT_EQ(refusal(task::chat, context(10 * 1024 + 1)), "'usage_context' must be at most 10 KiB.");
}

TEST(unified, the_number_of_members_is_limited) {
    const auto body = [](int count) {
        std::string text = R"({"input":"x")";
        for (int i = 1; i < count; ++i)
            text += ",\"a\":1";
        return text + "}";
    };
    EXPECT_EQ(refusal(task::embeddings, body(1000)), "");
    EXPECT_EQ(refusal(task::embeddings, body(1001)), "The request body has more than 1000 members.");
}

TEST(unified, include_usage_is_found_where_it_stands) {
    const padded body(chat_with(R"("stream":true,"stream_options":{"a":1, "include_usage" : false })"));
    call out;
    ASSERT_TRUE(parse(task::chat, body.view(), out));
    EXPECT_FALSE(out.include_usage);
    EXPECT_EQ(body.view().substr(out.include_usage_begin, out.include_usage_end - out.include_usage_begin),
              "false");
}

TEST(unified, decoded_texts_resolve_escapes_and_replace_half_surrogates) {
    const padded body(
        chat_with(R"("client_request_id":"a\u00e9\n\ud83e\ude90\ud83dx\/\u20ac\"","model":"\udc00")"));
    call out;
    ASSERT_TRUE(parse(task::chat, body.view(), out));
    EXPECT_EQ(out.client_request_id, "a\xc3\xa9\n\xf0\x9f\xaa\x90\xef\xbf\xbdx/\xe2\x82\xac\"");
    EXPECT_EQ(out.model, "\xef\xbf\xbd");
}

TEST(unified, a_large_body_is_read_and_a_small_one_after_it) {
    const std::string large = chat_with("\"x\":\"" + std::string(std::size_t{5} * 1024 * 1024, 'a') + "\"");
    EXPECT_EQ(refusal(task::chat, large), "");
    EXPECT_EQ(refusal(task::chat, chat_with("\"x\":1")), "");
}

TEST(unified, peek_model_reads_the_name_only) {
    const auto peek = [](std::string_view body) -> std::string {
        const padded bytes(body);
        auto model = peek_model(bytes.view());
        if (model) return *model;
        EXPECT_EQ(model.error().code, errc::bad_request);
        return "!" + model.error().message;
    };
    EXPECT_EQ(peek(R"({"messages":[{"model":"inner"}],"mod\u0065l":"my \"ep\""})"), "my \"ep\"");
    EXPECT_EQ(peek(R"({"messages":[]})"), "!'model' is missing: it names the endpoint.");
    EXPECT_EQ(peek(R"({"model":null})"), "!'model' must be a text: the name of an endpoint.");
    EXPECT_EQ(peek(R"({"model":7})"), "!'model' must be a text: the name of an endpoint.");
    EXPECT_EQ(peek(R"({"model":"\x"})"), "!The request body is not valid JSON.");
    EXPECT_EQ(peek("[]"), "!The request body must be a JSON object.");
    EXPECT_EQ(peek(""), "!The request body is not valid JSON.");
}

TEST(unified, tasks_have_their_names) {
    for (const task kind : {task::chat, task::completions, task::embeddings}) {
        EXPECT_EQ(parse_task(providers::to_string(kind)), kind);
    }
    EXPECT_EQ(parse_task("llm/v1/chat "), std::nullopt);
    EXPECT_EQ(parse_task(""), std::nullopt);
}

} // namespace
} // namespace sluice::providers::unified::unified_test
