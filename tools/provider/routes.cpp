#include "tools/provider/routes.hpp"

#include "tools/provider/aws_credentials.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/tokens.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sluice::sim {

namespace {

const auto& all_routes() {
    static const std::array table = {
        route{"POST", "/v1/chat/completions", &openai_chat()},
        route{"POST", "/v1/completions", &openai_completions()},
        route{"POST", "/v1/embeddings", &openai_embeddings()},
        route{"POST", "/openai/deployments/{model}/chat/completions", &azure_chat(), nullptr, "api-version="},
        route{
            "POST", "/openai/deployments/{model}/completions", &azure_completions(), nullptr, "api-version="},
        route{"POST", "/openai/deployments/{model}/embeddings", &azure_embeddings(), nullptr, "api-version="},
        route{"POST", "/v1/responses", &openai_responses()},
        route{"POST", "/openai/v1/responses", &azure_responses()},
        route{"POST", "/openai/responses", &azure_responses(), nullptr, "api-version="},
        route{"POST", "/v1/messages", &anthropic_messages()},
        route{"POST", "/v1/messages/count_tokens", &anthropic_count_tokens()},
        route{"POST", "/v2/chat", &cohere_chat()},
        route{"POST", "/v1/generate", &cohere_generate()},
        route{"POST", "/v2/embed", &cohere_embed()},
        route{"POST", "/studio/v1/chat/completions", &ai21_chat()},
        route{"POST", "/studio/v1/{model}/complete", &ai21_complete()},
        route{"POST",
              "/v1/projects/{}/locations/{}/publishers/google/models/{model}:generateContent",
              &gemini_content()},
        route{"POST",
              "/v1/projects/{}/locations/{}/publishers/google/models/{model}:streamGenerateContent",
              &gemini_events(),
              nullptr,
              "alt=sse"},
        route{"POST",
              "/v1/projects/{}/locations/{}/publishers/google/models/{model}:streamGenerateContent",
              &gemini_list()},
        route{"POST",
              "/v1/projects/{}/locations/{}/publishers/google/models/{model}:predict",
              &vertex_predict()},
        route{"POST",
              "/v1/projects/{}/locations/{}/publishers/google/models/{model}:embedContent",
              &vertex_embed_content()},
        route{"POST",
              "/v1/projects/{}/locations/{}/publishers/anthropic/models/{model}:rawPredict",
              &vertex_claude_whole()},
        route{"POST",
              "/v1/projects/{}/locations/{}/publishers/anthropic/models/{model}:streamRawPredict",
              &vertex_claude_events()},
        route{"POST", "/model/{model}/converse", &bedrock_converse()},
        route{"POST", "/model/{model}/converse-stream", &bedrock_converse_stream()},
        route{"POST", "/model/{model}/invoke", &bedrock_invoke()},
        route{"POST", "/model/{model}/invoke-with-response-stream", &bedrock_invoke_stream()},
        route{"POST", "/v1beta3/models/{model}:generateMessage", &palm_message()},
        route{"POST", "/v1beta3/models/{model}:generateText", &palm_text()},
        route{"POST", "/v1beta3/models/{model}:batchEmbedText", &palm_embed()},
        route{"POST", "/", nullptr, &aws::assume_role},
        route{"PUT", "/latest/api/token", nullptr, &aws::instance_token},
        route{"GET", "/latest/meta-data/iam/security-credentials/", nullptr, &aws::instance_role},
        route{
            "GET", "/latest/meta-data/iam/security-credentials/{model}", nullptr, &aws::instance_credentials},
        route{"POST", "/token", nullptr, &google_token},
        route{"POST", "/{}/oauth2/v2.0/token", nullptr, &entra_token},
    };
    return table;
}

// The model that the path names, "" where the pattern has none; nullopt: another path.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
    std::string model;
    while (!pattern.empty()) {
        if (path.empty()) return std::nullopt;
        if (pattern.front() != '{') {
            if (pattern.front() != path.front()) return std::nullopt;
            pattern.remove_prefix(1);
            path.remove_prefix(1);
            continue;
        }
        const std::string_view name = pattern.substr(0, pattern.find('}') + 1);
        pattern.remove_prefix(name.size());
        // The last ':' of a segment begins the verb; others belong to the model.
        std::string_view segment = path.substr(0, path.find('/'));
        if (pattern.starts_with(':')) segment = segment.substr(0, segment.rfind(':'));
        path.remove_prefix(segment.size());
        auto decoded = percent_decoded(segment);
        if (segment.empty() || !decoded) return std::nullopt;
        if (name == "{model}") model = *std::move(decoded);
    }
    return path.empty() ? std::optional(std::move(model)) : std::nullopt;
}

} // namespace

found_route find_route(std::string_view method, std::string_view path, std::string_view query) {
    found_route out;
    for (const route& each : all_routes()) {
        if (query.find(each.query) == std::string_view::npos) continue;
        auto model = match(each.path, path);
        if (!model) continue;
        if (each.method != method) {
            out.other_method = true;
            continue;
        }
        out.to = &each;
        out.model = *std::move(model);
        return out;
    }
    return out;
}

} // namespace sluice::sim
