// AI21's chat (Jamba) and its older text completion (Jurassic-2), as pure parts: the provider `ai21labs` is
// put together of them, and Jurassic-2 on Bedrock takes the last from here (providers.md §5, §6.6).
#pragma once

#include "providers/answers.hpp"
#include "providers/neutral.hpp"
#include "providers/provider.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers::ai21 {

// Where the completions of one service differ.
struct flavour {
    std::string_view provider; // named in refusals
    bool takes_top_k = false;
};

// Completions of these models go to /{model}/complete, which cannot stream: j2-…
[[nodiscard]] bool uses_complete(task kind, std::string_view model) noexcept;

// What neutral::read has to know; `provider` is named in refusals.
[[nodiscard]] neutral::dialect dialect_of(std::string_view provider) noexcept;
[[nodiscard]] neutral::dialect complete_dialect_of(const flavour& of) noexcept;

// Appends the body of a chat, for chat and for completions. What the API does not take is added to
// in.dropped. Error bad_request.
[[nodiscard]] result<void>
write_chat(neutral::request& in, std::string_view model, std::string_view provider, std::string& out);

// The same of /complete, which knows no model: the path names it.
[[nodiscard]] result<void> write_complete(neutral::request& in, const flavour& of, std::string& out);

// Reads and writes a whole answer of either, as its own members say. `otherwise`: what the service counted
// beside it, for an answer that counts nothing.
[[nodiscard]] result<answer> read_json_answer(const unified::call& call,
                                              const target& to,
                                              const answer_context& context,
                                              std::string_view body,
                                              const tally& otherwise = {});

[[nodiscard]] finish finish_of(std::string_view finish_reason) noexcept;

// The decoder of a chat's stream: server-sent events.
[[nodiscard]] std::unique_ptr<decoder>
make_chat_decoder(const unified::call& call, const target& to, const answer_context& context);

} // namespace sluice::providers::ai21
