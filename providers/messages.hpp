// Anthropic's Messages for clients of any provider; only messages*.cpp use this.
#pragma once

#include "providers/chat_chunk.hpp"
#include "providers/client_dialect.hpp"
#include "providers/slices.hpp"
#include "providers/tally.hpp"

#include <string>
#include <string_view>

namespace sluice::providers::messages {

[[nodiscard]] result<void> write_chat(std::string_view body, bool with_thoughts, std::string& chat);

// The member `messages` into the elements of a chat's list, each with a comma behind it.
[[nodiscard]] result<void> append_turns(slices::node list, bool with_thoughts, std::string& chat);
// A text, or a list of text blocks, as one JSON string.
[[nodiscard]] result<void>
append_text_of_blocks(slices::node content, std::string_view where, std::string_view front, std::string& out);

[[nodiscard]] result<std::string> write_message(std::string_view answer, const answer_context& context);

// The value of `usage`: what was read from or written to a cache is no part of input_tokens here.
void append_counts(std::string& out, const tally& used);

// The stop reason for OpenAI's.
[[nodiscard]] std::string_view
stop_reason_of(std::string_view finish_reason, bool has_calls, bool refused) noexcept;

// The answer's own id if it is one of Anthropic's, else one of ours; with quotes.
void append_message_id(std::string& out, std::string_view id, std::string_view stem);

[[nodiscard]] std::unique_ptr<event_translation> make_events(const answer_context& context);

} // namespace sluice::providers::messages
