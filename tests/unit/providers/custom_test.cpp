#include "providers/openai.hpp"
#include "tests/unit/providers/openai_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::custom_test {

namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view url = "https://llm.example.com/v1/chat/completions";

resolved_config with_header(std::string_view name, std::string_view value = "custom-key-0123456789") {
    return config_with({{"custom_provider_url", url}, {"api_key_auth.key", name}},
                       {{"api_key_auth.value", value}});
}

resolved_config with_token(std::string_view token = "custom-token-0123456789", std::string_view at = url) {
    return config_with({{"custom_provider_url", at}}, {{"bearer_token_auth.token", token}});
}

target custom_target(task kind = task::chat) {
    return custom_provider().resolve("qwen", kind, with_token(), "").value();
}

std::string check_message(const resolved_config& config) {
    const auto checked = custom_provider().check(config);
    return checked ? "good" : checked.error().message;
}

std::string head_of(const resolved_config& config) {
    const auto to = custom_provider().resolve("m", task::chat, config, "https://ignored");
    return to ? std::string(to->head.reveal()) : "!" + to.error().message;
}

std::string event(std::string_view data) {
    return std::string("data: ").append(data).append("\n\n");
}

constexpr std::string_view done = "data: [DONE]\n\n";
constexpr std::string_view finish = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";

std::string streamed(std::string_view in, bool wants_usage = false) {
    return decoded({in}, wants_usage, custom_target());
}

TEST(custom, the_url_is_used_as_it_stands) {
    EXPECT_THAT(head_of(with_token("t", "https://h:8443/a//b/?x=1&y=/")),
                testing::StartsWith("POST /a//b/?x=1&y=/ HTTP/1.1\r\nHost: h:8443\r\n"));
    EXPECT_THAT(head_of(with_token("t", "https://h")), testing::StartsWith("POST / HTTP/1.1\r\n"));
    EXPECT_THAT(head_of(with_token("t", "https://h?k")), testing::StartsWith("POST /?k HTTP/1.1\r\n"));
}

TEST(custom, the_credential_goes_into_the_header_that_is_named) {
    EXPECT_THAT(head_of(with_header("X-Api-Key")), HasSubstr("\r\nX-Api-Key: custom-key-0123456789\r\n"));
    EXPECT_THAT(head_of(with_header("X-Api-Key")), Not(HasSubstr("Authorization")));
    EXPECT_THAT(head_of(with_header("Authorization", "Basic dXNlcjpwYXNz")),
                HasSubstr("\r\nAuthorization: Basic dXNlcjpwYXNz\r\n"));
    EXPECT_THAT(head_of(with_token()), HasSubstr("\r\nAuthorization: Bearer custom-token-0123456789\r\n"));
}

TEST(custom, headers_that_would_break_the_request_are_refused) {
    for (const std::string_view name : {"host",
                                        "Host",
                                        "content-length",
                                        "Transfer-Encoding",
                                        "CONNECTION",
                                        "Content-Type",
                                        "Accept-Encoding",
                                        "user-agent",
                                        "Expect",
                                        "te",
                                        "upgrade"}) {
        EXPECT_THAT(check_message(with_header(name)), HasSubstr("'api_key_auth.key' must not be the header"))
            << name;
    }
    for (const std::string_view name : {"X Key", "X-Key:", "X\r\nY", "\xc3\xa9", "(x)"})
        EXPECT_THAT(check_message(with_header(name)), HasSubstr("must be the name of an HTTP header"))
            << name;
    EXPECT_THAT(check_message(with_header(std::string(300, 'x'))), HasSubstr("must be the name"));
    EXPECT_THAT(check_message(with_header("")), HasSubstr("'api_key_auth.key' is missing"));
}

TEST(custom, exactly_one_kind_of_credential) {
    EXPECT_THAT(check_message(config_with({{"custom_provider_url", url}}, {})), HasSubstr("exactly one of"));
    EXPECT_THAT(check_message(config_with({{"custom_provider_url", url}, {"api_key_auth.key", "x"}},
                                          {{"bearer_token_auth.token", ""}})),
                HasSubstr("exactly one of"));
    EXPECT_THAT(check_message(config_with({{"custom_provider_url", url}, {"api_key_auth.key", "x"}}, {})),
                HasSubstr("'api_key_auth.value'"));
    EXPECT_THAT(check_message(config_with({{"custom_provider_url", url}}, {{"api_key_auth.value", ""}})),
                HasSubstr("'api_key_auth.key' is missing"));
    EXPECT_THAT(check_message(with_token("t", "")), HasSubstr("'custom_provider_url' is missing"));
    EXPECT_THAT(check_message(with_token("t", "llm.example.com")), HasSubstr("'custom_provider_url': "));
    EXPECT_EQ(check_message(with_token()), "good");
    EXPECT_EQ(check_message(with_header("x")), "good");
}

TEST(custom, a_secret_that_would_break_the_head_is_refused_and_not_shown) {
    for (const std::string_view secret :
         {"", "secret\r\nX: y", " secret", "secret ", "secr\xc3\xa9t", "sec\tret"}) {
        EXPECT_THAT(head_of(with_header("x", secret)), testing::StartsWith("!'api_key_auth.value'"));
        EXPECT_THAT(head_of(with_header("x", secret)), Not(HasSubstr("sec")));
    }
    EXPECT_THAT(head_of(with_token("a b")), testing::StartsWith("!'bearer_token_auth.token'"));
}

TEST(custom, the_body_goes_on_but_for_the_model) {
    EXPECT_EQ(
        spliced(R"({"vendor":{"a":1.0},"messages":[{}],"model":"mine","max_tokens":3})", custom_target()),
        R"({"vendor":{"a":1.0},"messages":[{}],"model":"qwen","max_tokens":3})");
}

// What goes upstream, and whether a usage is asked for that the client does not want.
std::string asked(std::string_view client, bool asks_no_usage, bool is_translated = false) {
    const padded body(client);
    const target to = custom_target();
    unified::call call;
    EXPECT_TRUE(unified::parse(to.kind, body.view(), call));
    call.asks_no_usage = asks_no_usage;
    call.is_translated = is_translated;
    upstream_request request;
    EXPECT_TRUE(to.via->encode(call, to, request));
    std::string out;
    for (const std::string_view piece : request.body)
        out.append(piece);
    return out.append(call.adds_usage() ? " +" : "");
}

TEST(custom, the_usage_of_a_stream_is_asked_for_until_it_is_refused) {
    constexpr std::string_view plain = R"({"model":"m","messages":[{}],"stream":true})";
    EXPECT_EQ(asked(plain, false),
              R"({"model":"qwen","messages":[{}],"stream":true,"stream_options":{"include_usage":true}} +)");
    EXPECT_EQ(asked(plain, true), R"({"model":"qwen","messages":[{}],"stream":true})");
    EXPECT_EQ(asked(R"({"model":"m","messages":[{}]})", false), R"({"model":"qwen","messages":[{}]})");

    constexpr std::string_view own =
        R"({"model":"qwen","messages":[{}],"stream":true,"stream_options":{"include_usage":true}})";
    EXPECT_EQ(asked(own, false), own);
    EXPECT_EQ(asked(own, true), own);
    EXPECT_EQ(asked(own, false, true), std::string(own) + " +");
    EXPECT_EQ(asked(own, true, true), R"({"model":"qwen","messages":[{}],"stream":true})");

    constexpr std::string_view other =
        R"({"model":"qwen","stream_options":{"x":1},"messages":[{}],"stream":true})";
    EXPECT_EQ(
        asked(other, false),
        R"({"model":"qwen","stream_options":{"include_usage":true,"x":1},"messages":[{}],"stream":true} +)");
    EXPECT_EQ(asked(other, true), other);
}

TEST(custom, a_refusal_of_the_usage_names_stream_options) {
    EXPECT_TRUE(openai::refuses_stream_options(400, R"({"detail":"stream_options: not permitted"})"));
    EXPECT_TRUE(openai::refuses_stream_options(422, "unknown field `stream_options`"));
    EXPECT_FALSE(openai::refuses_stream_options(400, "unknown field `stream`"));
    EXPECT_FALSE(openai::refuses_stream_options(500, "stream_options"));
}

TEST(custom, keys_are_taken_out_of_errors) {
    const auto to = custom_provider().resolve("m", task::chat, with_header("x"), "").value();
    EXPECT_THAT(upstream_error(to, 401, {}, "bad key custom-key-0123456789", 0).message,
                Not(HasSubstr("custom-key")));
    EXPECT_EQ(upstream_error(to, 502, {}, "<html>nginx</html>", 0).message,
              R"({"external_model_provider":"custom","external_model_error":"<html>nginx</html>"})");
}

TEST(custom, good_events_go_on_as_they_came) {
    const std::string in =
        event(
            R"({"choices":[ {"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})") +
        event(R"({"choices":[{"index":0,"delta":{"content":"a","x":1.0}}] , "created":1.5})") +
        event(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"a"}}]})") + event(finish) +
        std::string(done);
    EXPECT_EQ(streamed(in), in);
    EXPECT_EQ(streamed(in, true), in);
}

TEST(custom, a_stream_that_forgets_its_finish_reason_gets_one) {
    const std::string chunk =
        event(R"({"id":"c","choices":[{"index":1,"delta":{"content":"a"}}],"usage":null,"model":"q"})");
    EXPECT_EQ(
        streamed(chunk + std::string(done)),
        event(R"({"id":"c","choices":[{"index":1,"delta":{"content":"a"}}],"model":"q"})") +
            event(R"({"id":"c","choices":[{"index":1,"delta":{},"finish_reason":"stop"}],"model":"q"})") +
            std::string(done));
    EXPECT_EQ(streamed(event(R"({"choices":[{"index":0,"text":"a"}]})") + std::string(done)),
              event(R"({"choices":[{"index":0,"text":"a"}]})") +
                  event(R"({"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]})") +
                  std::string(done));
    EXPECT_THAT(streamed(chunk), HasSubstr("stream ended early"));
    EXPECT_THAT(streamed(done), HasSubstr("stream ended early"));
}

TEST(custom, usage_in_the_finish_chunk_is_split_off) {
    const std::string last = event(
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":3},"id":"c"})");
    EXPECT_EQ(streamed(last + std::string(done), true),
              event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null,"id":"c"})") +
                  event(R"({"choices":[],"id":"c","usage":{"total_tokens":3}})") + std::string(done));
    EXPECT_EQ(streamed(last + std::string(done)),
              event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"id":"c"})") +
                  std::string(done));
}

std::string calls(std::string_view list) {
    return event(std::string(R"({"choices":[{"index":0,"delta":{"tool_calls":)").append(list).append("}}]}"));
}

TEST(custom, tool_calls_without_an_index_are_counted_by_id) {
    EXPECT_EQ(streamed(calls(R"([{"id":"a","function":{"name":"f","arguments":""}}])") +
                       calls(R"([{"function":{"arguments":"{}"}}])") +
                       calls(R"([{"id":"b","index":null},{"id":"a"}])") + calls("[null]") + event(finish)),
              calls(R"([{"id":"a","function":{"name":"f","arguments":""},"index":0}])") +
                  calls(R"([{"function":{"arguments":"{}"},"index":0}])") +
                  calls(R"([{"id":"b","index":1},{"id":"a","index":0}])") + calls("[null]") + event(finish) +
                  std::string(done));
}

TEST(custom, arguments_as_an_object_become_text) {
    EXPECT_EQ(streamed(calls(R"([{"index":0,"function":{"arguments":{ "a" : 1.0, "b" : "\"" }}}])") +
                       event(finish)),
              calls(R"([{"index":0,"function":{"arguments":"{\"a\":1.0,\"b\":\"\\\"\"}"}}])") +
                  event(finish) + std::string(done));
    const padded body(
        R"({"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":{}}}]},"finish_reason":"tool_calls"}]})");
    const target to = custom_target();
    EXPECT_EQ(
        to.via->read_answer({}, to, body.view()).value().rewritten,
        R"({"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})");
}

TEST(custom, content_as_a_list_is_joined) {
    EXPECT_EQ(
        streamed(
            event(
                R"({"choices":[{"index":0,"delta":{"role":"assistant","content":[{"type":"text","text":"a"},"b"]}}]})") +
            event(R"({"choices":[{"index":0,"delta":{"content":[]}}]})") + event(finish)),
        event(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"ab"}}]})") + event(finish) +
            std::string(done));
}

TEST(custom, events_with_one_line_end_between_them_are_told_apart) {
    const std::string chunk = R"({"choices":[{"index":0,"delta":{"content":"a"}}]})";
    EXPECT_EQ(streamed("data: " + chunk + "\ndata: " + std::string(finish) + "\ndata: [DONE]\n\n"),
              event(chunk) + event(finish) + std::string(done));
    EXPECT_THAT(streamed("data: " + chunk + "\ndata: oops\n\n"), HasSubstr("not a JSON object"));
}

TEST(custom, what_stands_around_the_choices_is_not_repeated_for_each_without_a_bound) {
    std::string choices;
    for (int i = 0; i < 1000; ++i)
        choices.append(i == 0 ? "" : ",")
            .append(R"({"index":)")
            .append(std::to_string(i))
            .append(R"(,"delta":{"content":"a"}})");
    const std::string out =
        streamed(event(R"({"id":")" + std::string(1'000'000, 'x') + R"(","choices":[)" + choices + "]}") +
                 std::string(done));
    EXPECT_LT(out.size(), 2'000'000U);
    EXPECT_THAT(out, HasSubstr(R"({"choices":[{"index":999,"delta":{},"finish_reason":"stop"}]})"));
    EXPECT_TRUE(out.ends_with(done));
}

TEST(custom, comments_do_not_go_on) {
    EXPECT_EQ(streamed(": OPENROUTER PROCESSING\n\n: x\n" + event(finish) + ": y\n\n" + std::string(done)),
              event(finish) + std::string(done));
}

TEST(custom, the_bytes_may_come_one_by_one) {
    const std::string in =
        ": c\n\n" + calls(R"([{"id":"a","function":{"arguments":{"x":1}}}])") +
        event(R"({"choices":[{"index":0,"delta":{"content":["\u00e9"]}}],"usage":{"total_tokens":1}})") +
        std::string(done);
    std::vector<std::string_view> bytes;
    bytes.reserve(in.size());
    for (std::size_t i = 0; i < in.size(); ++i)
        bytes.push_back(std::string_view(in).substr(i, 1));
    EXPECT_EQ(decoded(bytes, true, custom_target()), streamed(in, true));
}

} // namespace
} // namespace sluice::providers::custom_test
