// Amazon Bedrock as pure parts (providers.md §6): Converse for chat, InvokeModel for what Converse does not
// do or what is older than it. The provider `amazon-bedrock` is put together of them.
#pragma once

#include "core/base/secret_string.hpp"
#include "providers/anthropic.hpp"
#include "providers/event_stream.hpp"
#include "providers/neutral.hpp"
#include "providers/provider.hpp"
#include "providers/tally.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::bedrock {

inline constexpr std::string_view provider_name = "amazon-bedrock";

// Who made the model. Never guessed from its id: the ARN of an inference profile hides it.
enum class family : std::uint8_t { anthropic, cohere, ai21labs, amazon };
// In the same order.
inline constexpr std::array<std::string_view, 4> family_names = {"anthropic", "cohere", "ai21labs", "amazon"};
[[nodiscard]] std::optional<family> parse_family(std::string_view text) noexcept; // in any case

// The API that a target's calls go through.
enum class route : std::uint8_t {
    converse,
    claude_messages, // of InvokeModel, as all below: what Converse does too, in Anthropic's own words
    claude_text,     // claude-v2 and claude-instant
    titan_text,
    cohere_generate, // command and command-light
    jurassic,        // no streams
    titan_embed,
    cohere_embed
};

// Where a call of this task goes. Error invalid_parameter_value: no model of the family does it.
[[nodiscard]] result<route> route_of(family of, task kind, std::string_view model);
// The last part of the path; of streams empty when the API has none.
[[nodiscard]] std::string_view operation_of(route by) noexcept;
[[nodiscard]] std::string_view stream_operation_of(route by, std::string_view model) noexcept;

// What a target keeps for its calls.
struct settings {
    family of = family::anthropic;
    route by = route::converse;
    std::string region;
    std::string base_path; // of the operator's base, mostly empty
    secret_string key_id;  // both empty: a source has them
    secret_string secret;
};
[[nodiscard]] const settings& settings_of(const target& to);

// Puts heads and `own` of a target that has its origin and model already. Error invalid_parameter_value.
[[nodiscard]] result<void> put_settings(target& to, settings with);

// The parts that a route is made of: the dialect of neutral::read, a request's body, a whole answer.
[[nodiscard]] neutral::dialect dialect_of(route by) noexcept;
// Error bad_request: several prompts or inputs, of which each would be a call of its own.
[[nodiscard]] result<void> check_items(const neutral::request& in, route by);
[[nodiscard]] result<void>
write_converse(neutral::request& in, const settings& with, std::string_view model, std::string& out);
[[nodiscard]] result<void>
write_invoke(neutral::request& in, route by, std::string_view model, std::string& out);
[[nodiscard]] result<answer> read_converse_answer(const unified::call& call,
                                                  const target& to,
                                                  const answer_context& context,
                                                  std::string_view body);
[[nodiscard]] result<answer> read_invoke_answer(const unified::call& call,
                                                const target& to,
                                                const answer_context& context,
                                                std::string_view body);

// Bedrock's names for why an answer ended.
[[nodiscard]] finish converse_finish(std::string_view reason) noexcept;
[[nodiscard]] finish titan_finish(std::string_view reason) noexcept;

// Counts of Converse. In streams they come in one event.
struct counts {
    std::optional<std::int64_t> input; // without the cache
    std::optional<std::int64_t> output;
    std::optional<std::int64_t> cache_read;
    std::optional<std::int64_t> cache_write;

    [[nodiscard]] tally sum() const noexcept;
};

// Do the fields of an answer that is not 2xx name an expired or unknown credential? It comes with a 403.
[[nodiscard]] bool is_credential_refusal(const http::field_list& fields) noexcept;

// The status that an exception of the runtime stands for, by its name in any case; 0: not one of them.
[[nodiscard]] int status_of_exception(std::string_view name) noexcept;
// The same of an answer that is not 2xx: by the name in its head or, without it, in its body (§6.8).
[[nodiscard]] int status_of_answer(int status, const http::field_list& fields, std::string_view body);

// The events of one answer, out of their frames, into the client's stream.
class event_translator {
public:
    event_translator() = default;
    event_translator(const event_translator&) = delete;
    event_translator& operator=(const event_translator&) = delete;
    virtual ~event_translator() = default;

    // json::padding bytes behind `payload` must be readable.
    [[nodiscard]] virtual result<void>
    event(std::string_view type, std::string_view payload, std::string& out) = 0;
    // The body has ended. Error: before the terminal event.
    [[nodiscard]] virtual result<void> end(std::string& out) = 0;
    [[nodiscard]] virtual bool finished() const noexcept = 0; // [DONE] is written
    [[nodiscard]] virtual usage used() const noexcept = 0;
};
// `to` and the context's stem outlive it.
[[nodiscard]] std::unique_ptr<event_translator>
make_converse_translator(const unified::call& call, const target& to, const answer_context& context);
[[nodiscard]] std::unique_ptr<event_translator>
make_invoke_translator(const unified::call& call, const target& to, const answer_context& context);

// Both of them with the frames around.
[[nodiscard]] std::unique_ptr<decoder>
make_decoder(const unified::call& call, const target& to, const answer_context& context);

} // namespace sluice::providers::bedrock
