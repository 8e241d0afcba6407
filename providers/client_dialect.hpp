// The APIs that clients speak beside OpenAI's chat (api.md §10.7), and their translation for providers that
// do not speak the same: a body into a chat of OpenAI's schema, an answer and a stream of that schema back.
// Pure, no sockets, no clock.
#pragma once

#include "core/base/error.hpp"
#include "providers/dialect.hpp"
#include "providers/provider.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers {

// OpenAI's chat events into those of the client's dialect. One per answer.
class event_translation {
public:
    event_translation() = default;
    event_translation(const event_translation&) = delete;
    event_translation& operator=(const event_translation&) = delete;
    virtual ~event_translation() = default;

    // `chunks`: whole events, each `data: ` + one line of JSON or [DONE] + two line ends, as this gateway
    // writes them; json::padding bytes behind it must be readable. Appends whole events of the dialect. Error
    // bad_upstream: a chunk is not of the schema. What [DONE] ends is complete.
    [[nodiscard]] virtual result<void> chunks(std::string_view chunks, std::string& out) = 0;
};

// Stateless; one object per dialect.
class client_translator {
public:
    client_translator() = default;
    client_translator(const client_translator&) = delete;
    client_translator& operator=(const client_translator&) = delete;
    virtual ~client_translator() = default;

    // Appends a chat body with the same meaning; of a stream with stream_options.include_usage. The signed
    // thinking of its history goes along, as `thinking_blocks`, for a target that takes it (`with_thoughts`):
    // others might refuse the member. json::padding bytes behind `body` must be readable. Error bad_request:
    // not of the schema, or it asks for what no chat can do.
    [[nodiscard]] virtual result<void>
    to_chat(std::string_view body, bool with_thoughts, std::string& chat) const = 0;

    // The answer of OpenAI's schema as the client expects it. `request`: the client's own body. json::padding
    // bytes behind both must be readable. Error bad_upstream.
    [[nodiscard]] virtual result<std::string>
    from_answer(std::string_view request, std::string_view answer, const answer_context& context) const = 0;

    // The context's stem must outlive the translation; `request` need not. json::padding as above.
    [[nodiscard]] virtual std::unique_ptr<event_translation>
    make_events(std::string_view request, const answer_context& context) const = 0;
};

// Does the target's model take its signed thinking back, from `thinking_blocks` of the history? Claude does,
// whoever serves it.
[[nodiscard]] bool takes_thoughts(const target& to) noexcept;

// Null for openai and gemini.
[[nodiscard]] const client_translator* translator_of(dialect speaks) noexcept;
[[nodiscard]] const client_translator& messages_translator() noexcept;
[[nodiscard]] const client_translator& responses_translator() noexcept;

} // namespace sluice::providers
