#include "tests/unit/tools/asking.hpp"

namespace sluice::sim::ai21_test {
namespace {

constexpr std::string_view chat = "/studio/v1/chat/completions";

std::string ai21(std::string_view path, std::string_view body, std::string_view sim = "") {
    asked a;
    a.target = path;
    a.body = body;
    a.fields = {{"Authorization", "Bearer key"}, {"Content-Type", "application/json"}};
    if (!sim.empty()) a.fields.emplace_back("x-sim", sim);
    return ask(a);
}

constexpr std::string_view hello = R"({"model":"m","messages":[{"role":"user","content":"ping pong"}]})";

std::string with(std::string_view members) {
    return std::string(hello.substr(0, hello.size() - 1)).append(",").append(members).append("}");
}

TEST(ai21_service, the_golden_requests_pass) {
    const auto all = golden_requests("ai21labs");
    EXPECT_GE(all.size(), 3U);
    for (const auto& [name, request] : all)
        EXPECT_EQ(status_of(ask(request)), 200) << name << ask(request);
}

TEST(ai21_service, wrong_requests_are_refused) {
    for (const std::string& body :
         {std::string("{"),
          std::string(R"({"model":"m"})"),
          with(R"("stop":"x")"),
          with(R"("frequency_penalty":0.5)"),
          with(R"("stream_options":{"include_usage":true})"),
          with(R"("response_format":{"type":"json_schema","json_schema":{}})"),
          std::string(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})"),
          std::string(R"({"model":"m","messages":[{"role":"developer","content":"x"}]})"),
          std::string(R"({"model":"m","messages":[{"role":"tool","content":"x"}]})")})
        EXPECT_EQ(status_of(ai21(chat, body)), 422) << body;
    EXPECT_EQ(
        body_of(ai21(chat, R"({"model":"m"})")),
        R"({"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]})");
    EXPECT_EQ(status_of(ai21("/studio/v1/j2-mid/complete", R"({"prompt":"x","stream":true})")), 422);
    asked a;
    a.target = chat;
    EXPECT_EQ(status_of(ask(a)), 401);
    EXPECT_EQ(body_of(ask(a)), R"({"detail":"Forbidden: Bad or missing API token."})");
}

TEST(ai21_service, the_last_chunk_says_all_at_once) {
    const std::string events = body_of(ai21(chat, with(R"("stream":true,"n":2)"), "echo"));
    EXPECT_TRUE(has(events, R"("delta":{"role":"assistant"},"logprobs":null,"finish_reason":null}]})"));
    EXPECT_TRUE(has(events,
                    R"([{"index":1,"delta":{"content":" pong"},"logprobs":null,"finish_reason":"stop"}],)"
                    R"("usage":{"prompt_tokens":5,"completion_tokens":4,"total_tokens":9}})"))
        << events;
    EXPECT_TRUE(events.ends_with("}\n\ndata: [DONE]\n\n"));
    EXPECT_FALSE(has(body_of(ai21(chat, with(R"("stream":true)"), "nodone")), "[DONE]"));
    EXPECT_TRUE(has(body_of(ai21(chat, with(R"("stream":true)"), "n5-err1")), R"({"detail":)"));
}

TEST(ai21_service, answers_have_no_name_of_their_own) {
    const auto whole = json_of(ai21(chat, with(R"("max_tokens":1)"), "echo"));
    EXPECT_EQ(whole.at("choices").at(0).at("message").at("content"), "ping");
    EXPECT_EQ(whole.at("choices").at(0).at("finish_reason"), "length");
    EXPECT_FALSE(whole.as_object().contains("model"));
    const auto old =
        json_of(ai21("/studio/v1/j2-mid/complete", R"({"prompt":"a b","numResults":2})", "echo"));
    EXPECT_EQ(old.at("completions").as_array().size(), 2U);
    EXPECT_EQ(old.at("prompt").at("tokens").as_array().size(), 2U);
    EXPECT_EQ(old.at("completions").at(1).at("data").at("text"), "a b");
}

} // namespace
} // namespace sluice::sim::ai21_test
