// Queries that go well, and the forms of those that are refused: what the client gets and what the provider
// was sent.
#include "tests/support/fake_upstream.hpp"
#include "tests/support/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::support::queries_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class queries : public testing::Test {
protected:
    queries() { proxy_.make_endpoint("chat", {entity(provider_.base_url(), "the-entity")}); }

    answer ask(std::string_view text) const {
        raw_client client = proxy_.connect();
        client.send(text);
        return client.read_answer();
    }
    received only_request() const {
        const auto all = provider_.requests();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? received() : all.front();
    }

    fake_upstream provider_;
    gateway proxy_;
};

TEST_F(queries, a_json_answer_goes_back_byte_for_byte) {
    const std::string odd =
        "{ \"choices\" :[{\"message\":{},\"x\":1.50e0, \"s\":\"\\u0041\\/\xC3\xA9\"}],\n\t\"usage\":{} } ";
    provider_.always().answer_json(odd);
    const answer got = ask(chat_request("chat"));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("content-type"), "application/json");
    EXPECT_EQ(got.body, odd);
}

TEST_F(queries, the_provider_gets_the_clients_bytes_but_for_the_model) {
    provider_.always().answer_json(chat_answer("hi"));
    const std::string body =
        R"({ "temperature" : 0.50, "model":"mine",)"
        R"( "client_request_id":"c-1", "messages" : [{"role":"user","content":"\u0041 "}] })";
    const answer got = ask(request("POST", "/serving-endpoints/chat/invocations", body));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(
        only_request().body,
        R"({ "temperature" : 0.50, "model":"gpt-4", "messages" : [{"role":"user","content":"\u0041 "}] })");
}

TEST_F(queries, the_head_for_the_provider_is_our_own) {
    provider_.always().answer_json(chat_answer("hi"));
    const answer got =
        ask(chat_request("chat", "hello", false, "X-Secret: 1\r\nCookie: a=b\r\nAccept-Encoding: gzip\r\n"));
    EXPECT_EQ(got.status, 200);
    const received sent = only_request();
    EXPECT_THAT(sent.head, testing::StartsWith("POST /v1/chat/completions HTTP/1.1\r\n"));
    EXPECT_EQ(sent.field("host"), "127.0.0.1:" + std::to_string(provider_.port()));
    EXPECT_EQ(sent.field("authorization"), "Bearer " + std::string(provider_key));
    EXPECT_EQ(sent.field("accept-encoding"), "identity");
    EXPECT_EQ(sent.field("content-length"), std::to_string(sent.body.size()));
    EXPECT_THAT(sent.head, Not(HasSubstr("Secret")));
    EXPECT_THAT(sent.head, Not(HasSubstr("Cookie")));
    EXPECT_THAT(sent.head, Not(HasSubstr(std::string(admin_token))));
}

TEST_F(queries, fields_of_the_provider_do_not_reach_the_client) {
    provider_.always().answer(200,
                              "Content-Type: application/json\r\nSet-Cookie: a=b\r\nX-Request-Id: theirs\r\n",
                              chat_answer("hi"));
    const answer got = ask(chat_request("chat"));
    EXPECT_EQ(got.status, 200);
    EXPECT_FALSE(got.has("set-cookie"));
    EXPECT_NE(got.field("x-request-id"), "theirs");
}

TEST_F(queries, every_answer_names_its_entity_and_a_request_of_its_own) {
    provider_.always().answer_json(chat_answer("hi"));
    raw_client client = proxy_.connect();
    client.send(chat_request("chat"));
    const answer first = client.read_answer();
    client.send(chat_request("chat"));
    const answer second = client.read_answer();
    EXPECT_EQ(first.field("served-model-name"), "the-entity");
    EXPECT_EQ(second.field("served-model-name"), "the-entity");
    EXPECT_FALSE(first.field("x-request-id").empty());
    EXPECT_NE(first.field("x-request-id"), second.field("x-request-id"));
}

TEST_F(queries, a_stream_goes_back_event_by_event) {
    const std::string odd =
        "data: { \"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\u0041\xC3\xA9\"}}] }\n\n";
    provider_.always().stream({odd, last_event(), std::string(done_event)});
    const answer got = ask(chat_request("chat", "hello", true));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.field("content-type"), "text/event-stream");
    EXPECT_EQ(got.field("served-model-name"), "the-entity");
    EXPECT_TRUE(got.chunked);
    EXPECT_TRUE(got.complete);
    EXPECT_EQ(got.body, odd + last_event() + std::string(done_event));
    EXPECT_THAT(only_request().body, HasSubstr(R"("stream_options":{"include_usage":true})"));
}

TEST_F(queries, no_event_is_held_back) {
    provider_.always()
        .stream_head()
        .send_chunk(event("one"))
        .hold()
        .send_chunk(event("two"))
        .hold()
        .send_chunk(last_event() + std::string(done_event))
        .end_chunks();
    raw_client client = proxy_.connect();
    client.send(chat_request("chat", "hello", true));
    EXPECT_THAT(client.read_until("\n\n\r\n"), HasSubstr("one"));
    provider_.release();
    EXPECT_THAT(client.read_until("\n\n\r\n"), HasSubstr("two"));
    provider_.release();
    EXPECT_THAT(client.read_until("0\r\n\r\n"), HasSubstr("[DONE]"));
}

TEST_F(queries, an_event_split_at_any_byte_comes_whole) {
    const std::string text = event("split") + last_event() + std::string(done_event);
    raw_client client = proxy_.connect();
    for (std::size_t at = 1; at < text.size(); at += 7) {
        provider_.clear();
        provider_.always().stream({text.substr(0, at), text.substr(at)});
        client.send(chat_request("chat", "hello", true));
        ASSERT_EQ(client.read_answer().body, text) << at;
    }
}

TEST_F(queries, the_usage_chunk_goes_back_only_to_those_who_asked) {
    const std::string usage =
        R"(data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})"
        "\n\n";
    provider_.always().stream({event("a"), last_event(), usage, std::string(done_event)});
    EXPECT_THAT(ask(chat_request("chat", "hello", true)).body, Not(HasSubstr("usage")));
    const std::string body =
        R"({"messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{"include_usage":true}})";
    EXPECT_THAT(ask(request("POST", "/serving-endpoints/chat/invocations", body)).body, HasSubstr(usage));
    EXPECT_TRUE(proxy_.metric_becomes("sluice_prompt_tokens_total", 6));
    EXPECT_TRUE(proxy_.metric_becomes("sluice_completion_tokens_total", 8));
}

TEST_F(queries, completions_and_embeddings_have_their_own_paths_upstream) {
    proxy_.make_endpoint("text",
                         {entity(provider_.base_url(), "t", "gpt-3.5-instruct", "llm/v1/completions")});
    proxy_.make_endpoint("vectors", {entity(provider_.base_url(), "v", "ada", "llm/v1/embeddings")});
    const std::string_view said = R"({"object":"text_completion","choices":[{"text":"b"}]})";
    const std::string_view found = R"({"data":[{"embedding":[1.50]},{"embedding":[2]}]})";
    provider_.when("/v1/completions").answer_json(said);
    provider_.when("/v1/embeddings").answer_json(found);
    const answer text = ask(request("POST", "/serving-endpoints/text/invocations", R"({"prompt":"a"})"));
    const answer vectors =
        ask(request("POST", "/serving-endpoints/vectors/invocations", R"({"input":["a","b"]})"));
    EXPECT_EQ(text.body, said);
    EXPECT_EQ(vectors.body, found);
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].body, R"({"model":"gpt-3.5-instruct","prompt":"a"})");
    EXPECT_EQ(sent[1].body, R"({"model":"ada","input":["a","b"]})");
}

TEST_F(queries, the_openai_paths_find_the_endpoint_by_the_model) {
    proxy_.make_endpoint("vectors", {entity(provider_.base_url(), "v", "ada", "llm/v1/embeddings")});
    provider_.when("/v1/embeddings").answer_json(R"({"data":[{"embedding":"AACAPw=="}]})");
    provider_.always().answer_json(chat_answer("hi"));
    const answer chat = ask(request("POST",
                                    "/serving-endpoints/chat/completions",
                                    R"({"model":"chat","messages":[{"role":"user","content":"x"}]})"));
    EXPECT_EQ(chat.status, 200);
    const answer vectors = ask(request("POST",
                                       "/serving-endpoints/embeddings",
                                       R"({"model":"vectors","input":"x","encoding_format":"base64"})"));
    EXPECT_EQ(vectors.status, 200);
    const auto sent = provider_.requests();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[1].body, R"({"model":"ada","input":"x","encoding_format":"base64"})");
}

TEST_F(queries, the_openai_paths_refuse_unknown_models_and_wrong_tasks) {
    const answer unknown = ask(request("POST",
                                       "/serving-endpoints/chat/completions",
                                       R"({"model":"nobody","messages":[{"role":"user","content":"x"}]})"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_THAT(unknown.body, HasSubstr("ENDPOINT_NOT_FOUND"));
    const answer wrong =
        ask(request("POST", "/serving-endpoints/embeddings", R"({"model":"chat","input":"x"})"));
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.body, HasSubstr("BAD_REQUEST"));
    const answer none = ask(request("POST", "/serving-endpoints/embeddings", R"({"input":"x"})"));
    EXPECT_EQ(none.status, 400);
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(queries, a_served_entity_can_be_addressed_itself) {
    proxy_.make_endpoint(
        "two",
        {entity(provider_.base_url(), "first", "m1"), entity(provider_.base_url(), "second", "m2")},
        split({{"first", 100}, {"second", 0}}));
    provider_.always().answer_json(chat_answer("hi"));
    for (int i = 0; i < 3; ++i) {
        const answer got =
            ask(request("POST", "/serving-endpoints/two/served-models/second/invocations", chat_body("x")));
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.field("served-model-name"), "second");
    }
    for (const received& one : provider_.requests())
        EXPECT_THAT(one.body, HasSubstr(R"("model":"m2")"));
    const answer none =
        ask(request("POST", "/serving-endpoints/two/served-models/third/invocations", chat_body("x")));
    EXPECT_EQ(none.status, 404);
    EXPECT_THAT(none.body, HasSubstr("RESOURCE_DOES_NOT_EXIST"));
}

TEST_F(queries, names_in_the_path_may_be_percent_encoded) {
    provider_.always().answer_json(chat_answer("hi"));
    EXPECT_EQ(ask(request("POST", "/serving-endpoints/%63h%61t/invocations", chat_body("x"))).status, 200);
    EXPECT_EQ(ask(request("POST", "/serving-endpoints/ch%zzt/invocations", chat_body("x"))).status, 404);
    EXPECT_EQ(ask(request("POST", "/serving-endpoints/chat%00/invocations", chat_body("x"))).status, 404);
}

TEST_F(queries, the_models_list_shows_the_endpoints) {
    proxy_.make_endpoint("another", {entity(provider_.base_url())});
    const answer got = proxy_.get("/serving-endpoints/models");
    EXPECT_EQ(got.status, 200);
    EXPECT_THAT(got.body,
                testing::StartsWith(R"({"object":"list","data":[{"id":"another","object":"model")"));
    EXPECT_THAT(got.body, HasSubstr(R"("id":"chat")"));
}

TEST_F(queries, unknown_things_are_404_in_the_apis_form) {
    const answer endpoint = ask(chat_request("nobody"));
    EXPECT_EQ(endpoint.status, 404);
    EXPECT_THAT(endpoint.body, HasSubstr(R"({"error_code":"RESOURCE_DOES_NOT_EXIST","message":")"));
    const answer route = proxy_.get("/no/such/thing");
    EXPECT_EQ(route.status, 404);
    EXPECT_EQ(route.body,
              R"({"error_code":"ENDPOINT_NOT_FOUND","message":"No API found for 'GET /no/such/thing'"})");
    EXPECT_EQ(proxy_.call("DELETE", "/healthz").status, 404);
}

TEST_F(queries, nothing_goes_upstream_without_a_good_credential) {
    const auto with = [&](const std::string& field) {
        return ask("POST /serving-endpoints/chat/invocations HTTP/1.1\r\nHost: g\r\n" + field +
                   "Content-Length: 2\r\n\r\n{}");
    };
    const answer none = with("");
    EXPECT_EQ(none.status, 401);
    EXPECT_EQ(
        none.body,
        R"({"error_code":"UNAUTHENTICATED","message":"Credential was not sent or was of an unsupported type for this API."})");
    const answer bad = with("Authorization: Bearer nonsense\r\n");
    EXPECT_EQ(bad.status, 401);
    EXPECT_EQ(bad.body, R"({"error_code":"UNAUTHENTICATED","message":"Invalid access token."})");
    EXPECT_EQ(with("Authorization: Bearer \r\n").status, 401);
    EXPECT_EQ(with("Authorization: Digest x\r\n").status, 401);
    EXPECT_EQ(with("Authorization: Basic !!!\r\n").status, 401);
    EXPECT_EQ(provider_.request_count(), 0U);
}

TEST_F(queries, malformed_queries_are_400_and_stay_here) {
    const std::vector<std::string> bodies = {
        "{",
        "[]",
        "null",
        "5",
        R"({"messages":5})",
        R"({"messages":[]})",
        R"({"prompt":"x"})",
        R"({"messages":[{"role":"user","content":"x"}],"stream":"true"})",
        R"({"messages":[{"role":"user","content":"x"}],"temperature":1e400})",
        R"({"messages":[{"role":"user","content":"x"}],"model":"a","model":"b"})",
        R"({"messages":[{"role":"user","content":"x"}]} x)",
        "\xFF\xFE",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"\xFF\"}]}",
    };
    raw_client client = proxy_.connect();
    for (const std::string& body : bodies) {
        client.send(request("POST", "/serving-endpoints/chat/invocations", body));
        const answer got = client.read_answer();
        EXPECT_EQ(got.status, 400) << body;
        EXPECT_THAT(got.body, HasSubstr(R"("error_code":"BAD_REQUEST")")) << body;
    }
    client.send(chat_request("chat", "x", false, "Content-Encoding: gzip\r\n"));
    EXPECT_EQ(client.read_answer().status, 400);
    client.send(request("POST", "/serving-endpoints/chat/invocations"));
    EXPECT_EQ(client.read_answer().status, 400) << "no body at all";
    EXPECT_EQ(provider_.request_count(), 0U);
}

struct mapping {
    int upstream;
    int ours;
    std::string_view code;
};

TEST_F(queries, failures_of_the_provider_keep_their_meaning) {
    static constexpr mapping table[] = {
        {400, 400, "BAD_REQUEST"},
        {401, 401, "UNAUTHENTICATED"},
        {403, 403, "PERMISSION_DENIED"},
        {404, 404, "ENDPOINT_NOT_FOUND"},
        {405, 400, "BAD_REQUEST"},
        {408, 504, "DEADLINE_EXCEEDED"},
        {409, 409, "RESOURCE_CONFLICT"},
        {422, 400, "BAD_REQUEST"},
        {429, 429, "REQUEST_LIMIT_EXCEEDED"},
        {500, 500, "INTERNAL_ERROR"},
        {502, 502, "INTERNAL_ERROR"},
        {503, 503, "TEMPORARILY_UNAVAILABLE"},
        {504, 504, "DEADLINE_EXCEEDED"},
        {529, 503, "TEMPORARILY_UNAVAILABLE"},
    };
    raw_client client = proxy_.connect();
    for (const mapping& one : table) {
        for (const bool stream : {false, true}) {
            provider_.clear();
            provider_.always().answer(one.upstream,
                                      "Content-Type: application/json\r\nRetry-After: 7\r\n",
                                      R"({"error":{"message":"no"}})");
            client.send(chat_request("chat", "x", stream));
            const answer got = client.read_answer();
            EXPECT_EQ(got.status, one.ours) << one.upstream;
            EXPECT_THAT(got.body, HasSubstr("{\"error_code\":\"" + std::string(one.code) + "\""))
                << one.upstream;
            EXPECT_THAT(upstream_message(got), HasSubstr(R"({\"error\":{\"message\":\"no\"}})"))
                << one.upstream;
            EXPECT_EQ(got.field("retry-after"), one.ours == 429 || one.ours == 503 ? "7" : "")
                << one.upstream;
        }
    }
}

TEST_F(queries, the_providers_key_is_in_no_answer) {
    const std::string leak =
        R"({"error":{"message":"Incorrect API key provided: )" + std::string(provider_key) + R"("}})";
    for (const int status : {401, 500, 429}) {
        provider_.clear();
        provider_.always().answer_json(leak, status);
        EXPECT_THAT(ask(chat_request("chat")).body, Not(HasSubstr(std::string(provider_key))));
    }
    provider_.clear();
    provider_.always().stream({event("a"), "data: " + leak + "\n\n"});
    EXPECT_THAT(ask(chat_request("chat", "x", true)).body, Not(HasSubstr(std::string(provider_key))));
    EXPECT_THAT(proxy_.get("/api/2.0/serving-endpoints/chat").body,
                Not(HasSubstr(std::string(provider_key))));
}

} // namespace
} // namespace sluice::support::queries_test
