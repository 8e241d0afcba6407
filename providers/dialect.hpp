// The APIs in which clients query (api.md §10.5, §10.7).
#pragma once

#include <cstdint>

namespace sluice::providers {

enum class dialect : std::uint8_t {
    openai,    // chat, completions, embeddings
    messages,  // Anthropic's Messages
    responses, // OpenAI's Responses
    gemini,    // Google's generateContent; never translated
};

// What a call of a client's own dialect asks for.
enum class native_call : std::uint8_t {
    answer,       // an answer of the model, whole or as a stream
    count_tokens, // of Messages: how many tokens the input has
};

} // namespace sluice::providers
