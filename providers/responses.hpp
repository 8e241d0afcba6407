// OpenAI's Responses for clients of any provider; only responses*.cpp use this.
#pragma once

#include "providers/chat_chunk.hpp"
#include "providers/client_dialect.hpp"
#include "providers/slices.hpp"
#include "providers/tally.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers::responses {

[[nodiscard]] result<void> write_chat(std::string_view body, bool with_thoughts, std::string& chat);

// The items of `input` into the elements of a chat's list, each with a comma behind it.
[[nodiscard]] result<void> append_items(slices::node list, bool with_thoughts, std::string& chat);

[[nodiscard]] result<std::string>
write_response(std::string_view request, std::string_view answer, const answer_context& context);

[[nodiscard]] std::unique_ptr<event_translation> make_events(std::string_view request,
                                                             const answer_context& context);

// How a response ended.
enum class ending : std::uint8_t { none, completed, max_tokens, filtered };
[[nodiscard]] ending ending_of(std::string_view finish_reason) noexcept;

// The members that stand around `output`, written piece by piece.
struct frame {
    std::string id;    // JSON text
    std::string model; // JSON text
    std::int64_t created = 0;
    std::string echo;           // what a response repeats of its request, each member with a comma before it
    bool with_thoughts = false; // the client asks for reasoning.encrypted_content
};
void read_request(std::string_view request, frame& out);
// Up to the value of `output`; behind it.
void append_front(std::string& out, const frame& of, ending how);
void append_back(std::string& out, ending how, const tally& used);

// The answer's own id if it is one of Responses, else one of ours; with quotes.
[[nodiscard]] std::string response_id(std::string_view id, std::string_view stem);

// Appends an element of `thinking_blocks` to a list of them; texts as they stand in JSON.
void append_thought(std::string& list,
                    std::string_view text,
                    std::string_view signature,
                    std::string_view redacted);

// A reasoning item's encrypted_content, as a JSON text: what its model wants back of it, which the gateway
// keeps nowhere. `list`: elements of `thinking_blocks`; empty: null. Nobody's secret, it is base64.
[[nodiscard]] std::string sealed_thoughts(std::string_view list);
// The list, of a client's item; empty: there is none, or it is another service's. Error bad_request.
[[nodiscard]] result<std::string> opened_thoughts(slices::node item, std::string_view where);

// Whole items. `id` without, texts with quotes; `status`: completed, in_progress, incomplete. `sealed`: JSON,
// empty: no such member.
void append_reasoning_item(std::string& out,
                           std::string_view id,
                           std::string_view text,
                           std::string_view sealed);
void append_message_front(std::string& out, std::string_view id, std::string_view status);
void append_call_item(std::string& out,
                      std::string_view id,
                      std::string_view status,
                      std::string_view call_id,
                      std::string_view name,
                      std::string_view arguments);

} // namespace sluice::providers::responses
