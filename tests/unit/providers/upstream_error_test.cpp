#include "core/base/base64.hpp"
#include "providers/redact.hpp"
#include "providers/retry_after.hpp"
#include "tests/unit/providers/openai_fixture.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::upstream_error_test {

namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t now_ms = 1'700'000'000'000; // Tue, 14 Nov 2023 22:13:20 GMT

// The value of external_model_error, checked to stand in exactly the two keys.
boost::json::value nested(const error& e) {
    const boost::json::value message = boost::json::parse(e.message);
    EXPECT_EQ(message.as_object().size(), 2U);
    EXPECT_EQ(message.at("external_model_provider"), "openai");
    EXPECT_EQ(message.as_object().begin()->key(), "external_model_provider");
    return message.at("external_model_error");
}

error with_body(std::string_view body, int status = 400) {
    return upstream_error(openai_target(), status, {}, body, now_ms);
}

TEST(upstream_error, every_status_has_its_answer) {
    const std::vector<std::pair<int, errc>> table = {
        {400, errc::bad_request},
        {401, errc::unauthenticated},
        {402, errc::bad_request},
        {403, errc::permission_denied},
        {404, errc::endpoint_not_found},
        {405, errc::bad_request},
        {406, errc::bad_request},
        {408, errc::deadline_exceeded},
        {409, errc::resource_conflict},
        {410, errc::bad_request},
        {413, errc::bad_request},
        {415, errc::bad_request},
        {418, errc::bad_request},
        {422, errc::bad_request},
        {424, errc::bad_upstream},
        {429, errc::request_limit_exceeded},
        {499, errc::bad_upstream},
        {500, errc::internal_error},
        {501, errc::bad_upstream},
        {502, errc::bad_upstream},
        {503, errc::temporarily_unavailable},
        {504, errc::deadline_exceeded},
        {529, errc::temporarily_unavailable},
        {599, errc::bad_upstream},
        {101, errc::bad_upstream},
        {200, errc::bad_upstream},
        {204, errc::bad_upstream},
        {301, errc::bad_upstream},
        {999, errc::bad_upstream},
        {0, errc::bad_upstream},
    };
    for (const auto& [status, code] : table)
        EXPECT_EQ(with_body("{}", status).code, code) << status;
}

TEST(upstream_error, json_is_nested_as_it_is_and_text_as_a_string) {
    EXPECT_EQ(
        with_body("{\n  \"error\" : { \"code\": 1.0, \"a b\":\"x  y\" }\n}").message,
        R"({"external_model_provider":"openai","external_model_error":{"error":{"code":1.0,"a b":"x  y"}}})");
    EXPECT_EQ(with_body("<h1>\"Bad\"</h1>\n").message,
              R"({"external_model_provider":"openai","external_model_error":"<h1>\"Bad\"</h1>\n"})");
    EXPECT_EQ(nested(with_body("")), "");
    EXPECT_EQ(nested(with_body("{\"a\":01}")), "{\"a\":01}");
    EXPECT_EQ(nested(with_body("a\xff"
                               "b")),
              "a\xef\xbf\xbd"
              "b");
}

TEST(upstream_error, text_is_cut_to_4_KiB_between_characters) {
    EXPECT_EQ(nested(with_body(std::string(10'000, 'a'))).as_string().size(), 4096U);
    const std::string planets = "x" + [] {
        std::string text;
        for (int i = 0; i < 2000; ++i)
            text += "\xf0\x9f\xaa\x90";
        return text;
    }();
    const auto cut = nested(with_body(planets));
    EXPECT_EQ(cut.as_string().size(), 4093U);
    EXPECT_EQ(cut.as_string().find("\xef\xbf\xbd"), boost::json::string::npos);
    const std::string large = "{\"a\":\"" + std::string(70'000, 'a') + "\"}";
    EXPECT_EQ(nested(with_body(large)).as_string().size(), 4096U);
    EXPECT_TRUE(nested(with_body("{\"a\":\"" + std::string(60'000, 'a') + "\"}")).is_object());
}

TEST(upstream_error, phrases_that_make_clients_retry_are_broken_and_the_message_stays_json) {
    for (const std::string_view body :
         {R"({"error":{"message":"Unexpected error, RPC token bucket limit has been exceeded"}})",
          "Unexpected error",
          "\ttimed out after 5 s",
          R"({"m":"\timed out after 5 s"})",
          R"({"m":"\u00deadline exceeded"})",
          R"({"deadline exceeded":"Deadline Exceeded"})"}) {
        const error e = with_body(body);
        static_cast<void>(nested(e));
        EXPECT_EQ(break_retry_phrases(e.message), e.message) << body;
    }
}

TEST(upstream_error, a_failure_without_an_answer_is_nested_too) {
    const error e = upstream_failure(openai_target(), errc::deadline_exceeded, "no answer within 60 s");
    EXPECT_EQ(e.code, errc::deadline_exceeded);
    EXPECT_EQ(e.message,
              R"({"external_model_provider":"openai","external_model_error":"no answer within 60 s"})");
}

TEST(upstream_error, an_error_in_a_stream_gets_its_status_from_what_it_says) {
    const std::vector<std::pair<std::string_view, errc>> table = {
        {R"({"error":{"type":"server_error","code":null}})", errc::internal_error},
        {R"({"error":{"type":"x","code":429}})", errc::request_limit_exceeded},
        {R"({"error":{"type":"x","code":"503"}})", errc::temporarily_unavailable},
        {R"({"error":{"type":"invalid_request_error","code":"rate_limit_exceeded"}})",
         errc::request_limit_exceeded},
        {R"({"error":{"type":"invalid_request_error","code":"context_length_exceeded"}})", errc::bad_request},
        {R"({"error":{"type":"overloaded_error"}})", errc::temporarily_unavailable},
        {R"({"error":{"type":"authentication_error"}})", errc::unauthenticated},
        {R"({"error":{"message":"m"}})", errc::bad_upstream},
        {R"({"error":"m"})", errc::bad_upstream},
        {R"([{"error":{"code":500,"status":"INTERNAL"}}])", errc::internal_error},
        {R"({"type":"error","status":404})", errc::endpoint_not_found},
        {R"({"error":{"code":200}})", errc::bad_upstream},
        {R"({"error":{"code":99999999999999}})", errc::bad_upstream},
        {"[]", errc::bad_upstream},
        {"not json", errc::bad_upstream},
    };
    for (const auto& [data, code] : table)
        EXPECT_EQ(upstream_stream_error(openai_target(), data).code, code) << data;
}

const std::string secret = "sk-proj-Ab3/dE+f6Hi9kL2mNo5";

std::string redacted(std::string_view text, std::string_view key = secret) {
    const std::vector<secret_string> keys = {secret_string(key)};
    return redact(text, keys);
}

TEST(redact, a_key_goes_in_whatever_form_it_stands) {
    EXPECT_EQ(redacted("key " + secret + "."), "key [redacted].");
    EXPECT_EQ(redacted(secret + secret), "[redacted]");
    EXPECT_EQ(redacted(R"("sk-proj-Ab3\/dE+f6Hi9kL2mNo5")"), R"("[redacted]")");
    EXPECT_EQ(redacted("?k=sk-proj-Ab3%2FdE%2Bf6Hi9kL2mNo5&x"), "?k=[redacted]&x");
    EXPECT_EQ(redacted("%73k%2dproj%2DAb3%2fdE%2bf6Hi9kL2mNo5"), "[redacted]");
    EXPECT_EQ(redacted(R"(\u0073\u006b\u002dproj-Ab3\u002fdE+f6Hi9kL2mNo5 x)"), "[redacted] x");
    EXPECT_EQ(redacted(R"("{\"k\":\"sk-proj-Ab3\\\/dE+f6Hi9kL2mNo5\"}")"), R"("{\"k\":\"[redacted]\"}")");
    for (const std::string before : {"", "a", "ab", "user:"}) {
        const std::string encoded = base64_encode(before + secret + "x");
        const std::string out = redacted("Basic " + encoded + " end");
        EXPECT_THAT(out, HasSubstr("[redacted]")) << before;
        EXPECT_LT(out.size(), 30U) << out;
    }
    EXPECT_EQ(redacted("nothing to see"), "nothing to see");
    for (const std::string_view digits : {"736b2d70726f6a2d4162332f64452b66364869396b4c326d4e6f35",
                                          "736B2D70726F6A2D4162332F64452B66364869396B4C326D4E6F35",
                                          "SK-PROJ-AB3/DE+F6HI9KL2MNO5",
                                          "sk-proj-ab3/de+f6hi9kl2mno5"})
        EXPECT_EQ(redacted("key " + std::string(digits) + "."), "key [redacted].");
}

TEST(redact, parts_of_a_key_go_from_8_characters_on) {
    EXPECT_EQ(redacted("ends in 6Hi9kL2mNo5!"), "ends in [redacted]!");
    EXPECT_EQ(redacted("part Hi9kL2mN here"), "part [redacted] here");
    EXPECT_EQ(redacted("short Hi9kL2m here"), "short Hi9kL2m here");
}

TEST(redact, masked_keys_go) {
    for (const std::string_view masked : {"sk-p***mNo5",
                                          "sk-proj-****************2mNo5",
                                          "sk-proj***",
                                          "***2mNo5",
                                          "sk-p\xe2\x80\xa6mNo5",
                                          "sk-p...mNo5",
                                          "sk-p\xe2\x80\xa2\xe2\x80\xa2mNo5",
                                          "sk-p*o5",
                                          "sk-pxxxxxxxxmNo5",
                                          "sk-projXXX",
                                          "sk-p####mNo5",
                                          "sk-p[REDACTED]",
                                          "<hidden>mNo5"}) {
        EXPECT_EQ(redacted("Incorrect API key provided: " + std::string(masked) + ". You can"),
                  "Incorrect API key provided: [redacted]. You can")
            << masked;
    }
    EXPECT_EQ(redacted("a *** b, sk-... and **bold** x..."), "a *** b, sk-... and **bold** x...");
    EXPECT_EQ(redacted("xxx sk-[] <a href> #1 [see sk-]"), "xxx sk-[] <a href> #1 [see sk-]");
}

TEST(redact, a_short_key_goes_only_whole) {
    EXPECT_EQ(redacted("abcde abcd", "abcde"), "[redacted] abcd");
    EXPECT_EQ(redacted("abc", "abc"), "abc");
    EXPECT_EQ(redacted("x", ""), "x");
}

TEST(upstream_error, no_key_gets_out) {
    const std::string key = "sk-unit-0123456789"; // of the fixture's target
    const std::vector<std::string> bodies = {
        "{\"error\":{\"message\":\"Incorrect API key provided: sk-unit-*****6789.\"}}",
        "bad key " + key,
        "{\"m\":\"" + key + "\"}",
        "{\"" + key + "\":1}",
        "{\"m\":\"x\\u0073k-unit-0123456789\"}",
        "{\"m\":\"\\u0041" + key + "\"}",
        std::string(4090, 'a') + key};
    for (const std::string& body : bodies) {
        const error e = with_body(body, 401);
        static_cast<void>(nested(e));
        EXPECT_THAT(e.message, Not(HasSubstr("6789"))) << body;
        EXPECT_THAT(e.message, Not(HasSubstr("sk-unit"))) << body;
    }
}

TEST(upstream_error, a_filtered_text_that_is_no_json_any_more_is_nested_as_text) {
    auto config = config_with({}, {{"openai_api_key", "abc\",\"def\":\"ghi"}});
    const target to = openai_provider().resolve("m", task::chat, config, "").value();
    const error e = upstream_error(to, 400, {}, R"({"a":"abc","def":"ghi"})", now_ms);
    EXPECT_EQ(boost::json::serialize(nested(e)), R"({"a":"[redacted]"})");
    auto braces = config_with({}, {{"openai_api_key", R"({"a":"abc)"}});
    const target other = openai_provider().resolve("m", task::chat, braces, "").value();
    EXPECT_EQ(nested(upstream_error(other, 400, {}, R"({"a":"abc","def":"ghi"})", now_ms)),
              R"([redacted]","def":"ghi"})");
}

int after(std::vector<http::field> fields, std::string_view body = "") {
    return retry_after(fields, body, now_ms);
}

TEST(retry_after, sources_are_read_in_order_and_rounded_up) {
    EXPECT_EQ(after({}), 0);
    EXPECT_EQ(after({{"Retry-After", "20"}}), 20);
    EXPECT_EQ(after({{"retry-after", "1.2"}}), 2);
    EXPECT_EQ(after({{"retry-after-ms", "1500"}, {"retry-after", "20"}}), 2);
    EXPECT_EQ(after({{"retry-after-ms", "x"}, {"retry-after", "20"}}), 20);
    EXPECT_EQ(after({{"retry-after", "0"}}), 1);
    EXPECT_EQ(after({{"retry-after", "999999999999"}}), 3600);
    EXPECT_EQ(after({{"retry-after", std::string_view("9999999999999999999999999999999999")}}), 3600);
    EXPECT_EQ(after({{"retry-after", "-5"}}), 0);
    EXPECT_EQ(after({{"retry-after", "soon"}}), 0);
    EXPECT_EQ(after({{"retry-after", ""}}), 0);
}

TEST(retry_after, dates_count_from_now) {
    EXPECT_EQ(after({{"retry-after", "Tue, 14 Nov 2023 22:13:50 GMT"}}), 30);
    EXPECT_EQ(after({{"retry-after", "Tuesday, 14-Nov-23 22:13:50 GMT"}}), 30);
    EXPECT_EQ(after({{"retry-after", "Tue Nov 14 22:13:50 2023"}}), 30);
    EXPECT_EQ(after({{"retry-after", "Tue, 14 Nov 2023 22:13:00 GMT"}}), 1);
    EXPECT_EQ(after({{"retry-after", "Wed, 14 Nov 2029 22:13:00 GMT"}}), 3600);
    EXPECT_EQ(after({{"retry-after", "Tue, 14 Nov 2023 22:13:50 GMT+1"}}), 0);
}

TEST(retry_after, bodies_and_reset_fields_are_read_when_nothing_else_says_it) {
    const std::string_view info = R"({"error":{"details":[{"@type":"…RetryInfo","retryDelay" : "12.5s"}]}})";
    EXPECT_EQ(after({}, info), 13);
    EXPECT_EQ(after({{"retry-after", "3"}}, info), 3);
    EXPECT_EQ(after({}, R"({"retryDelay":13})"), 0);
    EXPECT_EQ(after({}, R"({"retryDelay":")"), 0);
    EXPECT_EQ(after({{"x-ratelimit-reset-requests", "6m0s"}}), 360);
    EXPECT_EQ(after({{"x-ratelimit-reset-requests", "120ms"}, {"x-ratelimit-reset-tokens", "1h2m3s"}}), 3600);
    EXPECT_EQ(after({{"x-ratelimit-reset-requests", "120ms"},
                     {"x-ratelimit-remaining-requests", "0"},
                     {"x-ratelimit-reset-tokens", "30s"},
                     {"x-ratelimit-remaining-tokens", "5"}}),
              1);
    EXPECT_EQ(after({{"x-ratelimit-reset-tokens", "5x"}}), 0);
    EXPECT_EQ(after({{"x-ratelimit-reset-tokens", "5"}}), 0);
}

TEST(upstream_error, only_limits_and_overload_say_when_to_come_again) {
    const std::vector<http::field> fields = {{"retry-after", "7"}};
    const target to = openai_target();
    EXPECT_EQ(upstream_error(to, 429, fields, "", now_ms).retry_after_seconds, 7);
    EXPECT_EQ(upstream_error(to, 503, fields, "", now_ms).retry_after_seconds, 7);
    EXPECT_EQ(upstream_error(to, 529, fields, "", now_ms).retry_after_seconds, 7);
    EXPECT_EQ(upstream_error(to, 500, fields, "", now_ms).retry_after_seconds, 0);
    EXPECT_EQ(upstream_error(to, 400, fields, "", now_ms).retry_after_seconds, 0);
}

std::string frame(const error& e) {
    std::string out = "before";
    unified::append_error_event(out, e);
    return out.substr(6);
}

TEST(error_event, an_upstreams_error_object_is_shown_with_our_status) {
    const error e =
        upstream_stream_error(openai_target(), R"({"error":{"message":"m \"q\"","type":"server_error"}})");
    EXPECT_EQ(
        frame(e),
        "data: "
        R"({"error":{"message":"m \"q\"","type":"server_error","param":null,"code":"500"},"error_code":"INTERNAL_ERROR","message":"{\"external_model_provider\":\"openai\",\"external_model_error\":{\"error\":{\"message\":\"m \\\"q\\\"\",\"type\":\"server_error\"}}}"})"
        "\n\n");
}

TEST(error_event, a_cut_stream_is_named) {
    const error e = upstream_failure(openai_target(), errc::bad_upstream, "stream ended early");
    EXPECT_EQ(
        frame(e),
        "data: "
        R"({"error":{"message":"The upstream stream ended before it was complete.","type":"upstream_stream_truncated","param":null,"code":"502"},"error_code":"INTERNAL_ERROR","message":"{\"external_model_provider\":\"openai\",\"external_model_error\":\"stream ended early\"}"})"
        "\n\n");
}

TEST(error_event, other_failures_show_their_text) {
    EXPECT_THAT(
        frame(upstream_failure(openai_target(), errc::deadline_exceeded, "no data for 60 s")),
        HasSubstr(
            R"({"error":{"message":"no data for 60 s","type":"upstream_timeout","param":null,"code":"504"})"));
    EXPECT_THAT(
        frame(error{errc::temporarily_unavailable, "Draining."}),
        HasSubstr(
            R"({"error":{"message":"Draining.","type":"temporarily_unavailable","param":null,"code":"503"},"error_code":"TEMPORARILY_UNAVAILABLE","message":"Draining."})"));
    EXPECT_THAT(frame(upstream_stream_error(openai_target(), R"({"detail":"no"})")),
                HasSubstr(R"({"error":{"message":"no","type":"upstream_error")"));
    EXPECT_THAT(frame(upstream_stream_error(openai_target(), R"({"error":"no"})")),
                HasSubstr(R"({"error":{"message":"no","type":"upstream_error")"));
    EXPECT_THAT(frame(upstream_stream_error(openai_target(), "[1]")),
                HasSubstr(R"({"error":{"message":"{\"external_model_provider\")"));
}

TEST(error_event, it_is_one_line_of_json_without_retry_phrases) {
    for (const std::string_view data :
         {R"({"error":{"message":"Unexpected\u0020error\nline","type":"Unexpected error"}})",
          "a\nb\r\nc \xff",
          R"({"error":{"message":"\ud83d"}})"}) {
        const std::string out = frame(upstream_stream_error(openai_target(), data));
        ASSERT_TRUE(out.starts_with("data: ") && out.ends_with("}\n\n")) << out;
        const std::string json = out.substr(6, out.size() - 8);
        EXPECT_EQ(json.find_first_of("\r\n"), std::string::npos);
        EXPECT_NO_THROW(static_cast<void>(boost::json::parse(json))) << json;
        EXPECT_EQ(break_retry_phrases(json), json);
        const boost::json::value tree = boost::json::parse(json);
        const auto& message = tree.at("error").at("message").as_string();
        EXPECT_EQ(break_retry_phrases({message.data(), message.size()}),
                  std::string_view(message.data(), message.size()));
    }
}

} // namespace
} // namespace sluice::providers::upstream_error_test
