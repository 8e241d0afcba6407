#include "tests/unit/tools/asking.hpp"

namespace sluice::sim::responses_test {
namespace {

std::string posted(std::string_view path, std::string_view body, std::string_view sim = "") {
    asked a;
    a.target = path;
    a.body = body;
    a.fields = {{"Content-Type", "application/json"},
                {"x-api-key", "key"},
                {"x-goog-api-key", "key"},
                {"anthropic-version", "2023-06-01"}};
    if (!sim.empty()) a.fields.emplace_back("x-sim", sim);
    return ask(a);
}

std::string respond_to(std::string_view body, std::string_view sim = "") {
    return posted("/v1/responses", body, sim);
}

TEST(responses_service, an_input_is_answered_whole) {
    for (const std::string_view input :
         {R"("ping pong")",
          R"([{"role":"user","content":"ping pong"}])",
          R"([{"type":"message","role":"user","content":[{"type":"input_text","text":"ping pong"}]},
            {"type":"function_call_output","call_id":"c","output":"x"}])"}) {
        const auto whole =
            json_of(respond_to(std::string(R"({"model":"m","input":)").append(input).append("}"), "echo"));
        EXPECT_EQ(whole.at("object"), "response");
        EXPECT_EQ(whole.at("status"), "completed");
        EXPECT_EQ(whole.at("output").at(0).at("content").at(0).at("text"), "ping pong") << input;
        EXPECT_EQ(whole.at("usage").at("output_tokens"), 2);
    }
    const auto cut = json_of(respond_to(R"({"model":"m","input":"x","max_output_tokens":16})", "n20"));
    EXPECT_EQ(cut.at("status"), "incomplete");
    EXPECT_EQ(cut.at("incomplete_details").at("reason"), "max_output_tokens");
}

TEST(responses_service, a_stream_has_typed_and_numbered_events) {
    const std::string stream = body_of(respond_to(R"({"model":"m","input":"a b","stream":true})", "echo"));
    std::string_view rest = stream;
    std::vector<std::string> types;
    while (!rest.empty()) {
        const std::string_view event = rest.substr(0, rest.find("\n\n"));
        rest.remove_prefix(event.size() + 2);
        const auto data = boost::json::parse(std::string(event.substr(event.find("data: ") + 6)));
        EXPECT_EQ(data.at("sequence_number"), types.size());
        types.emplace_back(data.at("type").as_string().c_str());
        EXPECT_TRUE(event.starts_with("event: " + types.back() + "\n"));
    }
    EXPECT_EQ(types,
              (std::vector<std::string>{"response.created",
                                        "response.in_progress",
                                        "response.output_item.added",
                                        "response.content_part.added",
                                        "response.output_text.delta",
                                        "response.output_text.delta",
                                        "response.output_text.done",
                                        "response.content_part.done",
                                        "response.output_item.done",
                                        "response.completed"}));
    const std::string failed = body_of(respond_to(R"({"model":"m","input":"a","stream":true})", "n4-err2"));
    EXPECT_TRUE(has(failed, R"({"type":"error","sequence_number":6,)")) << failed;
    EXPECT_FALSE(has(failed, "response.completed"));
    EXPECT_FALSE(has(body_of(respond_to(R"({"model":"m","input":"a","stream":true})", "nodone")),
                     "response.completed"));
}

TEST(responses_service, wrong_requests_are_refused) {
    for (const auto& [body, code] :
         {std::pair{R"({"model":"m","messages":[]})", "unknown_parameter"},
          std::pair{R"({"model":"m"})", "missing_required_parameter"},
          std::pair{R"({"input":"x"})", "missing_required_parameter"},
          std::pair{R"({"model":"m","input":[]})", "missing_required_parameter"},
          std::pair{R"({"model":"m","input":[{"role":"robot","content":"x"}]})", "invalid_value"},
          std::pair{R"({"model":"m","input":[{"type":"other"}]})", "invalid_value"},
          std::pair{R"({"model":"m","input":"x","max_output_tokens":15})", "invalid_value"},
          std::pair{R"({"model":"m","input":"x","stream":"true"})", "invalid_type"}}) {
        const std::string out = respond_to(body);
        EXPECT_EQ(status_of(out), 400) << body;
        EXPECT_EQ(json_of(out).at("error").at("code"), code) << body;
    }
}

TEST(anthropic_service, tokens_are_counted) {
    const std::string_view path = "/v1/messages/count_tokens";
    const auto counted =
        json_of(posted(path, R"({"model":"m","messages":[{"role":"user","content":"one two three"}]})"));
    EXPECT_EQ(counted.at("input_tokens"), 6);
    EXPECT_EQ(
        status_of(posted(path, R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}]})")),
        400);
    EXPECT_EQ(status_of(posted(path, R"({"model":"m"})")), 400);
}

TEST(palm_service, the_golden_requests_pass) {
    const auto all = golden_requests("palm");
    EXPECT_GE(all.size(), 2U);
    for (const auto& [name, request] : all)
        EXPECT_EQ(status_of(ask(request)), 200) << name;
}

TEST(palm_service, messages_texts_and_vectors_are_answered) {
    const std::string chat = "/v1beta3/models/chat-bison-001:generateMessage";
    const auto said = json_of(posted(
        chat, R"({"prompt":{"messages":[{"author":"0","content":"a b"}]},"candidateCount":2})", "echo"));
    EXPECT_EQ(said.at("candidates").at(1).at("content"), "a b");
    EXPECT_EQ(said.at("candidates").at(1).at("author"), "1");
    const auto text = json_of(posted("/v1beta3/models/text-bison-001:generateText",
                                     R"({"prompt":{"text":"a b"},"maxOutputTokens":1})",
                                     "echo"));
    EXPECT_EQ(text.at("candidates").at(0).at("output"), "a");
    const auto vectors =
        json_of(posted("/v1beta3/models/embedding-gecko-001:batchEmbedText", R"({"texts":["a","b"]})", "f3"));
    EXPECT_EQ(vectors.at("embeddings").at(1).at("value").as_array().size(), 3U);
    EXPECT_EQ(status_of(posted(chat, R"({"prompt":{"messages":[]}})")), 400);
    EXPECT_EQ(status_of(posted(chat, R"({"messages":[]})")), 400);
    asked a;
    a.target = chat;
    a.fields = {{"Content-Type", "application/json"}};
    EXPECT_EQ(status_of(ask(a)), 403);
}

} // namespace
} // namespace sluice::sim::responses_test
