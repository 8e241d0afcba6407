// The client-side schema: the OpenAI shapes of chat, completions and embeddings, read once where they lie
// (simdjson On-Demand) and kept as positions in the client's bytes, so that a provider of the same shape can
// forward by splicing.
#pragma once

#include "core/base/error.hpp"

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers {

enum class task : std::uint8_t { chat, completions, embeddings };

// "llm/v1/chat" and so on; parse_task is nullopt for anything else.
[[nodiscard]] std::string_view to_string(task kind) noexcept;
[[nodiscard]] std::optional<task> parse_task(std::string_view text) noexcept;

namespace unified {

// Top-level members that the gateway itself reads; a repeated one is refused. All others pass through.
enum class known : std::uint8_t {
    other,
    model,
    stream,
    stream_options,
    messages,
    prompt,
    input,
    max_tokens,
    max_completion_tokens,
    temperature,
    top_p,
    top_k,
    n,
    stop,
    presence_penalty,
    frequency_penalty,
    extra_params,
    client_request_id,
    usage_context
};

// One top-level member of the body, as offsets into it.
struct member {
    known name = known::other;
    std::size_t begin = 0;   // the quote that opens the key
    std::size_t key_end = 0; // behind the quote that closes the key
    std::size_t value_begin = 0;
    std::size_t value_end = 0; // behind the value's last character
};

struct call {
    task kind = task::chat;
    std::string_view body;                   // the whole client text; must outlive the call
    absl::InlinedVector<member, 16> members; // in the order of the text
    std::string model;                       // decoded; empty when the client sent none
    bool stream = false;
    bool include_usage = false; // stream_options.include_usage
    bool is_translated = false; // the gateway wrote the body: its stream_options are not the client's
    bool asks_no_usage = false; // of a stream: the gateway adds no stream_options
    // Where the client's include_usage value stands in `body`; the end is 0 when it has none.
    std::size_t include_usage_begin = 0;
    std::size_t include_usage_end = 0;
    std::string client_request_id; // logged, never forwarded
    std::string extra;             // extra_params as members to merge: `"k":v,"l":w`
    std::string forwarded; // whole field lines of the client that go on to a provider of its own dialect

    [[nodiscard]] const member* find(known name) const noexcept;
    // Does the gateway ask for a stream's usage where the client has not?
    [[nodiscard]] bool adds_usage() const noexcept {
        return stream && !asks_no_usage && (is_translated || !include_usage);
    }
};

// A call of which nothing is known but its body.
void reset(call& out, task wanted, std::string_view body);

// Parses and checks one query body. json::padding bytes behind `body` must be readable. The whole text is
// checked: only JSON is ever forwarded, depth <= 64, ranges of api.md §10.1 and providers.md §1.4 ("Range
// checks"). Error bad_request with a plain sentence. On the OpenAI paths the task is not known before the
// endpoint is: parse with peek_model first, then with the task.
[[nodiscard]] result<void> parse(task kind, std::string_view body, call& out);

// Only the value of "model", for the paths on which it names the endpoint. Error bad_request when absent, not
// text or not JSON.
[[nodiscard]] result<std::string> peek_model(std::string_view body);

// Appends the frame that ends a failed stream: `data: {"error":{…},"error_code":…,"message":…}\n\n` (api.md
// §10.3).
void append_error_event(std::string& out, const error& e);

} // namespace unified
} // namespace sluice::providers
