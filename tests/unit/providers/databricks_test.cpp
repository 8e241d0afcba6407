#include "tests/unit/providers/openai_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::databricks_test {

namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view token = "dapi-unit-0123456789";

resolved_config workspace(std::string_view url) {
    return config_with({{"databricks_workspace_url", url}}, {{"databricks_api_token", token}});
}

target databricks_target(task kind = task::chat) {
    return databricks_provider().resolve("up", kind, workspace("https://adb-1.example.net"), "").value();
}

std::string event(std::string_view data) {
    return std::string("data: ").append(data).append("\n\n");
}

std::string chunk_with(std::string_view delta, std::string_view finish, std::string_view usage = "") {
    return std::string(R"({"id":"d","choices":[{"index":0,"delta":)")
        .append(delta)
        .append(R"(,"finish_reason":)")
        .append(finish)
        .append("}]")
        .append(usage)
        .append("}");
}

constexpr std::string_view done = "data: [DONE]\n\n";
constexpr std::string_view role = R"({"role":"assistant","content":""})";

std::string rewritten(std::string_view body, const target& to = databricks_target()) {
    const padded bytes(body);
    auto got = to.via->read_answer({}, to, bytes.view());
    if (!got) return "!" + got.error().message;
    return got->rewritten.value_or("as it came");
}

TEST(databricks, the_model_is_the_endpoint_in_the_path) {
    for (const std::string_view url : {"https://adb-1.example.net", "https://adb-1.example.net///"}) {
        const auto to =
            databricks_provider().resolve("my model/1", task::chat, workspace(url), "https://ignored");
        ASSERT_TRUE(to) << to.error().message;
        EXPECT_THAT(std::string(to->head.reveal()),
                    HasSubstr("POST /serving-endpoints/my%20model%2F1/invocations HTTP/1.1\r\n"
                              "Host: adb-1.example.net\r\n"
                              "Authorization: Bearer dapi-unit-0123456789\r\n"));
        EXPECT_EQ(to->keys, std::vector<secret_string>{secret_string(token)});
    }
    EXPECT_EQ(spliced(R"({"model":"x","messages":[{"role":"user"}],"stream":true})", databricks_target()),
              R"({"messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(databricks, what_is_missing_or_wrong_is_named) {
    const auto message = [](const resolved_config& config) {
        const auto checked = databricks_provider().check(config);
        return checked ? "good" : checked.error().message;
    };
    EXPECT_THAT(message(config_with({}, {{"databricks_api_token", ""}})),
                HasSubstr("'databricks_workspace_url'"));
    EXPECT_THAT(message(config_with({{"databricks_workspace_url", "https://h"}}, {})),
                HasSubstr("'databricks_api_token'"));
    EXPECT_THAT(message(workspace("adb-1.example.net")), HasSubstr("'databricks_workspace_url': "));
    EXPECT_THAT(message(workspace("https://h/?o=1")),
                HasSubstr("'databricks_workspace_url' must not have a query"));
    EXPECT_EQ(message(workspace("https://h")), "good");
    const auto to = databricks_provider().resolve(
        "m",
        task::chat,
        config_with({{"databricks_workspace_url", "https://h"}}, {{"databricks_api_token", "a\r\nb"}}),
        "");
    ASSERT_FALSE(to);
    EXPECT_THAT(to.error().message, HasSubstr("'databricks_api_token'"));
    EXPECT_THAT(to.error().message, Not(HasSubstr("a\r")));
}

TEST(databricks, an_answer_without_lists_goes_back_as_it_came) {
    EXPECT_EQ(
        rewritten(
            R"({"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],
        "databricks_output":{"trace":{"info":[1.0,{"content":[]}]}},"usage":{"total_tokens":1.50}})"),
        "as it came");
    EXPECT_EQ(rewritten(R"({"object":"list","data":[{"embedding":[0.10,1e-7]}]})",
                        databricks_target(task::embeddings)),
              "as it came");
    EXPECT_EQ(
        rewritten(
            R"({"choices":[null,1,{"message":null},{"message":[]},{"message":{},"finish_reason":"stop"}]})"),
        "as it came");
}

TEST(databricks, content_as_a_list_becomes_text_and_reasoning) {
    EXPECT_EQ(
        rewritten(
            R"({"choices":[ {"index":0,"message":{"role":"assistant","content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"a\n","signature":"s"},{"text":"\u00e9"}]},{"type":"text","text":"x\"y"},{"type":"text","text":""},{"type":"reasoning","summary":[{"text":"late"}]}],"refusal":null},"finish_reason":"stop"}],"databricks_output":{"a":1.0}})"),
        R"({"choices":[ {"index":0,"message":{"role":"assistant","refusal":null,"content":"x\"y","reasoning_content":"a\n\u00e9late"},"finish_reason":"stop"}],"databricks_output":{"a":1.0}})");
    EXPECT_EQ(rewritten(R"({"choices":[{"message":{"content":[]},"finish_reason":"stop"}]})"),
              R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}]})");
    EXPECT_EQ(
        rewritten(
            R"({"choices":[{"message":{"content":["a",7,null,[1],{"text":1},{"summary":["x",2]},"b"]},"finish_reason":"stop"}]})"),
        R"({"choices":[{"message":{"content":"ab"},"finish_reason":"stop"}]})");
}

TEST(databricks, a_stream_with_roles_and_usage_everywhere_has_each_once) {
    const std::string usage = R"(,"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3})";
    const std::string in = event(chunk_with(R"({"role":"assistant","content":"a"})", "null", usage)) +
                           event(chunk_with(R"({"role":"assistant","content":""})", "null", usage)) +
                           event(chunk_with(R"({"role":"assistant","content":"b"})", "null", usage)) +
                           event(chunk_with(R"({"role":"assistant","content":""})", R"("stop")", usage)) +
                           std::string(done);
    const std::string empty = R"(,"usage":null)";
    EXPECT_EQ(decoded({in}, true, databricks_target()),
              event(chunk_with(role, "null", empty)) +
                  event(chunk_with(R"({"content":"a"})", "null", empty)) +
                  event(chunk_with(R"({"content":"b"})", "null", empty)) +
                  event(chunk_with("{}", R"("stop")", empty)) +
                  event(R"({"id":"d","choices":[])" + usage + "}") + std::string(done));
    EXPECT_EQ(decoded({in}, false, databricks_target()),
              event(chunk_with(role, "null")) + event(chunk_with(R"({"content":"a"})", "null")) +
                  event(chunk_with(R"({"content":"b"})", "null")) + event(chunk_with("{}", R"("stop")")) +
                  std::string(done));
}

TEST(databricks, one_chunk_may_hold_role_content_and_end) {
    EXPECT_EQ(decoded({event(chunk_with(R"({"role":"assistant","content":"a"})", R"("stop")"))},
                      false,
                      databricks_target()),
              event(chunk_with(role, "null")) + event(chunk_with(R"({"content":"a"})", R"("stop")")) +
                  std::string(done));
}

TEST(databricks, a_usage_chunk_of_its_own_comes_once_and_last) {
    const std::string own =
        event(R"({"id":"d","choices":[],"usage":{"total_tokens":9},"databricks_output":{}})");
    const std::string finish = event(chunk_with("{}", R"("stop")", R"(,"usage":{"total_tokens":1})"));
    EXPECT_EQ(decoded({own + finish + own + std::string(done)}, true, databricks_target()),
              event(chunk_with("{}", R"("stop")", R"(,"usage":null)")) + own + std::string(done));
}

TEST(databricks, each_choice_has_its_role_once) {
    const auto two = [](std::string_view a, std::string_view b) {
        return event(std::string(R"({"choices":[{"index":0,"delta":)")
                         .append(a)
                         .append(R"(,"finish_reason":"stop"},{"index":1,"delta":)")
                         .append(b)
                         .append(R"(,"finish_reason":"stop"}]})"));
    };
    EXPECT_EQ(decoded({two(R"({"role":"assistant"})", R"({"role":"assistant","content":""})") +
                       two(R"({"role":"assistant","content":"x"})", R"({"role":"assistant"})")},
                      false,
                      databricks_target()),
              two(R"({"role":"assistant"})", R"({"role":"assistant","content":""})") +
                  two(R"({"content":"x"})", "{}") + std::string(done));
}

TEST(databricks, tool_calls_and_unknown_members_of_a_delta_stay) {
    const std::string calls =
        R"("tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{\"a\":1.0}"}}])";
    EXPECT_EQ(decoded({event(chunk_with(R"({"role":"assistant","content":null,)" + calls + R"(,"x":[1.0]})",
                                        "null")) +
                       event(chunk_with("{}", R"("tool_calls")"))},
                      false,
                      databricks_target()),
              event(chunk_with(role, "null")) + event(chunk_with("{" + calls + R"(,"x":[1.0]})", "null")) +
                  event(chunk_with("{}", R"("tool_calls")")) + std::string(done));
}

TEST(databricks, a_chat_that_does_not_say_why_it_ended_has_ended) {
    EXPECT_EQ(
        rewritten(R"({"choices":[{"index":0,"message":{"role":"assistant","content":"x"}}]})"),
        R"({"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]})");
    const std::string chunk = event(chunk_with(R"({"content":"a"})", "null"));
    EXPECT_EQ(decoded({chunk + std::string(done)}, false, databricks_target()),
              chunk + event(chunk_with("{}", R"("stop")")) + std::string(done));
    EXPECT_THAT(decoded({chunk}, false, databricks_target()), HasSubstr("stream ended early"));
    EXPECT_THAT(decoded({done}, false, databricks_target()), HasSubstr("stream ended early"));
}

TEST(databricks, choices_that_were_asked_for_and_never_came_are_missing_all_the_same) {
    unified::call call;
    const padded body(R"({"messages":[{}],"n":2,"stream":true})");
    const target to = databricks_target();
    ASSERT_TRUE(unified::parse(to.kind, body.view(), call));
    const auto decoder = to.via->make_decoder(call, to);
    const padded bytes(event(chunk_with(R"({"content":"a"})", "null")) + std::string(done));
    std::string out;
    const auto read = decoder->body(bytes.view(), out);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("stream ended early"));
}

// --- agents

constexpr std::string_view agent_messages =
    R"({"messages":[{"role":"assistant","content":"Hi","id":"m-1"}],"finish_reason":null,)"
    R"("custom_outputs":{"a":1.0},"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})";
constexpr std::string_view agent_response =
    R"({"object":"response","id":"r","error":null,"output":[{"type":"message","id":"m","role":"assistant",)"
    R"("content":[{"type":"output_text","text":"Hi"}]}],"usage":{"input_tokens":7,"output_tokens":3,)"
    R"("total_tokens":10,"input_tokens_details":{"cached_tokens":2},"output_tokens_details":{"reasoning_tokens":1}}})";

result<answer> read_whole(std::string_view body, bool is_translated = false, usage* spent = nullptr) {
    const padded bytes(body);
    const target to = databricks_target();
    unified::call call;
    call.is_translated = is_translated;
    answer_context context;
    context.spent = spent;
    return to.via->read_answer(call, to, context, bytes.view());
}

TEST(databricks, the_answer_of_an_agent_goes_back_as_it_came_and_counts) {
    for (const std::string_view body : {agent_messages, agent_response}) {
        const auto got = read_whole(body);
        ASSERT_TRUE(got) << got.error().message;
        EXPECT_FALSE(got->rewritten);
        EXPECT_TRUE(got->has_choices);
        EXPECT_TRUE(got->used.known);
        EXPECT_EQ(got->used.prompt_tokens, 7);
        EXPECT_EQ(got->used.completion_tokens, 3);
    }
    EXPECT_EQ(read_whole(agent_response)->used.cached_tokens, 2);
    EXPECT_EQ(read_whole(agent_response)->used.reasoning_tokens, 1);
}

TEST(databricks, what_is_no_answer_of_an_agent_is_an_error) {
    for (const std::string_view body :
         {R"({"messages":[]})",
          R"({"messages":["x"],"usage":{"total_tokens":1}})",
          R"({"output":"x"})",
          R"({"object":"response","output":[{"type":"message"}],"error":{"code":"server_error"}})",
          R"({"object":"response","output":[{"type":"message"}],"status":"failed"})",
          R"({"delta":{"content":"x"}})"}) {
        EXPECT_FALSE(read_whole(body)) << body;
    }
    const padded bytes(agent_messages);
    for (const target& to : {databricks_target(task::embeddings), openai_target()})
        EXPECT_FALSE(to.via->read_answer({}, to, bytes.view()));
}

TEST(databricks, a_client_of_a_translated_api_is_told_that_an_agent_is_no_chat) {
    for (const std::string_view body : {agent_messages, agent_response}) {
        usage spent;
        const auto got = read_whole(body, true, &spent);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, errc::bad_request);
        EXPECT_THAT(got.error().message, HasSubstr("/invocations"));
        EXPECT_EQ(spent.prompt_tokens, 7);
    }
}

// As decoded(), with what was used, for a call of another API.
std::string agent_stream(const std::string& in, usage& used, bool is_translated = false) {
    const target to = databricks_target();
    unified::call call;
    call.is_translated = is_translated;
    const auto decoder = to.via->make_decoder(call, to);
    const padded bytes(in);
    std::string out;
    auto good = decoder->body(bytes.view(), out);
    if (good) good = decoder->end(out);
    used = decoder->used();
    if (!good) return out + "!" + good.error().message;
    EXPECT_TRUE(decoder->finished());
    return out;
}

TEST(databricks, the_parts_of_an_agents_messages_pass_until_done) {
    const std::string first = event(R"({"delta":{"role":"assistant","content":"H","id":"m-1"}})");
    const std::string second = event(
        R"({"delta":{"role":"assistant","content":"i","id":"m-1"},"finish_reason":null,"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})");
    const std::string end =
        event(R"({"delta":{"role":"assistant","content":"","id":"m-1"},"finish_reason":"stop"})");
    const std::string other = event(R"({"databricks_output":{"trace":{}}})");
    usage used;
    EXPECT_EQ(agent_stream(first + second + other + std::string(done), used),
              first + second + other + std::string(done));
    EXPECT_EQ(used.prompt_tokens, 7);
    EXPECT_EQ(used.completion_tokens, 3);
    EXPECT_EQ(agent_stream(first + end, used), first + end + std::string(done));
    EXPECT_EQ(decoded({first + second + std::string(done)}, true, databricks_target()),
              first + second + std::string(done));
    EXPECT_THAT(agent_stream(first + second, used), HasSubstr("stream ended early"));
    EXPECT_THAT(agent_stream(first + event(R"({"error":"broken"})"), used), HasSubstr("broken"));
    EXPECT_THAT(agent_stream(first, used, true), HasSubstr("/invocations"));
}

TEST(databricks, the_events_of_an_agents_response_pass_until_done) {
    const std::string delta = event(R"({"type":"response.output_text.delta","item_id":"m","delta":"Hi"})");
    const std::string item =
        event(R"({"type":"response.output_item.done","item":{"type":"message","id":"m"}})");
    const std::string completed = event(
        R"({"type":"response.completed","response":{"object":"response","output":[],"usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10}}})");
    usage used;
    EXPECT_EQ(agent_stream(delta + item + std::string(done), used), delta + item + std::string(done));
    EXPECT_EQ(agent_stream("event: response.output_text.delta\n" + delta + completed, used),
              delta + completed + std::string(done));
    EXPECT_EQ(used.prompt_tokens, 7);
    EXPECT_EQ(used.completion_tokens, 3);
    EXPECT_THAT(agent_stream(delta + item, used), HasSubstr("stream ended early"));
    EXPECT_THAT(
        agent_stream(delta + event(R"({"type":"response.failed","response":{"error":{"message":"gone"}}})"),
                     used),
        testing::AllOf(testing::StartsWith(delta + "!"), HasSubstr("gone")));
    EXPECT_THAT(agent_stream(delta + event(R"({"type":"error","message":"gone"})"), used),
                testing::AllOf(testing::StartsWith(delta + "!"), HasSubstr("gone")));
    EXPECT_THAT(agent_stream(item + std::string(done), used, true), HasSubstr("/invocations"));
}

TEST(databricks, an_error_of_the_api_in_a_stream_ends_it) {
    const std::string out = decoded(
        {event(R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"busy"})")}, false, databricks_target());
    EXPECT_THAT(
        out,
        HasSubstr(R"("external_model_error":{"error_code":"TEMPORARILY_UNAVAILABLE","message":"busy"})"));
    EXPECT_EQ(upstream_stream_error(databricks_target(), R"({"error_code":"TEMPORARILY_UNAVAILABLE"})").code,
              errc::temporarily_unavailable);
}

TEST(databricks, errors_are_nested_whole_without_the_token_and_up_to_a_size) {
    const target to = databricks_target();
    const error small = upstream_error(
        to, 403, {}, R"({"error_code":"PERMISSION_DENIED","message":"dapi-unit-0123456789"})", 0);
    EXPECT_EQ(small.code, errc::permission_denied);
    EXPECT_THAT(small.message, HasSubstr(R"({"error_code":"PERMISSION_DENIED","message":")"));
    EXPECT_THAT(small.message, Not(HasSubstr("dapi-unit")));
    const error large = upstream_error(to, 500, {}, R"({"message":")" + std::string(20'000, 'x') + "\"}", 0);
    EXPECT_LT(large.message.size(), 8'000U);
}

} // namespace
} // namespace sluice::providers::databricks_test
