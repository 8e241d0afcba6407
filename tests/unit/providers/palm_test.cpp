#include "providers/registry.hpp"
#include "providers/sentence.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace sluice::providers::palm_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

resolved_config config() {
    resolved_config out;
    out.secrets.emplace("palm_api_key", secret_string("palm-unit"));
    return out;
}

target palm(task kind = task::chat) {
    return palm_provider().resolve("bison-001", kind, config(), "").value();
}

std::string sent(std::string_view client, task kind = task::chat) {
    const padded body(client);
    unified::call call;
    if (auto parsed = unified::parse(kind, body.view(), call); !parsed) return parsed.error().message;
    upstream_request out;
    const target to = palm(kind);
    if (auto encoded = to.via->encode(call, to, out); !encoded) return encoded.error().message;
    return out.storage;
}

std::string sent_with(std::string_view members) {
    return sent(sentence({R"({"messages":[{"role":"user","content":"x"}],)", members, "}"}));
}

std::string answered(std::string_view upstream, std::string_view client, task kind = task::chat) {
    const padded asked(client);
    unified::call call;
    if (auto parsed = unified::parse(kind, asked.view(), call); !parsed) return parsed.error().message;
    const padded body(upstream);
    const target to = palm(kind);
    auto read = to.via->read_answer(call, to, body.view());
    if (!read) return "!" + read.error().message;
    EXPECT_FALSE(read->used.known);
    return read->rewritten.value_or("");
}

constexpr std::string_view chat = R"({"messages":[{"role":"user","content":"x"}]})";

TEST(palm, each_task_has_its_call) {
    for (const auto& [kind, verb] : {std::pair{task::chat, "generateMessage"},
                                     std::pair{task::completions, "generateText"},
                                     std::pair{task::embeddings, "batchEmbedText"}}) {
        const target to = palm(kind);
        EXPECT_EQ(to.to, (origin{true, "generativelanguage.googleapis.com", 443}));
        EXPECT_TRUE(to.head.reveal().starts_with(
            sentence({"POST /v1beta3/models/bison-001:", verb, " HTTP/1.1\r\n"})));
        EXPECT_THAT(std::string(to.head.reveal()), HasSubstr("\r\nx-goog-api-key: palm-unit\r\n"));
        EXPECT_TRUE(to.stream_head.empty());
        EXPECT_FALSE(to.via->is_stream_type(to, "text/event-stream"));
    }
    const auto other = palm_provider().resolve("m", task::chat, config(), "http://127.0.0.1:9/p");
    ASSERT_TRUE(other);
    EXPECT_TRUE(other->head.reveal().starts_with("POST /p/v1beta3/models/m:"));
    EXPECT_FALSE(palm_provider().check({}));
}

TEST(palm, a_chat_has_authors_and_a_context) {
    EXPECT_EQ(
        sent(
            R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]},{"role":"developer","content":"t"},{"role":"user","content":"d"}],"temperature":1.5,"top_p":0.50,"top_k":4,"n":3,"seed":1,"stream":true})"),
        R"({"prompt":{"context":"s\nt","messages":[{"author":"0","content":"a"},{"author":"1","content":"bc"},{"author":"0","content":"d"}]},"temperature":0.75,"candidateCount":3,"topP":0.50,"topK":4})");
}

TEST(palm, what_a_chat_cannot_do_is_refused) {
    for (const auto& [members, name] :
         {std::pair{R"("max_tokens":1)", "max_tokens"},
          std::pair{R"("max_completion_tokens":1)", "max_tokens"},
          std::pair{R"("stop":"a")", "stop"},
          std::pair{R"("tools":[{"type":"function","function":{"name":"f"}}])", "tools"},
          std::pair{R"("response_format":{"type":"json_object"})", "response_format"}}) {
        EXPECT_EQ(sent_with(members), sentence({"Parameter ", name, " is not supported for provider palm."}));
    }
    EXPECT_THAT(
        sent(
            R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://h/i.png"}}]}]})"),
        HasSubstr("is not supported for provider palm."));
    EXPECT_EQ(
        sent(
            R"({"messages":[{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"1","content":"x"}]})"),
        "Parameter tools is not supported for provider palm.");
}

TEST(palm, texts_and_embeddings) {
    EXPECT_EQ(
        sent(R"({"prompt":"a","n":2,"max_tokens":3,"stop":["b"],"temperature":2})", task::completions),
        R"({"prompt":{"text":"a"},"temperature":1,"candidateCount":2,"maxOutputTokens":3,"stopSequences":["b"]})");
    EXPECT_THAT(sent(R"({"prompt":["a","b"]})", task::completions), HasSubstr("must be one text"));
    EXPECT_EQ(palm(task::completions).most_items, 1U);
    EXPECT_EQ(sent(R"({"input":["a","b"]})", task::embeddings), R"({"texts":["a","b"]})");
    EXPECT_EQ(
        answered(
            R"({"embeddings":[{"value":[1.0]},{"value":[2]}]})", R"({"input":["a","b"]})", task::embeddings),
        R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1.0]},{"object":"embedding","index":1,"embedding":[2]}],"model":"bison-001","usage":{"prompt_tokens":0,"total_tokens":0}})");
    EXPECT_THAT(answered(R"({"embeddings":[{"value":[1.0]}]})", R"({"input":["a","b"]})", task::embeddings),
                StartsWith("!"));
}

TEST(palm, a_filtered_answer_is_an_empty_choice) {
    EXPECT_THAT(answered(R"({"filters":[{"reason":"SAFETY"}]})", chat),
                HasSubstr(R"("content":null},"finish_reason":"content_filter")"));
    for (const std::string_view body :
         {"", "{}", "[]", R"({"candidates":[]})", R"({"error":{"code":404,"status":"NOT_FOUND"}})"})
        EXPECT_THAT(answered(body, chat), StartsWith("!{\"external_model_provider\":\"palm\""));
}

TEST(palm, a_stream_is_never_a_good_one) {
    const target to = palm();
    const unified::call call;
    const auto decoder = to.via->make_decoder(call, to);
    std::string out;
    const padded in("data: {\"candidates\":[{\"content\":\"x\"}]}\n\n");
    EXPECT_TRUE(decoder->body(in.view(), out));
    EXPECT_FALSE(decoder->end(out));
    EXPECT_FALSE(decoder->finished());
    EXPECT_EQ(out, "");
}

} // namespace
} // namespace sluice::providers::palm_test
