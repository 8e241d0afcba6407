// All APIs that the simulated provider speaks: one operation each. Named by the table of routes.
#pragma once

#include "tools/provider/dialect.hpp"

namespace sluice::sim {

[[nodiscard]] const dialect& openai_chat() noexcept;
[[nodiscard]] const dialect& openai_completions() noexcept;
[[nodiscard]] const dialect& openai_embeddings() noexcept;
[[nodiscard]] const dialect& azure_chat() noexcept;
[[nodiscard]] const dialect& azure_completions() noexcept;
[[nodiscard]] const dialect& azure_embeddings() noexcept;
[[nodiscard]] const dialect& anthropic_messages() noexcept;
[[nodiscard]] const dialect& cohere_chat() noexcept;
[[nodiscard]] const dialect& cohere_generate() noexcept;
[[nodiscard]] const dialect& cohere_embed() noexcept;
[[nodiscard]] const dialect& ai21_chat() noexcept;
[[nodiscard]] const dialect& ai21_complete() noexcept;
[[nodiscard]] const dialect& gemini_content() noexcept;
[[nodiscard]] const dialect& gemini_events() noexcept;
[[nodiscard]] const dialect& gemini_list() noexcept; // a stream that did not ask for events
[[nodiscard]] const dialect& vertex_predict() noexcept;
[[nodiscard]] const dialect& vertex_embed_content() noexcept;
[[nodiscard]] const dialect& vertex_claude_whole() noexcept;
[[nodiscard]] const dialect& vertex_claude_events() noexcept;
[[nodiscard]] const dialect& bedrock_converse() noexcept;
[[nodiscard]] const dialect& bedrock_converse_stream() noexcept;
[[nodiscard]] const dialect& bedrock_invoke() noexcept;
[[nodiscard]] const dialect& bedrock_invoke_stream() noexcept;
[[nodiscard]] const dialect& openai_responses() noexcept;
[[nodiscard]] const dialect& azure_responses() noexcept;
[[nodiscard]] const dialect& anthropic_count_tokens() noexcept;
[[nodiscard]] const dialect& palm_message() noexcept;
[[nodiscard]] const dialect& palm_text() noexcept;
[[nodiscard]] const dialect& palm_embed() noexcept;

} // namespace sluice::sim
