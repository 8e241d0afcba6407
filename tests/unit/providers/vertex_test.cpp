#include "providers/credential.hpp"
#include "providers/sentence.hpp"
#include "providers/vertex.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

#include <gmock/gmock.h>

#include <tuple>
#include <utility>

namespace sluice::providers::vertex_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string path_of(const secret_string& head) {
    const std::string_view text = head.reveal();
    return std::string(text.substr(5, text.find(' ', 5) - 5));
}

TEST(vertex, every_region_has_its_host) {
    for (const auto& [region, host] : {std::pair{"us-central1", "us-central1-aiplatform.googleapis.com"},
                                       std::pair{"europe-west4", "europe-west4-aiplatform.googleapis.com"},
                                       std::pair{"global", "aiplatform.googleapis.com"},
                                       std::pair{"eu", "aiplatform.eu.rep.googleapis.com"},
                                       std::pair{"us", "aiplatform.us.rep.googleapis.com"}}) {
        const auto to = vertex_provider().resolve(gemini_2_5, task::chat, vertex_config(region), "");
        ASSERT_TRUE(to) << to.error().message;
        EXPECT_EQ(to->to, (origin{true, host, 443}));
        EXPECT_THAT(path_of(to->head), HasSubstr(std::string("/locations/") + region + "/"));
    }
}

TEST(vertex, a_model_says_whose_api_it_has) {
    for (const auto& [model, family] : {std::pair{"gemini-2.5-pro", vertex_family::gemini},
                                        std::pair{"text-embedding-005", vertex_family::gemini},
                                        std::pair{"claude-sonnet-4-5@20250929", vertex_family::anthropic},
                                        std::pair{"mistral-large-2411", vertex_family::openai},
                                        std::pair{"codestral-2501", vertex_family::openai},
                                        std::pair{"jamba-1.5-large", vertex_family::openai},
                                        std::pair{"meta/llama-3.3-70b-instruct-maas", vertex_family::openai},
                                        std::pair{"deepseek-r1-0528-maas", vertex_family::openai},
                                        std::pair{"google/gemini-2.5-flash", vertex_family::openai}}) {
        EXPECT_EQ(vertex_family_of(model), family) << model;
    }
}

TEST(vertex, each_task_of_each_family_has_its_verb) {
    const std::string root = "/v1/projects/test-project/locations/us-central1/";
    using row = std::tuple<std::string_view, task, std::string_view, std::string_view>;
    for (const auto& [model, kind, path, stream_path] :
         {row{"gemini-2.5-flash",
              task::completions,
              "publishers/google/models/gemini-2.5-flash:generateContent",
              "publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse"},
          row{"claude-opus-4-5@20251101",
              task::chat,
              "publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict",
              "publishers/anthropic/models/claude-opus-4-5@20251101:streamRawPredict"},
          row{"gemini odd?x",
              task::chat,
              "publishers/google/models/gemini%20odd%3Fx:generateContent",
              "publishers/google/models/gemini%20odd%3Fx:streamGenerateContent?alt=sse"},
          row{"text-embedding-005",
              task::embeddings,
              "publishers/google/models/text-embedding-005:predict",
              ""},
          row{"gemini-embedding-001",
              task::embeddings,
              "publishers/google/models/gemini-embedding-001:predict",
              ""},
          row{"gemini-embedding-2-preview",
              task::embeddings,
              "publishers/google/models/gemini-embedding-2-preview:embedContent",
              ""},
          row{"meta/llama-4-maas", task::chat, "endpoints/openapi/chat/completions", ""},
          row{"intfloat/e5-maas", task::embeddings, "endpoints/openapi/embeddings", ""}}) {
        const target to = vertex_target(model, kind);
        EXPECT_EQ(path_of(to.head), root + std::string(path));
        EXPECT_EQ(to.stream_head.empty(), stream_path.empty()) << model;
        if (!stream_path.empty()) {
            EXPECT_EQ(path_of(to.stream_head), root + std::string(stream_path));
        }
    }
}

TEST(vertex, tasks_that_a_family_does_not_have_are_refused_with_the_config) {
    for (const auto& [model, kind] : {std::pair{"claude-sonnet-4-5", task::embeddings},
                                      std::pair{"meta/llama-4-maas", task::completions}}) {
        const auto to = vertex_provider().resolve(model, kind, vertex_config(), "");
        ASSERT_FALSE(to);
        EXPECT_EQ(to.error().code, errc::invalid_parameter_value);
        EXPECT_THAT(to.error().message, HasSubstr(model));
    }
}

TEST(vertex, lists_go_in_as_many_requests_as_the_model_needs) {
    for (const auto& [model, kind, most] : {std::tuple{"text-embedding-005", task::embeddings, 250U},
                                            std::tuple{"gemini-embedding-001", task::embeddings, 1U},
                                            std::tuple{"gemini-embedding-2", task::embeddings, 1U},
                                            std::tuple{"gemini-2.5-flash", task::completions, 1U},
                                            std::tuple{"claude-sonnet-4-5", task::completions, 1U},
                                            std::tuple{"x/e5-maas", task::embeddings, 0U}}) {
        EXPECT_EQ(vertex_target(model, kind).most_items, most) << model;
    }
}

TEST(vertex, the_head_has_no_credential_until_the_token_is_there) {
    const target to = vertex_target();
    for (const secret_string* head : {&to.head, &to.stream_head}) {
        EXPECT_THAT(std::string(head->reveal()), Not(HasSubstr("uthorization")));
        EXPECT_THAT(std::string(head->reveal()), Not(HasSubstr("anthropic-version")));
    }
    ASSERT_NE(to.credential, nullptr);
    EXPECT_EQ(to.credential->id(), vertex_target(gemini_3).credential->id());
    credential with;
    with.token = secret_string("ya29.t");
    upstream_request out;
    ASSERT_TRUE(to.via->authorize(to, false, &with, 0, out));
    EXPECT_EQ(out.credential_lines, "Authorization: Bearer ya29.t\r\n");
}

TEST(vertex, the_operators_base_stands_before_the_path) {
    const auto to =
        vertex_provider().resolve(gemini_2_5, task::chat, vertex_config(), "http://127.0.0.1:8080/vertex/");
    ASSERT_TRUE(to);
    EXPECT_EQ(to->to, (origin{false, "127.0.0.1", 8080}));
    EXPECT_TRUE(path_of(to->head).starts_with("/vertex/v1/projects/test-project/"));
    const auto* const own = dynamic_cast<const vertex_part*>(to->own.get());
    ASSERT_NE(own, nullptr);
    EXPECT_EQ(
        own->path,
        "/vertex/v1/projects/test-project/locations/us-central1/publishers/google/models/gemini-2.5-flash");
}

TEST(vertex, the_config_must_be_whole_and_cannot_lead_elsewhere) {
    const provider& vertex = vertex_provider();
    EXPECT_TRUE(vertex.check(vertex_config()));
    EXPECT_TRUE(vertex.check(vertex_config("global", "example.com:my-project")));
    for (const std::string_view bad :
         {"", "a b", "evil.example/x?", "-x", "a/../b", "x\r\ny", "us_central1"}) {
        EXPECT_FALSE(vertex.check(vertex_config(bad))) << bad;
        EXPECT_FALSE(vertex.resolve(gemini_2_5, task::chat, vertex_config(bad), "")) << bad;
    }
    for (const std::string_view bad : {"", "a/b", "a b", "a?b", "%2e"})
        EXPECT_FALSE(vertex.check(vertex_config("us-central1", bad))) << bad;
    resolved_config no_key = vertex_config();
    no_key.secrets.clear();
    const auto checked = vertex.check(no_key);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().message, HasSubstr("private_key"));
    resolved_config bad_key = vertex_config();
    bad_key.secrets.insert_or_assign("private_key", secret_string("secret"));
    const auto resolved = vertex.resolve(gemini_2_5, task::chat, bad_key, "");
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code, errc::invalid_parameter_value);
    EXPECT_THAT(resolved.error().message, Not(HasSubstr("secret")));
}

TEST(vertex, claude_gets_its_version_in_the_body_and_no_model) {
    const target to = vertex_target("claude-3-5-haiku@20241022");
    EXPECT_EQ(
        vertex_sent_with(R"("max_tokens":5,"temperature":1,"model":"c","stream":true)", to),
        R"({"max_tokens":5,"messages":[{"role":"user","content":"x"}],"temperature":0.5,"anthropic_version":"vertex-2023-10-16","stream":true})");
    EXPECT_EQ(
        vertex_sent(
            R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://h/i.png"}}]}]})",
            to),
        "Parameter image_url.url (other than data:) is not supported for provider google-cloud-vertex-ai.");
    // There is no older call, whatever the model.
    const target old = vertex_target("claude-2.1", task::completions);
    EXPECT_THAT(vertex_sent(R"({"prompt":"x"})", old),
                HasSubstr(R"("messages":[{"role":"user","content":"x"}])"));
    EXPECT_TRUE(path_of(old.head).ends_with(":rawPredict"));
}

TEST(vertex, claude_answers_as_at_anthropic_and_errors_may_be_googles) {
    const target to = vertex_target("claude-sonnet-4-5@20250929");
    const std::string stream =
        R"(data: {"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":3,"output_tokens":1}}})"
        "\n\n"
        R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}})"
        "\n\n";
    EXPECT_THAT(
        vertex_decoded({stream +
                        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
                        "data: {\"type\":\"message_stop\"}\n\n"},
                       false,
                       to),
        testing::EndsWith("data: [DONE]\n\n"));
    EXPECT_THAT(vertex_decoded({stream}, false, to), HasSubstr("stream ended early"));
    const std::string_view error = R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}})";
    const std::string nested = sentence({R"(!{"external_model_provider":"google-cloud-vertex-ai",)",
                                         R"("external_model_error":)",
                                         error,
                                         "}"});
    EXPECT_EQ(vertex_answered(error, to), nested);
    EXPECT_THAT(vertex_decoded({sentence({stream, "data: ", error, "\n\n"})}, false, to),
                testing::EndsWith(nested));
    EXPECT_THAT(vertex_decoded({sentence({stream, "data: [", error, "]\n\n"})}, false, to),
                testing::EndsWith(sentence({R"("external_model_error":[)", error, "]}"})));
}

TEST(vertex, models_of_others_get_openais_body_with_their_publisher) {
    for (const auto& [model, sent] : {std::pair{"mistral-large-2411", "mistralai/mistral-large-2411"},
                                      std::pair{"codestral-2501", "mistralai/codestral-2501"},
                                      std::pair{"jamba-1.5-mini", "ai21/jamba-1.5-mini"},
                                      std::pair{"llama-4-maas", "meta/llama-4-maas"},
                                      std::pair{"deepseek-v3-maas", "deepseek-ai/deepseek-v3-maas"},
                                      std::pair{"new-thing-maas", "new-thing-maas"},
                                      std::pair{"qwen/qwen3-maas", "qwen/qwen3-maas"}}) {
        const target to = vertex_target(model);
        EXPECT_EQ(vertex_sent(R"({"messages":[{}],"model":"x","logit_bias":{}})", to),
                  std::string(R"({"messages":[{}],"model":")") + sent + R"(","logit_bias":{}})");
        EXPECT_EQ(to.model, model);
    }
    const target to = vertex_target("meta/llama-4-maas");
    EXPECT_THAT(
        vertex_decoded(
            {R"(data: {"id":"i","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]})"
             "\n\ndata: [DONE]\n\n"},
            false,
            to),
        testing::EndsWith("data: [DONE]\n\n"));
    EXPECT_EQ(vertex_answered(R"({"choices":[{"text":"a"}]})", to), R"({"choices":[{"text":"a"}]})");
}

} // namespace
} // namespace sluice::providers::vertex_test
