#include "tools/provider/openai.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::sim::openai_test {
namespace {

namespace json = boost::json;

call chat_call(bool stream = false) {
    call c;
    c.model = "gpt-4o";
    c.stream = stream;
    c.prompt_tokens = 7;
    c.seed = 42;
    c.inputs = {"say this \"now\""};
    return c;
}

knobs with(std::string_view spec) {
    return parse_knobs(spec).value();
}

json::value body_of(const call& c, const knobs& k) {
    return json::parse(completion_body(c, k, generate(c, k, {})));
}

// The data of every event, in order.
std::vector<std::string> events_of(const call& c, const knobs& k) {
    const auto stream = completion_stream(c, k, generate(c, k, {}));
    std::vector<std::string> out;
    std::string bytes;
    while (stream->next(bytes) != event_kind::none) {
        EXPECT_TRUE(bytes.starts_with("data: ")) << bytes;
        EXPECT_TRUE(bytes.ends_with("\n\n")) << bytes;
        out.push_back(bytes.substr(6, bytes.size() - 8));
        bytes.clear();
    }
    return out;
}

std::string content_of(const std::vector<std::string>& events, std::int64_t choice = 0) {
    std::string text;
    for (const std::string& event : events) {
        if (event == "[DONE]") continue;
        const json::value chunk = json::parse(event);
        for (const json::value& c : chunk.at("choices").as_array())
            if (c.at("index") == choice && c.at("delta").as_object().contains("content"))
                text += json::value_to<std::string>(c.at("delta").at("content"));
    }
    return text;
}

TEST(openai_answer, a_chat_completion_has_the_shape_of_the_service) {
    const json::value body = body_of(chat_call(), with("n3"));
    EXPECT_EQ(body.at("object"), "chat.completion");
    EXPECT_EQ(body.at("model"), "gpt-4o");
    EXPECT_EQ(body.at("choices").at(0).at("message").at("role"), "assistant");
    EXPECT_EQ(body.at("choices").at(0).at("finish_reason"), "stop");
    EXPECT_EQ(body.at("usage").at("prompt_tokens"), 7);
    EXPECT_EQ(body.at("usage").at("completion_tokens"), 3);
    EXPECT_EQ(body.at("usage").at("total_tokens"), 10);
}

TEST(openai_answer, the_same_call_gives_the_same_bytes) {
    EXPECT_EQ(completion_body(chat_call(), {}, generate(chat_call(), {}, {})),
              completion_body(chat_call(), {}, generate(chat_call(), {}, {})));
}

TEST(openai_answer, a_sized_body_has_exactly_the_bytes_asked_for) {
    for (const std::size_t bytes : {400U, 500U, 501U, 507U, 999U, 4096U, 70'000U}) {
        knobs k;
        k.body_bytes = bytes;
        const std::string body = completion_body(chat_call(), k, generate(chat_call(), k, {}));
        EXPECT_EQ(body.size(), bytes);
        EXPECT_TRUE(json::parse(body).is_object());
    }
}

TEST(openai_answer, a_size_too_small_for_the_shape_gives_an_answer_without_text) {
    const json::value body = body_of(chat_call(), with("b10"));
    EXPECT_EQ(body.at("choices").at(0).at("message").at("content"), "");
}

TEST(openai_answer, max_tokens_ends_the_text_and_names_the_reason) {
    call c = chat_call();
    c.max_tokens = 2;
    const json::value body = body_of(c, with("n5"));
    EXPECT_EQ(body.at("choices").at(0).at("finish_reason"), "length");
    EXPECT_EQ(body.at("usage").at("completion_tokens"), 2);
}

TEST(openai_answer, a_max_tokens_that_suffices_does_not_count_as_length) {
    call c = chat_call();
    c.max_tokens = 5;
    EXPECT_EQ(body_of(c, with("n5")).at("choices").at(0).at("finish_reason"), "stop");
}

TEST(openai_answer, echo_repeats_the_input_the_body_or_the_head) {
    const call c = chat_call();
    const received from{R"({"a":1})", "POST /x"};
    EXPECT_EQ(generate(c, with("echo"), from).front().text, "say this \"now\"");
    EXPECT_EQ(generate(c, with("echoreq"), from).front().text, R"({"a":1})");
    EXPECT_EQ(generate(c, with("echohead"), from).front().text, "POST /x");
}

TEST(openai_answer, n_gives_different_choices_and_prompts_multiply_them) {
    call c = chat_call();
    c.task = task_kind::completions;
    c.inputs = {"a", "b"};
    c.choices = 2;
    const json::value body = body_of(c, {});
    ASSERT_EQ(body.at("choices").as_array().size(), 4U);
    EXPECT_EQ(body.at("object"), "text_completion");
    EXPECT_EQ(body.at("choices").at(3).at("index"), 3);
    EXPECT_NE(body.at("choices").at(0).at("text"), body.at("choices").at(1).at("text"));
    EXPECT_EQ(generate(c, with("echo"), {}).at(2).text, "b");
}

TEST(openai_stream, the_pieces_are_the_text_of_the_json_answer) {
    const json::value body = body_of(chat_call(), {});
    const std::vector<std::string> events = events_of(chat_call(true), {});
    EXPECT_EQ(content_of(events),
              json::value_to<std::string>(body.at("choices").at(0).at("message").at("content")));
}

TEST(openai_stream, events_come_in_the_order_role_content_finish_done) {
    const std::vector<std::string> events = events_of(chat_call(true), with("n2"));
    ASSERT_EQ(events.size(), 5U);
    EXPECT_EQ(json::parse(events[0]).at("choices").at(0).at("delta").at("role"), "assistant");
    EXPECT_EQ(json::parse(events[3]).at("choices").at(0).at("finish_reason"), "stop");
    EXPECT_EQ(events[4], "[DONE]");
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_FALSE(json::parse(events[i]).as_object().contains("usage"));
}

TEST(openai_stream, usage_comes_in_a_chunk_of_its_own_and_is_null_in_the_others_when_asked_for) {
    call c = chat_call(true);
    c.include_usage = true;
    const std::vector<std::string> events = events_of(c, with("n2"));
    ASSERT_EQ(events.size(), 6U);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_TRUE(json::parse(events[i]).at("usage").is_null());
    const json::value last = json::parse(events[4]);
    EXPECT_TRUE(last.at("choices").as_array().empty());
    EXPECT_EQ(last.at("usage").at("completion_tokens"), 2);
    EXPECT_EQ(last.at("usage").at("total_tokens"), 9);
}

TEST(openai_stream, choices_take_turns_and_each_is_finished) {
    call c = chat_call(true);
    c.choices = 2;
    const std::vector<std::string> events = events_of(c, with("n2"));
    ASSERT_EQ(events.size(), 2U + 4U + 2U + 1U);
    EXPECT_EQ(json::parse(events[2]).at("choices").at(0).at("index"), 0);
    EXPECT_EQ(json::parse(events[3]).at("choices").at(0).at("index"), 1);
    EXPECT_NE(content_of(events, 0), content_of(events, 1));
}

TEST(openai_stream, text_completions_have_no_role_and_end_with_an_empty_text) {
    call c = chat_call(true);
    c.task = task_kind::completions;
    c.max_tokens = 1;
    const std::vector<std::string> events = events_of(c, with("n2"));
    ASSERT_EQ(events.size(), 3U);
    const json::value finish = json::parse(events[1]);
    EXPECT_EQ(finish.at("object"), "text_completion");
    EXPECT_EQ(finish.at("choices").at(0).at("text"), "");
    EXPECT_EQ(finish.at("choices").at(0).at("finish_reason"), "length");
}

TEST(openai_stream, an_error_event_ends_the_stream_after_the_chunks_asked_for) {
    const std::vector<std::string> events = events_of(chat_call(true), with("n5-err2"));
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(json::parse(events[3]).at("error").at("type"), "server_error");
}

TEST(openai_stream, faults_of_the_end_leave_out_their_event) {
    EXPECT_NE(events_of(chat_call(true), with("n1-nodone")).back(), "[DONE]");
    const std::vector<std::string> events = events_of(chat_call(true), with("n1-nofinish"));
    ASSERT_EQ(events.size(), 3U);
    EXPECT_TRUE(json::parse(events[1]).at("choices").at(0).at("finish_reason").is_null());
}

TEST(openai_stream, a_big_event_has_its_kibibytes_and_is_one_piece) {
    const std::vector<std::string> events = events_of(chat_call(true), with("big3-n1"));
    ASSERT_EQ(events.size(), 5U);
    EXPECT_EQ(json::parse(events[1]).at("choices").at(0).at("delta").at("content").as_string().size(), 3072U);
}

TEST(openai_stream, bad_json_and_arrays_are_what_they_say) {
    boost::system::error_code ec;
    const std::vector<std::string> bad = events_of(chat_call(true), with("n2-badjson"));
    EXPECT_TRUE(json::parse(bad[0]).is_object());
    json::parse(bad[1], ec);
    EXPECT_TRUE(ec.failed());
    EXPECT_TRUE(json::parse(events_of(chat_call(true), with("n1-array"))[1]).is_array());
}

TEST(events, line_ends_and_comments_follow_the_style) {
    std::string out;
    append_event(out, "x", {true, true});
    EXPECT_EQ(out, ": still here\r\ndata: x\r\n\r\n");
}

TEST(openai_errors, a_body_names_message_type_param_and_code) {
    api_error e;
    e.message = "no \"x\"";
    e.param = "n";
    EXPECT_EQ(error_body(e),
              R"({"error":{"message":"no \"x\"","type":"invalid_request_error","param":"n","code":null}})");
    EXPECT_EQ(simulated_error(429).code, "rate_limit_exceeded");
    EXPECT_EQ(simulated_error(503).type, "server_error");
}

TEST(openai_errors, a_wrong_key_is_quoted_masked) {
    const api_error e = wrong_key("sk-proj-abcdefghijklmnop1234");
    EXPECT_EQ(e.status, 401);
    EXPECT_EQ(e.code, "invalid_api_key");
    EXPECT_NE(e.message.find("sk-proj-****************1234"), std::string::npos) << e.message;
    EXPECT_EQ(wrong_key("shortkey").message.find("short"), std::string::npos);
    EXPECT_NE(wrong_key("a\nb").message.find("***"), std::string::npos);
}

TEST(openai_embeddings, every_input_has_its_vector) {
    call c;
    c.task = task_kind::embeddings;
    c.model = "text-embedding-3-small";
    c.inputs = {"alpha", "beta"};
    c.dimensions = 4;
    c.prompt_tokens = 2;
    const json::value body = json::parse(embeddings_body(c, {}).value());
    EXPECT_EQ(body.at("data").as_array().size(), 2U);
    EXPECT_EQ(body.at("data").at(1).at("index"), 1);
    EXPECT_EQ(body.at("data").at(1).at("embedding").as_array().size(), 4U);
    EXPECT_EQ(body.at("usage").at("total_tokens"), 2);
    c.base64 = true;
    EXPECT_EQ(json::parse(embeddings_body(c, {}).value()).at("data").at(0).at("embedding").as_string().size(),
              24U);
    c.model = "text-embedding-ada-002";
    EXPECT_FALSE(embeddings_body(c, {}).has_value());
}

} // namespace
} // namespace sluice::sim::openai_test
