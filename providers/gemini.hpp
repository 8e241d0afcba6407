// Gemini's generateContent and the embedding calls beside it, as pure parts: the provider
// `google-cloud-vertex-ai` is put together of them (providers.md §7).
#pragma once

#include "providers/answers.hpp"
#include "providers/neutral.hpp"
#include "providers/provider.hpp"
#include "providers/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::gemini {

enum class thinking : std::uint8_t { none, budget, level };

// What a model takes, by its name (§7.6). A name that tells no generation takes what all take.
struct model_traits {
    thinking thinks = thinking::none;
    bool takes_penalties = true;
    bool has_call_ids = false;    // `id` in functionCall and functionResponse
    bool wants_signature = false; // on the first call of a turn
    bool takes_signature = false;
    bool is_flash = false;
    bool is_lite = false;
    bool is_pro = false;
};
[[nodiscard]] model_traits traits_of(std::string_view model) noexcept;

// Embeddings of these models: one text for each call, by :embedContent; of all others a list, by :predict.
[[nodiscard]] bool uses_embed_content(std::string_view model) noexcept;
// Texts that one embeddings request takes.
[[nodiscard]] std::size_t most_texts(std::string_view model) noexcept;

// What neutral::read has to know.
[[nodiscard]] neutral::dialect dialect_of(std::string_view provider) noexcept;

// Appends the body of generateContent, for chat and completions. What the model does not take is added to
// in.dropped. `provider` is named in refusals. Error bad_request.
[[nodiscard]] result<void>
write_content(neutral::request& in, std::string_view model, std::string_view provider, std::string& out);

// Appends the body of an embeddings call.
[[nodiscard]] result<void>
write_embeddings(const neutral::request& in, std::string_view model, std::string& out);

// A call's id with the signature of the thought behind it, which OpenAI's clients cannot hold anywhere else
// (§7.5): "<id>__thought__<signature>".
struct signed_id {
    std::string_view id;
    std::string_view signature; // empty: none
};
[[nodiscard]] signed_id split_id(std::string_view id) noexcept;
inline constexpr std::string_view signature_mark = "__thought__";

// `usageMetadata` as it was reported (§1.8).
struct counts {
    std::optional<std::int64_t> prompt;
    std::optional<std::int64_t> tool_prompt;
    std::optional<std::int64_t> candidates;
    std::optional<std::int64_t> thoughts;
    std::optional<std::int64_t> cached;
    std::optional<std::int64_t> total;

    [[nodiscard]] bool known() const noexcept { return prompt || candidates || thoughts || total; }
    [[nodiscard]] tally sum() const noexcept;
};

[[nodiscard]] finish finish_of(std::string_view reason) noexcept;

// Reads and writes a whole answer to generateContent.
[[nodiscard]] result<answer> read_content(const unified::call& call,
                                          const target& to,
                                          const answer_context& context,
                                          std::string_view body);

// The same of an embeddings call. As many vectors must come as texts went.
[[nodiscard]] result<answer> read_embeddings(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body);

// The stream of streamGenerateContent as server-sent events.
[[nodiscard]] std::unique_ptr<decoder>
make_sse_decoder(const unified::call& call, const target& to, const answer_context& context);

} // namespace sluice::providers::gemini
