#include "tests/unit/tools/asking.hpp"

namespace sluice::sim::gemini_test {
namespace {

constexpr std::string_view models = "/v1/projects/p/locations/us-central1/publishers/google/models/";

std::string vertex(std::string_view verb, std::string_view body, std::string_view sim = "") {
    asked a;
    a.target = std::string(verb.starts_with('/') ? "" : models).append(verb);
    a.body = body;
    a.fields = {{"Authorization", "Bearer " + make_token(token_kind::google, some_time + 10)},
                {"Content-Type", "application/json"}};
    if (!sim.empty()) a.fields.emplace_back("x-sim", sim);
    return ask(a);
}

std::string generate(std::string_view body, std::string_view model = "gemini-2.5-flash") {
    return vertex(std::string(model).append(":generateContent"), body);
}

constexpr std::string_view hello = R"({"contents":[{"role":"user","parts":[{"text":"ping pong"}]}]})";

std::string with(std::string_view members) {
    return std::string(hello.substr(0, hello.size() - 1)).append(",").append(members).append("}");
}

std::string contents(std::string_view list) {
    return std::string(R"({"contents":[)").append(list).append("]}");
}

TEST(gemini_service, the_golden_requests_pass) {
    const auto all = golden_requests("google-cloud-vertex-ai");
    EXPECT_GE(all.size(), 8U);
    for (const auto& [name, request] : all)
        EXPECT_EQ(status_of(ask(request, access{.api_key = "ya29.test-access-token"})), 200) << name;
}

TEST(gemini_service, only_tokens_that_were_given_out_are_good) {
    asked a;
    a.target = std::string(models) + "gemini-2.5-flash:generateContent";
    a.body = hello;
    a.fields = {{"Content-Type", "application/json"},
                {"Authorization", "Bearer " + make_token(token_kind::google, some_time + 10)}};
    EXPECT_EQ(status_of(ask(a)), 200);
    EXPECT_EQ(status_of(ask(a, {}, some_time + 10)), 401);
    for (const std::string& token : {std::string("ya29.other"),
                                     make_token(token_kind::entra, some_time + 10),
                                     make_token(token_kind::google, some_time + 10) + "0"}) {
        a.fields[1].second = "Bearer " + token;
        const std::string refused = ask(a);
        EXPECT_EQ(status_of(refused), 401) << token;
        EXPECT_EQ(json_of(refused).at("error").at("status"), "UNAUTHENTICATED");
    }
}

TEST(gemini_service, wrong_requests_are_refused) {
    for (
        const std::string& body :
        {std::string("[]"),
         std::string("{}"),
         std::string(R"({"contents":[]})"),
         with(R"("model":"m")"),
         with(R"("generationConfig":{"max_tokens":5})"),
         with(R"("generationConfig":{"stopSequences":["1","2","3","4","5","6"]})"),
         with(R"("generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}})"),
         with(R"("tools":[{"functionDeclarations":[{"name":"f","strict":true}]}])"),
         with(R"("toolConfig":{"functionCallingConfig":{"mode":"any"}})"),
         with(R"("toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":["f"]}})"),
         contents(R"({"role":"assistant","parts":[{"text":"x"}]})"),
         contents(R"({"role":"user","parts":[]})"),
         contents(R"({"role":"user","parts":[{"text":"x","inlineData":{"mimeType":"a/b","data":"AA"}}]})"),
         contents(R"({"role":"user","parts":[{"inlineData":{"data":"AA"}}]})"),
         contents(R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]})"),
         contents(
             R"({"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"text":"x"}]})"),
         contents(R"({"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}}}]})")})
        EXPECT_EQ(status_of(generate(body)), 400) << body;
    EXPECT_EQ(status_of(generate(with(R"("generationConfig":{"presencePenalty":0.1})"), "gemini-3-pro")),
              400);
    const std::string call = R"({"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}})";
    EXPECT_EQ(status_of(generate(contents(call + "}]}"), "gemini-3-pro")), 400);
    EXPECT_EQ(status_of(generate(contents(call + R"(,"thoughtSignature":"c2ln"}]})"), "gemini-3-pro")), 200);
}

TEST(gemini_service, contents_are_answered_whole_and_as_events) {
    const auto whole = json_of(vertex(
        "gemini-2.5-flash:generateContent", with(R"("generationConfig":{"candidateCount":2})"), "echo"));
    EXPECT_EQ(whole.at("candidates").as_array().size(), 2U);
    EXPECT_EQ(whole.at("candidates").at(1).at("content").at("parts").at(0).at("text"), "ping pong");
    EXPECT_EQ(whole.at("usageMetadata").at("candidatesTokenCount"), 4);
    EXPECT_EQ(whole.at("modelVersion"), "gemini-2.5-flash");
    const std::string events =
        body_of(vertex("gemini-2.5-flash:streamGenerateContent?alt=sse", hello, "echo"));
    EXPECT_TRUE(events.starts_with(
        R"(data: {"candidates":[{"content":{"role":"model","parts":[{"text":"ping"}]}}],)"))
        << events;
    EXPECT_TRUE(has(events, R"("finishReason":"STOP")"));
    EXPECT_TRUE(events.ends_with("}\r\n\r\n"));
    EXPECT_FALSE(has(events, "[DONE]"));
    EXPECT_TRUE(body_of(vertex("gemini-2.5-flash:streamGenerateContent", hello)).starts_with("[{"));
    EXPECT_TRUE(has(body_of(vertex("gemini-2.5-flash:streamGenerateContent?alt=sse", hello, "n4-err1")),
                    R"("status":"UNAVAILABLE")"));
}

TEST(gemini_service, texts_get_vectors) {
    const auto predicted = json_of(vertex("text-embedding-005:predict",
                                          R"({"instances":[{"content":"a b"},{"content":"c"}],)"
                                          R"("parameters":{"outputDimensionality":3}})"));
    EXPECT_EQ(predicted.at("predictions").at(0).at("embeddings").at("values").as_array().size(), 3U);
    EXPECT_EQ(predicted.at("predictions").at(0).at("embeddings").at("statistics").at("token_count"), 2.0);
    const auto embedded =
        json_of(vertex("gemini-embedding-2:embedContent", R"({"content":{"parts":[{"text":"a b"}]}})"));
    EXPECT_EQ(embedded.at("usageMetadata").at("promptTokenCount"), 2);
    EXPECT_EQ(status_of(vertex("m:predict", R"({"instances":[{"text":"a"}]})")), 400);
    EXPECT_EQ(status_of(vertex("m:embedContent", R"({"content":{"parts":[{"text":"a"},{"text":"b"}]}})")),
              400);
}

TEST(gemini_service, claude_is_at_home_here_too) {
    const std::string path =
        "/v1/projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4-5@20250929:";
    const std::string rest = R"("max_tokens":5,"messages":[{"role":"user","content":"x"}])";
    const std::string version = R"({"anthropic_version":"vertex-2023-10-16",)";
    const auto whole = json_of(vertex(path + "rawPredict", version + rest + "}"));
    EXPECT_EQ(whole.at("model"), "claude-sonnet-4-5@20250929");
    EXPECT_TRUE(has(vertex(path + "streamRawPredict", version + R"("stream":true,)" + rest + "}"),
                    "event: message_stop"));
    EXPECT_EQ(status_of(vertex(path + "rawPredict", "{" + rest + "}")), 400);
    EXPECT_EQ(status_of(vertex(path + "rawPredict", version + R"("model":"m",)" + rest + "}")), 400);
    EXPECT_EQ(status_of(vertex(path + "streamRawPredict", version + rest + "}")), 400);
}

} // namespace
} // namespace sluice::sim::gemini_test
