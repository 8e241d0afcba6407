// Answers of providers that pass on, with status 200 and yet no answer: an error in them, or nothing that was
// asked for. The client gets an error without keys, whatever the dialect.
#include "providers/native.hpp"
#include "providers/registry.hpp"
#include "tests/unit/providers/openai_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers::failed_answers_test {

namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view key = "sk-unit-0123456789";

target family_target(std::string_view name, task kind) {
    if (name == "custom") {
        return custom_provider()
            .resolve(
                "m",
                kind,
                config_with({{"custom_provider_url", "https://h/v1"}}, {{"bearer_token_auth.token", key}}),
                "")
            .value();
    }
    if (name == "databricks") {
        return databricks_provider()
            .resolve(
                "m",
                kind,
                config_with({{"databricks_workspace_url", "https://h"}}, {{"databricks_api_token", key}}),
                "")
            .value();
    }
    return name == "azure" ? azure_target(kind) : openai_target(kind);
}

result<answer> read(const target& to, std::string_view body) {
    const padded bytes(body);
    unified::call call;
    call.kind = to.kind;
    return to.via->read_answer(call, to, bytes.view());
}

struct failing {
    std::string_view body;
    errc code;
};

// What services say instead of an answer.
const std::vector<failing>& no_answers() {
    static const std::vector<failing> table = {
        {R"({"error":{"message":"bad key sk-unit-0123456789","type":"server_error"}})", errc::internal_error},
        {R"({"error":{"message":"m","code":429},"choices":[]})", errc::request_limit_exceeded},
        {R"({"error":"sk-unit-0123456789"})", errc::bad_upstream},
        {R"({"object":"error","message":"sk-unit-0123456789","type":"BadRequestError","param":null,"code":400})",
         errc::bad_request},
        {R"({"error_code":"REQUEST_LIMIT_EXCEEDED","message":"sk-unit-0123456789"})",
         errc::request_limit_exceeded},
        {R"({"message":"sk-unit-0123456789"})", errc::bad_upstream},
        {R"({"detail":"sk-unit-0123456789"})", errc::bad_upstream},
        {R"({"detail":[{"loc":["body"],"msg":"m"}]})", errc::bad_upstream},
        {R"({})", errc::bad_upstream},
        {R"({"id":"x"})", errc::bad_upstream},
        {R"({"choices":null})", errc::bad_upstream},
        {R"({"choices":[]})", errc::bad_upstream},
        {R"({"choices":[null,7]})", errc::bad_upstream},
        {R"({"choices":{}})", errc::bad_upstream},
        {R"({"choices":[{}]})", errc::bad_upstream},
        {R"({"choices":[{"index":0,"message":null,"text":null,"finish_reason":null}]})", errc::bad_upstream},
        {R"({"data":null})", errc::bad_upstream},
        {R"({"data":[]})", errc::bad_upstream},
        {R"({"data":[{}]})", errc::bad_upstream},
        {R"({"data":[{"embedding":null}]})", errc::bad_upstream},
        {R"({"data":[{"embedding":[ ]}]})", errc::bad_upstream},
        {R"({"data":[{"embedding":""}]})", errc::bad_upstream},
    };
    return table;
}

void expect_failure(const result<answer>& got, const failing& each, std::string_view of) {
    ASSERT_FALSE(got) << of << each.body;
    EXPECT_EQ(got.error().code, each.code) << of << each.body;
    EXPECT_THAT(got.error().message, HasSubstr(R"("external_model_error":)")) << of;
    EXPECT_THAT(got.error().message, Not(HasSubstr("0123456789"))) << of << each.body;
}

TEST(failed_answers, an_answer_of_openais_shapes_has_what_was_asked_for) {
    for (const std::string_view name : {"openai", "azure", "databricks", "custom"}) {
        for (const task kind : {task::chat, task::completions, task::embeddings}) {
            const target to = family_target(name, kind);
            for (const failing& each : no_answers())
                expect_failure(read(to, each.body), each, name);
        }
        EXPECT_TRUE(read(family_target(name, task::chat),
                         R"({"error":null,"detail":"x","choices":[{"message":{"content":"a"}}]})"));
        EXPECT_TRUE(read(family_target(name, task::completions), R"({"choices":[{"text":"a"}]})"));
        EXPECT_TRUE(read(family_target(name, task::completions), R"({"choices":[{"text":""}]})"));
        EXPECT_TRUE(read(family_target(name, task::chat),
                         R"({"choices":[{"index":0,"finish_reason":"content_filter"}]})"))
            << "a filter has emptied it";
        EXPECT_TRUE(read(family_target(name, task::embeddings), R"({"data":[{"embedding":"AACAPw=="}]})"));
        EXPECT_TRUE(read(family_target(name, task::embeddings),
                         R"({"object":"list","data":[{"embedding":[1]}],"message":"x"})"));
        EXPECT_FALSE(read(family_target(name, task::embeddings), R"({"choices":[{"text":"a"}]})"));
        EXPECT_FALSE(read(family_target(name, task::chat), R"({"data":[{"embedding":[1]}]})"));
    }
}

target native_target(const upstream_api& via) {
    target made;
    made.via = &via;
    made.provider_name = "p";
    made.model = "m";
    made.keys.emplace_back(std::string(key));
    return made;
}

TEST(failed_answers, a_native_answer_is_one_of_its_dialect) {
    for (const upstream_api* const via : {&native::messages_api(),
                                          &native::vertex_messages_api(),
                                          &native::count_tokens_api(),
                                          &native::responses_api(),
                                          &native::gemini_api()}) {
        const target to = native_target(*via);
        for (const failing& each : no_answers())
            expect_failure(read(to, each.body), each, "native ");
    }
    const target message = native_target(native::messages_api());
    EXPECT_TRUE(read(message, R"({"type":"message","content":[],"stop_reason":"end_turn"})"));
    EXPECT_FALSE(read(message, R"({"input_tokens":7})"));
    const target counting = native_target(native::count_tokens_api());
    EXPECT_TRUE(read(counting, R"({"input_tokens":7})"));
    EXPECT_FALSE(read(counting, R"({"input_tokens":null})"));
    const target gemini = native_target(native::gemini_api());
    EXPECT_TRUE(
        read(gemini, R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})"));
    EXPECT_TRUE(read(gemini, R"({"promptFeedback":{"blockReason":"SAFETY"}})"));
    EXPECT_FALSE(read(gemini, R"({"usageMetadata":{"promptTokenCount":3}})"));
    const auto in_list = read(gemini, R"([{"error":{"code":503,"message":"sk-unit-0123456789"}}])");
    ASSERT_FALSE(in_list);
    EXPECT_EQ(in_list.error().code, errc::temporarily_unavailable);
    const target response = native_target(native::responses_api());
    EXPECT_TRUE(read(response, R"({"object":"response","status":"incomplete","output":[]})"));
    EXPECT_TRUE(read(response, R"({"output":[],"error":null})"));
    EXPECT_FALSE(read(response, R"({"object":"response","status":"completed","output":null})"));
}

TEST(failed_answers, a_response_that_failed_is_an_error_without_the_clients_own_words) {
    const target to = native_target(native::responses_api());
    const auto got = read(
        to,
        R"({"object":"response","status":"failed","instructions":"secret plan","error":{"code":"rate_limit_exceeded","message":"key sk-unit-0123456789 is busy"},"output":[],"usage":null})");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::request_limit_exceeded);
    EXPECT_THAT(got.error().message, HasSubstr("is busy"));
    EXPECT_THAT(got.error().message, Not(HasSubstr("0123456789")));
    EXPECT_THAT(got.error().message, Not(HasSubstr("secret plan")));
    const auto bare = read(to, R"({"object":"response","status":"failed","error":null})");
    ASSERT_FALSE(bare);
    EXPECT_EQ(bare.error().code, errc::bad_upstream);
}

TEST(failed_answers, a_response_that_nobody_will_fetch_is_none_and_counts_what_it_used) {
    const target to = native_target(native::responses_api());
    for (const std::string_view status : {"queued", "in_progress", "cancelled"}) {
        const padded bytes(std::string(R"({"object":"response","output":[],"status":")")
                               .append(status)
                               .append(R"(","usage":{"input_tokens":4,"output_tokens":3}})"));
        usage spent;
        answer_context context;
        context.spent = &spent;
        const auto got = to.via->read_answer({}, to, context, bytes.view());
        ASSERT_FALSE(got) << status;
        EXPECT_EQ(got.error().code, errc::bad_upstream) << status;
        EXPECT_THAT(got.error().message, HasSubstr(status));
        EXPECT_EQ(spent, (usage{true, 4, 3, 7, 0, 0})) << status;
    }
}

struct streamed {
    std::string out;
    std::optional<error> failed; // the stream cannot go on
    std::optional<error> told;   // what the stream itself has told
    bool finished = false;
};

streamed stream(const target& to, std::string_view text) {
    unified::call call;
    const auto decoder = to.via->make_decoder(call, to);
    const padded bytes(text);
    streamed got;
    auto good = decoder->body(bytes.view(), got.out);
    if (good && !decoder->finished()) good = decoder->end(got.out);
    if (!good) got.failed = good.error();
    if (decoder->failure() != nullptr) got.told = *decoder->failure();
    got.finished = decoder->finished();
    return got;
}

const std::string created =
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"error\":null}}\n\n";
const std::string failed_event =
    "event: response.failed\ndata: "
    "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":"
    "{\"code\":\"rate_limit_exceeded\",\"message\":\"key sk-unit-0123456789 is busy\"}}}\n\n";

TEST(failed_answers, a_response_that_fails_at_once_is_an_error) {
    const streamed got = stream(native_target(native::responses_api()), failed_event);
    ASSERT_TRUE(got.failed);
    EXPECT_EQ(got.failed->code, errc::request_limit_exceeded);
    EXPECT_THAT(got.failed->message, HasSubstr("is busy"));
    EXPECT_THAT(got.failed->message, Not(HasSubstr("0123456789")));
    EXPECT_EQ(got.out, "");
}

TEST(failed_answers, a_response_that_fails_later_is_told_without_keys_and_counts_as_failed) {
    const streamed got = stream(native_target(native::responses_api()), created + failed_event);
    EXPECT_FALSE(got.failed);
    EXPECT_TRUE(got.finished);
    ASSERT_TRUE(got.told);
    EXPECT_EQ(got.told->code, errc::request_limit_exceeded);
    EXPECT_THAT(got.told->message, Not(HasSubstr("0123456789")));
    EXPECT_TRUE(got.out.starts_with(created + "event: response.failed\ndata: {\"type\":\"response.failed\""));
    EXPECT_THAT(got.out, HasSubstr("is busy"));
    EXPECT_THAT(got.out, Not(HasSubstr("0123456789")));
    EXPECT_TRUE(got.out.ends_with("}\n\n"));
    const streamed good =
        stream(native_target(native::responses_api()),
               created + "data: {\"type\":\"response.completed\",\"response\":{\"error\":null}}\n\n");
    EXPECT_TRUE(good.finished);
    EXPECT_FALSE(good.told);
}

TEST(failed_answers, nor_is_the_end_of_a_response_that_says_it_is_not_complete) {
    const auto with = [](std::string_view type, std::string_view status) {
        return stream(native_target(native::responses_api()),
                      created + std::string("data: {\"type\":\"")
                                    .append(type)
                                    .append("\",\"response\":{\"status\":\"")
                                    .append(status)
                                    .append("\"}}\n\n"));
    };
    for (const std::string_view status : {"failed", "cancelled", "in_progress", "queued"})
        EXPECT_TRUE(with("response.completed", status).told) << status;
    EXPECT_TRUE(with("response.cancelled", "cancelled").told);
    EXPECT_FALSE(with("response.completed", "completed").told);
    EXPECT_FALSE(with("response.incomplete", "incomplete").told);
}

TEST(failed_answers, a_failed_response_that_repeats_a_long_request_is_told_as_an_error) {
    std::string event = failed_event;
    event.insert(event.find("\"status\""),
                 "\"instructions\":\"" + std::string(std::size_t{64} * 1024, 'x') + "\",");
    const streamed got = stream(native_target(native::responses_api()), created + event);
    EXPECT_EQ(got.out, created);
    ASSERT_TRUE(got.failed);
    EXPECT_FALSE(got.told) << "it is told once";
    EXPECT_EQ(got.failed->code, errc::request_limit_exceeded);
    EXPECT_THAT(got.failed->message, HasSubstr("is busy"));
    EXPECT_THAT(got.failed->message, Not(HasSubstr("0123456789")));
    EXPECT_LT(got.failed->message.size(), 1024U);
}

TEST(failed_answers, events_that_are_no_events_of_the_dialect_do_not_pass) {
    for (const std::string_view data : {R"({"message":"sk-unit-0123456789"})",
                                        R"({"detail":"sk-unit-0123456789"})",
                                        R"({"object":"error","message":"sk-unit-0123456789"})"}) {
        const std::string event = std::string("data: ").append(data).append("\n\n");
        for (const upstream_api* const via :
             {&native::messages_api(), &native::responses_api(), &native::gemini_api()}) {
            const streamed got = stream(native_target(*via), event);
            ASSERT_TRUE(got.failed) << data;
            EXPECT_EQ(got.out, "") << data;
            EXPECT_THAT(got.failed->message, Not(HasSubstr("0123456789"))) << data;
            EXPECT_THAT(got.failed->message, Not(HasSubstr("ended early"))) << data;
        }
    }
}

TEST(failed_answers, an_error_event_ends_a_stream_of_openais_shapes) {
    const std::string begin = R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]})"
                              "\n\n";
    for (const std::string_view name : {"openai", "azure", "databricks", "custom"}) {
        const target to = family_target(name, task::chat);
        for (const std::string_view data :
             {R"({"object":"error","message":"sk-unit-0123456789","type":"BadRequestError","code":400})",
              R"({"message":"sk-unit-0123456789","code":400})",
              R"({"error":{"message":"sk-unit-0123456789","code":400}})"}) {
            const std::string event = std::string("data: ").append(data).append("\n\ndata: [DONE]\n\n");
            const streamed first = stream(to, event);
            ASSERT_TRUE(first.failed) << name << data;
            EXPECT_EQ(first.failed->code, errc::bad_request) << name << data;
            EXPECT_EQ(first.out, "") << name << data;
            const streamed later = stream(to, begin + event);
            ASSERT_TRUE(later.failed) << name << data;
            EXPECT_THAT(later.failed->message, Not(HasSubstr("0123456789"))) << name << data;
            EXPECT_THAT(later.out, Not(HasSubstr("stop"))) << name << data;
            EXPECT_THAT(later.out, Not(HasSubstr("[DONE]"))) << name << data;
            EXPECT_FALSE(later.finished);
        }
    }
}

} // namespace

} // namespace sluice::providers::failed_answers_test
