// Clients' own dialects on their way to providers that speak them.
#include "providers/dialect_errors.hpp"
#include "providers/native.hpp"
#include "tests/unit/providers/padded.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::providers::native::native_test {
namespace {

using testing::HasSubstr;
using testing::Not;

target to(const upstream_api& via) {
    target made;
    made.via = &via;
    made.provider_name = "p";
    made.model = "m";
    made.model_json = R"("m")";
    return made;
}

std::string
sent(dialect speaks, const upstream_api& via, std::string_view body, std::string_view forwarded = "") {
    const padded bytes(body);
    unified::call call;
    auto good = parse(speaks, bytes.view(), call);
    if (!good) return good.error().message;
    call.forwarded = forwarded;
    const target where = to(via);
    upstream_request out;
    EXPECT_TRUE(via.encode(call, where, out));
    std::string all;
    for (const std::string_view piece : out.body)
        all += piece;
    EXPECT_EQ(all.size(), out.body_size);
    EXPECT_THAT(out.head_tail, HasSubstr("Content-Length: " + std::to_string(all.size()) + "\r\n\r\n"));
    return all;
}

TEST(native, only_the_models_name_is_replaced) {
    EXPECT_EQ(sent(dialect::messages, messages_api(), R"({ "max_tokens":1, "model" : "ep","x":[1.0,"é"] })"),
              R"({ "max_tokens":1, "model" : "m","x":[1.0,"é"] })");
    EXPECT_EQ(sent(dialect::responses, responses_api(), R"({"model":"ep","input":"x"})"),
              R"({"model":"m","input":"x"})");
    EXPECT_EQ(sent(dialect::gemini, gemini_api(), R"({"contents":[],"model":"x"})"),
              R"({"contents":[],"model":"x"})");
}

TEST(native, claude_on_vertex_gets_its_version_and_no_model) {
    EXPECT_EQ(sent(dialect::messages,
                   vertex_messages_api(),
                   R"({"model":"ep","anthropic_version":"x","max_tokens":1,"stream":true})",
                   "anthropic-beta: y\r\n"),
              R"({"anthropic_version":"vertex-2023-10-16","max_tokens":1,"stream":true})");
}

TEST(native, vertex_gets_no_field_of_the_clients_head) {
    const padded bytes(R"({"model":"ep"})");
    unified::call call;
    ASSERT_TRUE(parse(dialect::messages, bytes.view(), call));
    call.forwarded = "anthropic-version: 2023-06-01\r\nanthropic-beta: y\r\n";
    upstream_request out;
    const target where = to(vertex_messages_api());
    ASSERT_TRUE(where.via->encode(call, where, out));
    EXPECT_THAT(out.head_tail, Not(HasSubstr("anthropic")));
    const target itself = to(messages_api());
    ASSERT_TRUE(itself.via->encode(call, itself, out));
    EXPECT_THAT(out.head_tail, HasSubstr("anthropic-version: 2023-06-01\r\nanthropic-beta: y\r\n"));
}

TEST(native, the_gateways_own_members_are_kept_and_extra_params_merged) {
    constexpr std::string_view own =
        R"("client_request_id":"m\u00efne","usage_context":{"team":"a"},"extra_params":{"top_k":"5","x":"y"})";
    const auto with = [&](std::string_view rest) {
        return std::string("{").append(own).append(rest).append("}");
    };
    const std::string merged = R"("top_k":5,"x":"y"})";
    EXPECT_EQ(sent(dialect::messages, messages_api(), with(R"(, "max_tokens":1, "model" : "ep")")),
              R"({"max_tokens":1,"model" : "m",)" + merged);
    EXPECT_EQ(sent(dialect::responses, responses_api(), with(R"(,"model":"ep","input":"x")")),
              R"({"model":"m","input":"x",)" + merged);
    EXPECT_EQ(sent(dialect::gemini, gemini_api(), with(R"(,"contents":[])")), R"({"contents":[],)" + merged);
    EXPECT_EQ(sent(dialect::gemini, gemini_api(), R"({"usage_context":null})"), "{}");
    EXPECT_EQ(sent(dialect::messages, vertex_messages_api(), with(R"(,"model":"ep","max_tokens":1)")),
              R"({"anthropic_version":"vertex-2023-10-16","max_tokens":1,)" + merged);
    const padded bytes(with(R"(,"model":"ep")"));
    unified::call call;
    ASSERT_TRUE(parse(dialect::messages, bytes.view(), call));
    EXPECT_EQ(call.client_request_id, "m\u00efne");
    const unified::member* const context = call.find(unified::known::usage_context);
    ASSERT_TRUE(context);
    EXPECT_EQ(bytes.view().substr(context->value_begin, context->value_end - context->value_begin),
              R"({"team":"a"})");
}

TEST(native, what_the_gateways_own_members_must_be_is_that_of_a_chat) {
    const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {R"("usage_context":"x")", "'usage_context' must be an object of texts."},
        {R"("usage_context":{"a":1})", "'usage_context' must be an object of texts."},
        {R"("client_request_id":7)", "'client_request_id' must be a text."},
        {R"("extra_params":[])", "'extra_params' must be an object of texts."},
        {R"("extra_params":{"max_tokens":"7"})",
         "'extra_params' has 'max_tokens', which the body has already."},
        {R"("extra_params":{"model":"x"})", "'extra_params' must not have 'model'."},
        {R"("extra_params":{"background":"true"})", "'extra_params' must not have 'background'."},
        {R"("extra_params":{"anthropic_version":"x"})", "'extra_params' must not have 'anthropic_version'."}};
    for (const auto& [member, refusal] : table) {
        for (const dialect speaks : {dialect::messages, dialect::responses, dialect::gemini}) {
            EXPECT_EQ(sent(speaks,
                           messages_api(),
                           std::string(R"({"model":"ep","max_tokens":1,)").append(member).append("}")),
                      refusal);
        }
    }
    const std::string long_text(std::size_t{11} * 1024, 'x');
    EXPECT_EQ(sent(dialect::messages, messages_api(), R"({"usage_context":{"a":")" + long_text + R"("}})"),
              "'usage_context' must be at most 10 KiB.");
}

TEST(native, a_member_that_is_given_twice_is_refused) {
    EXPECT_EQ(sent(dialect::messages, messages_api(), R"({"model":"a","max_tokens":1,"max_tok\u0065ns":9})"),
              "'max_tokens' is given twice.");
    EXPECT_EQ(sent(dialect::gemini, gemini_api(), R"({"contents":[],"contents":[]})"),
              "'contents' is given twice.");
    const std::string name(65, 'x');
    EXPECT_EQ(sent(dialect::responses, responses_api(), "{\"" + name + "\":1,\"" + name + "\":1}"),
              "A member is given twice.");
}

// To resolve every key anew for each one behind it would take gigabytes of copies.
TEST(native, many_long_keys_are_compared_by_what_they_mean) {
    const std::string tail(16'000, 'x');
    std::string body = "{";
    for (int i = 0; i < 999; ++i)
        body.append("\"\\u0061").append(std::to_string(i)).append(tail).append("\":1,");
    EXPECT_THAT(sent(dialect::gemini, gemini_api(), body + R"("contents":[]})"),
                HasSubstr(R"("contents":[]})"));
    EXPECT_EQ(sent(dialect::gemini, gemini_api(), body + "\"a500" + tail + "\":1}"),
              "A member is given twice.");
}

TEST(native_responses, an_answer_in_the_background_cannot_be_counted) {
    EXPECT_THAT(
        sent(dialect::responses, responses_api(), R"({"model":"a","input":"x","b\u0061ckground":true})"),
        HasSubstr("background is not supported"));
    EXPECT_EQ(sent(dialect::responses, responses_api(), R"({"model":"a","background":1})"),
              "'background' must be true or false.");
    EXPECT_EQ(sent(dialect::responses, responses_api(), R"({"model":"a","background":false,"store":true})"),
              R"({"model":"m","background":false,"store":true})");
}

TEST(native, a_body_must_be_an_object_with_one_model) {
    unified::call call;
    for (const std::string_view body : {"",
                                        "[]",
                                        "{",
                                        R"({"model":7})",
                                        R"({"model":"a","model":"b"})",
                                        R"({"model":"a","stream":"yes"})",
                                        R"({"stream":true,"str\u0065am":true})",
                                        R"({"model":"a"} x)"}) {
        const padded bytes(body);
        const auto got = parse(dialect::messages, bytes.view(), call);
        ASSERT_FALSE(got) << body;
        EXPECT_EQ(got.error().code, errc::bad_request);
    }
    const padded bytes(R"({"mod\u0065l":"e\u0070","stream":true})");
    ASSERT_TRUE(parse(dialect::messages, bytes.view(), call));
    EXPECT_EQ(call.model, "ep");
    EXPECT_TRUE(call.stream);
}

struct outcome {
    std::string out;
    bool good = false;
    bool finished = false;
    usage used;
    std::string error;
};

outcome stream(const upstream_api& via, const std::vector<std::string>& pieces, bool as_list) {
    const target where = to(via);
    unified::call call;
    answer_context context;
    context.as_list = as_list;
    const auto decoder = via.make_decoder(call, where, context);
    outcome got;
    result<void> good;
    for (const std::string& piece : pieces) {
        const padded bytes(piece);
        good = decoder->body(bytes.view(), got.out);
        if (!good) break;
    }
    if (good && !decoder->finished()) good = decoder->end(got.out);
    got.good = good.has_value();
    if (!good) got.error = good.error().message;
    got.finished = decoder->finished();
    got.used = decoder->used();
    return got;
}

// Whole, and cut at every byte.
outcome every_way(const upstream_api& via, const std::string& text, bool as_list = false) {
    const outcome whole = stream(via, {text}, as_list);
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const outcome cut = stream(via, {text.substr(0, at), text.substr(at)}, as_list);
        EXPECT_EQ(cut.out, whole.out) << at;
        EXPECT_EQ(cut.good, whole.good) << at;
        EXPECT_EQ(cut.used, whole.used) << at;
    }
    return whole;
}

const std::string message_start =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9,"
    "\"cache_read_input_tokens\":3,\"output_tokens\":1}}}\n\n";
const std::string message_delta = "event: message_delta\ndata: "
                                  "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                                  "\"usage\":{\"output_tokens\":4}}\n\n";
const std::string message_stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

TEST(native_messages, events_pass_and_their_usage_is_read) {
    const std::string text = message_start + message_delta + message_stop;
    const outcome got = every_way(messages_api(), text);
    EXPECT_TRUE(got.good);
    EXPECT_TRUE(got.finished);
    EXPECT_EQ(got.out, text);
    EXPECT_EQ(got.used.prompt_tokens, 12);
    EXPECT_EQ(got.used.cached_tokens, 3);
    EXPECT_EQ(got.used.completion_tokens, 4);
}

TEST(native_messages, line_ends_and_comments_are_put_into_one_form) {
    const outcome got =
        every_way(messages_api(),
                  ": hello\r\n" + message_delta +
                      "event: message_stop\r\ndata:{\"type\":\r\ndata: \"message_stop\"}\r\n\r\n");
    EXPECT_TRUE(got.good);
    EXPECT_EQ(got.out, message_delta + "event: message_stop\ndata: {\"type\":\ndata: \"message_stop\"}\n\n");
}

TEST(native_messages, a_stream_that_ends_early_or_in_an_error_is_no_success) {
    EXPECT_FALSE(every_way(messages_api(), message_start + message_delta).good);
    const outcome failed = every_way(
        messages_api(),
        message_start +
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n");
    EXPECT_FALSE(failed.good);
    EXPECT_EQ(failed.out, message_start);
    EXPECT_THAT(failed.error, HasSubstr("overloaded_error"));
    EXPECT_FALSE(every_way(messages_api(), "data: [1]\n\n").good);
}

TEST(native_messages, an_error_of_a_service_around_claude_is_one_too) {
    const std::string_view error = R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"busy"}})";
    const target where = to(vertex_messages_api());
    const padded body(error);
    const auto read = vertex_messages_api().read_answer({}, where, body.view());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::request_limit_exceeded);
    const outcome got = every_way(vertex_messages_api(),
                                  message_start + "data: " + std::string(error) + "\n\n" + message_stop);
    EXPECT_FALSE(got.good);
    EXPECT_EQ(got.out, message_start);
}

const std::string created =
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"usage\":null}}\n\n";
const std::string completed =
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"object\":\"response\","
    "\"error\":null,\"usage\":{\"input_tokens\":5,\"input_tokens_details\":{\"cached_tokens\":2},"
    "\"output_tokens\":7,\"output_tokens_details\":{\"reasoning_tokens\":6},\"total_tokens\":12}}}\n\n";

TEST(native_responses, events_pass_and_their_usage_is_read) {
    const outcome got = every_way(responses_api(), created + completed);
    EXPECT_TRUE(got.good);
    EXPECT_EQ(got.out, created + completed);
    EXPECT_EQ(got.used.prompt_tokens, 5);
    EXPECT_EQ(got.used.cached_tokens, 2);
    EXPECT_EQ(got.used.completion_tokens, 7);
    EXPECT_EQ(got.used.reasoning_tokens, 6);
    EXPECT_EQ(got.used.total_tokens, 12);
}

TEST(native_responses, a_stream_needs_its_end) {
    EXPECT_FALSE(every_way(responses_api(), created).good);
    EXPECT_FALSE(every_way(responses_api(), created + "data: {\"type\":\"error\",\"code\":\"x\"}\n\n").good);
    EXPECT_FALSE(every_way(responses_api(), "data: {\"error\":{\"message\":\"x\"}}\n\n").good);
}

std::string candidate(std::string_view rest) {
    return std::string("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}")
        .append(rest)
        .append("}]}\r\n\r\n");
}

TEST(native_gemini, a_stream_ends_when_every_candidate_has_its_reason) {
    const std::string last = candidate(",\"finishReason\":\"STOP\"");
    const std::string used = "data: {\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":2,"
                             "\"totalTokenCount\":5}}\r\n\r\n";
    const outcome got = every_way(gemini_api(), candidate("") + last + used);
    EXPECT_TRUE(got.good);
    EXPECT_EQ(got.used.total_tokens, 5);
    EXPECT_TRUE(every_way(gemini_api(), last).good);
    EXPECT_FALSE(every_way(gemini_api(), candidate("")).good);
    EXPECT_FALSE(every_way(gemini_api(), last + candidate(",\"index\":1")).good);
    EXPECT_FALSE(every_way(gemini_api(), candidate("") + "data: {\"error\":{\"code\":503}}\n\n").good);
    EXPECT_TRUE(every_way(gemini_api(), "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n").good);
}

TEST(native_gemini, a_stream_may_become_a_json_list) {
    const std::string text = candidate("") + ": a comment\r\n\r\n" + candidate(",\"finishReason\":\"STOP\"");
    const outcome got = every_way(gemini_api(), text, true);
    EXPECT_TRUE(got.good);
    EXPECT_EQ(got.out,
              "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]},\r\n"
              "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"finishReason\":\"STOP\"}]}]");
    const std::string two_lines = "data: {\"promptFeedback\":\ndata: {\"blockReason\":\"SAFETY\"}}\n\n";
    EXPECT_EQ(every_way(gemini_api(), two_lines, true).out,
              "[{\"promptFeedback\":\n{\"blockReason\":\"SAFETY\"}}]");
    outcome cut = every_way(gemini_api(), candidate(""), true);
    EXPECT_FALSE(cut.good);
    append_error_element(dialect::gemini, cut.out, error{errc::bad_upstream, "x"});
    EXPECT_EQ(cut.out,
              "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]},\r\n"
              "{\"error\":{\"code\":502,\"message\":\"x\",\"status\":\"INTERNAL\"},"
              "\"error_code\":\"INTERNAL_ERROR\",\"message\":\"x\"}]");
    EXPECT_EQ(every_way(gemini_api(), "data: {\"error\":{\"code\":503}}\n\n", true).out, "");
    EXPECT_EQ(as_list("{}"), "[{}]");
}

TEST(native, an_error_may_stand_in_a_list) {
    const std::string list = "data: [{\"error\":{\"code\":429,\"message\":\"busy\"}}]\n\n";
    for (const auto& [api, begin] : {std::pair{&messages_api(), message_start},
                                     std::pair{&responses_api(), created},
                                     std::pair{&gemini_api(), candidate("")}}) {
        for (const std::string& events : {list, begin + list}) {
            const outcome got = every_way(*api, events);
            EXPECT_FALSE(got.good) << events;
            EXPECT_THAT(got.error, HasSubstr("busy")) << events;
        }
    }
}

TEST(native, tokens_are_guessed_by_the_length_of_the_texts) {
    EXPECT_EQ(estimate_tokens("{}"), 1);
    const std::string words =
        R"({"messages":[{"content":"one two three four five six seven eight nine ten"}]})";
    EXPECT_GT(estimate_tokens(words), 8);
    EXPECT_LT(estimate_tokens(words), 30);
    EXPECT_LT(estimate_tokens(R"({"data":")" + std::string(1'000'000, 'A') + R"("})"), 2000)
        << "an image is not its bytes";
}

std::string body(dialect speaks, const error& e) {
    return providers::error_body(speaks, e);
}

TEST(dialect_errors, every_dialect_has_its_form_with_ours_beside) {
    const error e{errc::permission_denied, "no"};
    EXPECT_EQ(body(dialect::openai, e), R"({"error_code":"PERMISSION_DENIED","message":"no"})");
    EXPECT_EQ(body(dialect::responses, e), R"({"error_code":"PERMISSION_DENIED","message":"no"})");
    EXPECT_EQ(body(dialect::messages, e),
              R"({"type":"error","error":{"type":"permission_error","message":"no"},)"
              R"("error_code":"PERMISSION_DENIED","message":"no"})");
    EXPECT_EQ(body(dialect::gemini, e),
              R"({"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"},)"
              R"("error_code":"PERMISSION_DENIED","message":"no"})");
}

TEST(dialect_errors, the_upstreams_own_words_are_the_inner_message) {
    const error e{errc::temporarily_unavailable,
                  R"({"external_model_provider":"p","external_model_error":{"type":"error","error":)"
                  R"({"type":"overloaded_error","message":"Overloaded"}}})"};
    EXPECT_THAT(body(dialect::messages, e),
                HasSubstr(R"("error":{"type":"overloaded_error","message":"Overloaded"})"));
}

TEST(dialect_errors, events_are_those_that_the_sdks_raise_on) {
    std::string out;
    append_error_event(dialect::messages, out, error{errc::bad_upstream, "x"});
    EXPECT_TRUE(out.starts_with("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\""))
        << out;
    out.clear();
    append_error_event(dialect::responses, out, error{errc::bad_upstream, "x"});
    EXPECT_TRUE(out.starts_with("event: error\ndata: {\"type\":\"error\",\"error\":{")) << out;
    out.clear();
    append_error_event(dialect::gemini, out, error{errc::bad_upstream, "x"});
    EXPECT_TRUE(out.starts_with("data: {\"error\":{\"code\":502,")) << out;
    EXPECT_TRUE(out.ends_with("\n\n"));
}

} // namespace
} // namespace sluice::providers::native::native_test
