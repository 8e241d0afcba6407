#include "tests/unit/tools/asking.hpp"

namespace sluice::sim::cohere_test {
namespace {

std::string cohere(std::string_view path, std::string_view body, std::string_view sim = "") {
    asked a;
    a.target = path;
    a.body = body;
    a.fields = {{"Authorization", "Bearer co"}, {"Content-Type", "application/json"}};
    if (!sim.empty()) a.fields.emplace_back("x-sim", sim);
    return ask(a);
}

constexpr std::string_view hello = R"({"model":"m","messages":[{"role":"user","content":"ping pong"}]})";

std::string with(std::string_view members) {
    return std::string(hello.substr(0, hello.size() - 1)).append(",").append(members).append("}");
}

TEST(cohere_service, the_golden_requests_pass) {
    const auto all = golden_requests("cohere");
    EXPECT_GE(all.size(), 7U);
    for (const auto& [name, request] : all)
        EXPECT_EQ(status_of(ask(request)), 200) << name << ask(request);
}

TEST(cohere_service, a_key_is_needed) {
    asked a;
    a.target = "/v2/chat";
    a.body = hello;
    a.fields = {{"Content-Type", "application/json"}};
    EXPECT_EQ(status_of(ask(a)), 401);
    a.fields.emplace_back("Authorization", "Bearer other");
    EXPECT_EQ(status_of(ask(a)), 200);
    const std::string refused = ask(a, access{.api_key = "key"});
    EXPECT_EQ(status_of(refused), 401);
    EXPECT_EQ(body_of(refused), R"({"id":"sim-error","message":"invalid api token"})");
}

TEST(cohere_service, wrong_requests_are_refused) {
    for (
        const std::string& body :
        {std::string("[]"),
         std::string(R"({"messages":[]})"),
         std::string(R"({"model":"m","messages":[]})"),
         with(R"("top_p":0.5)"),
         with(R"("user":"u")"),
         with(R"("p":1)"),
         with(R"("k":501)"),
         with(R"("stream":null)"),
         with(R"("stop_sequences":"x")"),
         with(R"("frequency_penalty":0.1,"presence_penalty":0.1)"),
         with(R"("tool_choice":"REQUIRED")"),
         with(R"("tools":[{"type":"function","function":{"name":"f"}}])"),
         with(R"("tools":[{"type":"function","function":{"name":"f","parameters":{},"strict":true}}])"),
         with(R"("response_format":{"type":"json_schema"})"),
         with(R"("thinking":{"type":"adaptive"})"),
         std::string(R"({"model":"m","messages":[{"role":"developer","content":"x"}]})"),
         std::string(R"({"model":"m","messages":[{"role":"user"}]})"),
         std::string(R"({"model":"m","messages":[{"role":"user","content":[{"type":"file"}]}]})"),
         std::string(R"({"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":"x"}]})"),
         std::string(
             R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}]})")}) {
        const int status = status_of(cohere("/v2/chat", body));
        EXPECT_TRUE(status == 400 || status == 422) << body << status;
    }
    EXPECT_EQ(status_of(cohere("/v1/generate", R"({"prompt":"x","num_generations":6})")), 400);
    EXPECT_EQ(status_of(cohere("/v1/generate", R"({"messages":[]})")), 400);
    EXPECT_EQ(status_of(cohere("/v2/embed", R"({"model":"m","texts":["a"]})")), 422);
    EXPECT_EQ(status_of(cohere("/v2/embed", R"({"model":"m","texts":[],"input_type":"clustering"})")), 400);
}

TEST(cohere_service, a_chat_is_answered_whole_and_as_events) {
    const auto whole = json_of(cohere("/v2/chat", hello, "echo"));
    EXPECT_EQ(whole.at("message").at("content").at(0).at("text"), "ping pong");
    EXPECT_EQ(whole.at("finish_reason"), "COMPLETE");
    EXPECT_EQ(whole.at("usage").at("tokens").at("output_tokens"), 2);
    const std::string stream = cohere("/v2/chat", with(R"("stream":true,"max_tokens":1)"), "echo");
    EXPECT_TRUE(has(stream, "Content-Type: text/event-stream"));
    const std::string events = body_of(stream);
    EXPECT_TRUE(events.starts_with("event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"sim-"));
    EXPECT_TRUE(has(events, R"("delta":{"message":{"content":{"text":"ping"}}})")) << events;
    EXPECT_FALSE(has(events, "pong"));
    EXPECT_TRUE(has(events, R"("finish_reason":"MAX_TOKENS","usage":{)"));
    EXPECT_TRUE(events.ends_with("data: [DONE]\n\n"));
}

TEST(cohere_service, streams_can_be_spoilt) {
    const std::string request = with(R"("stream":true)");
    const std::string failed = body_of(cohere("/v2/chat", request, "n5-err2"));
    EXPECT_TRUE(has(failed, R"("finish_reason":"ERROR")"));
    EXPECT_FALSE(has(failed, "[DONE]"));
    EXPECT_FALSE(has(body_of(cohere("/v2/chat", request, "nodone")), "message-end"));
    EXPECT_FALSE(has(body_of(cohere("/v2/chat", request, "nousage")), "usage"));
    EXPECT_TRUE(has(body_of(cohere("/v2/chat", request, "crlf")), "\r\n\r\n"));
    EXPECT_TRUE(has(body_of(cohere("/v2/chat", request, "badjson-n3")), "}}}\n\n"));
    EXPECT_EQ(body_of(cohere("/v2/chat", hello, "b500")).size(), 500U);
    EXPECT_TRUE(has(cohere("/v2/chat", hello, "e429-ra7"), "Retry-After: 7"));
}

TEST(cohere_service, generations_come_as_lines) {
    const std::string_view request =
        R"({"model":"command","prompt":"a b","num_generations":2,"stream":true})";
    const std::string stream = cohere("/v1/generate", request, "echo");
    EXPECT_TRUE(has(stream, "Content-Type: application/stream+json"));
    const std::string lines = body_of(stream);
    EXPECT_TRUE(
        lines.starts_with(R"({"text":"a","index":0,"is_finished":false,"event_type":"text-generation"})"
                          "\n"))
        << lines;
    EXPECT_TRUE(has(lines, R"("generations":[{"id":"g","text":"a b","finish_reason":"COMPLETE"},{)"));
    const auto whole = json_of(cohere("/v1/generate", R"({"prompt":"a b","num_generations":2})", "echo"));
    EXPECT_EQ(whole.at("generations").as_array().size(), 2U);
    EXPECT_EQ(whole.at("meta").at("billed_units").at("output_tokens"), 4);
}

TEST(cohere_service, texts_get_vectors) {
    const auto whole = json_of(cohere("/v2/embed",
                                      R"({"model":"m","texts":["a","b"],"input_type":"search_query",)"
                                      R"("embedding_types":["float"],"output_dimension":3})"));
    EXPECT_EQ(whole.at("embeddings").at("float").as_array().size(), 2U);
    EXPECT_EQ(whole.at("embeddings").at("float").at(1).as_array().size(), 3U);
    EXPECT_EQ(whole.at("meta").at("billed_units").at("input_tokens"), 2);
}

} // namespace
} // namespace sluice::sim::cohere_test
