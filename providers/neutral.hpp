// A client's call without the dialect of OpenAI: what providers of another shape print in theirs
// (providers.md §1.3-§1.6). Old and new spellings are one, null is absent, ranges are checked, tool results
// stand in the order of their calls.
#pragma once

#include "core/base/error.hpp"
#include "providers/slices.hpp"
#include "providers/unified.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::neutral {

enum class part_kind : std::uint8_t { text, image, file, audio };

// One piece of a message. Texts are decoded, never empty.
struct part {
    part_kind kind = part_kind::text;
    std::string_view text;       // of a text
    std::string_view media_type; // of data: "image/png", lower case
    std::string_view data;       // base64, checked, without blanks; empty when there is a url
    std::string_view url;        // http:, https: or gs:, of an image; never fetched by the gateway
    std::string_view name;       // of a file
};

struct tool_call {
    std::string_view id;        // as the client gave it; made up in the old form, which has none
    std::string_view name;      // of the function
    std::string_view arguments; // a JSON object, minified
};

// What the assistant thought, as its model has signed it.
struct thought {
    std::string_view text;
    std::string_view signature;
    std::string_view redacted; // what nobody may read; the others are empty then
};

struct tool_result {
    std::string_view call_id;
    std::string_view name;   // of the function; empty when the history does not say it
    std::vector<part> parts; // may be empty
};

enum class speaker : std::uint8_t { user, assistant, tool };

// One message, or all results that follow each other. Turns of one speaker may follow each other.
struct turn {
    speaker from = speaker::user;
    std::vector<thought> thoughts; // of the assistant, before its parts
    std::vector<part> parts;
    std::vector<tool_call> calls;     // of the assistant, behind its parts
    std::vector<tool_result> results; // of a tool, in the order of the calls before
};

struct tool {
    std::string_view name;
    std::string_view description; // empty: none
    slices::node parameters;      // a JSON schema; absent: none
    bool strict = false;
};

enum class choice_kind : std::uint8_t { absent, automatic, none, required, named };

struct tool_choice {
    choice_kind kind = choice_kind::absent;
    std::string_view name; // of the tool, when named
};

enum class format_kind : std::uint8_t { text, json_object, json_schema };

struct response_format {
    format_kind kind = format_kind::text;
    std::string_view name;
    slices::node schema; // of json_schema; an object
};

// A number with its text, which goes on as it is when nothing is computed.
struct number {
    double value = 0;
    std::string_view text;
};

// What the reader has to know of a provider.
struct dialect {
    std::string_view provider; // named in refusals
    // Top-level members that it prints; of all others those that a client sent are listed as dropped.
    std::span<const std::string_view> takes;
    bool takes_n = false; // else n > 1 is refused
};

// Views are into the client's body or `texts`: the body must outlive this.
struct request {
    request() = default;
    request(const request&) = delete;
    request& operator=(const request&) = delete;

    task kind = task::chat;
    bool stream = false;
    bool include_usage = false;

    std::vector<std::string_view> system; // texts of roles system and developer, wherever they stood
    std::vector<turn> turns;
    std::vector<std::string_view> prompts; // of completions
    std::vector<std::string_view> inputs;  // of embeddings

    std::optional<std::int64_t> max_tokens; // max_completion_tokens beats max_tokens
    std::optional<number> temperature;
    std::optional<number> top_p;
    std::optional<number> presence_penalty;
    std::optional<number> frequency_penalty;
    std::optional<std::int64_t> top_k;
    std::optional<std::int64_t> n;
    std::optional<std::int64_t> seed;
    std::optional<std::int64_t> dimensions;
    std::vector<std::string_view> stop;
    std::string_view user;
    bool logprobs = false;
    bool base64 = false; // embeddings in base64

    std::vector<tool> tools;
    tool_choice choice;
    bool parallel_tool_calls = true;
    response_format format;
    std::string_view reasoning_effort; // one of none, minimal, low, medium, high, xhigh, max; or empty

    // Members that do not go upstream, for a metric. An adapter adds what it leaves out by itself.
    std::vector<std::string_view> dropped;

    slices tree;
    std::deque<std::string> texts; // decoded
};

// Reads a call that unified::parse has accepted. Error bad_request with a plain sentence.
[[nodiscard]] result<void> read(const unified::call& call, const dialect& of, request& out);

// The two refusals of providers.md §1.4; code bad_request.
[[nodiscard]] error must_be_one(std::string_view parameter, const dialect& of);
[[nodiscard]] error not_supported(std::string_view parameter, const dialect& of);

// Do the last calls of the history belong to an answer that begins with a signed thought? Results do not
// begin another answer. True when there are no calls.
[[nodiscard]] bool thinks_before_calls(const request& of) noexcept;

} // namespace sluice::providers::neutral
