// A client's own dialect on its way to a provider that speaks it: the body goes on as it is but for the
// model's name, the answer comes back as it is, and what it used is read in passing (api.md §10.7).
#pragma once

#include "core/base/error.hpp"
#include "providers/dialect.hpp"
#include "providers/provider.hpp"
#include "providers/unified.hpp"

#include <string_view>

namespace sluice::providers::native {

// How a service's body differs from the client's.
struct flavour {
    bool sends_model = true;       // else the path names it, and the body must not
    std::string_view body_version; // of Messages: the member anthropic_version; empty: a header says it
};

// Reads a body as far as the gateway has to know it: a JSON object, the model's name, whether a stream is
// wanted. For Gemini, whose path says both, only that it is an object. json::padding bytes behind `body` must
// be readable. Error bad_request.
[[nodiscard]] result<void> parse(dialect speaks, std::string_view body, unified::call& out);

// How these providers are spoken to.
[[nodiscard]] const upstream_api& messages_api() noexcept;        // Anthropic itself
[[nodiscard]] const upstream_api& vertex_messages_api() noexcept; // Claude on Vertex
[[nodiscard]] const upstream_api& count_tokens_api() noexcept;    // Anthropic itself
[[nodiscard]] const upstream_api& responses_api() noexcept;
[[nodiscard]] const upstream_api& gemini_api() noexcept;

// A target beside `of`, at the same upstream with the same credential, for calls of a dialect; its head is
// still to be put.
[[nodiscard]] target begin_beside(const target& of, const upstream_api& via);

// How many tokens a Messages body may have, for providers that do not count: a guess by the length of its
// texts.
[[nodiscard]] std::int64_t estimate_tokens(std::string_view body);

// Appends the body with its model replaced or taken out, and fills `head_tail`.
void splice(const unified::call& call, const target& to, const flavour& of, upstream_request& out);

} // namespace sluice::providers::native
