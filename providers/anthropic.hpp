// Anthropic's Messages API and its older text completion, as pure parts: the provider `anthropic` is put
// together of them, and so are Claude on Vertex and on Bedrock's InvokeModel, which differ by the flavour of
// the request and the framing of the stream (providers.md §3).
#pragma once

#include "providers/answers.hpp"
#include "providers/chunk_writer.hpp"
#include "providers/neutral.hpp"
#include "providers/provider.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::anthropic {

// Where the requests of one service differ.
struct flavour {
    std::string_view provider; // named in refusals
    bool sends_model = true;   // else the path names it
    bool sends_stream = true;  // else the path says it
    bool takes_image_urls = true;
    std::string_view body_version; // the member anthropic_version; empty: a header says it
    bool sends_human_stop = false; // /v1/complete: "\n\nHuman:" among the stop sequences
};

// What a model takes (§3.4), by its name as any service spells it.
struct model_traits {
    bool takes_sampling = true;     // temperature, top_p, top_k
    bool thinks = true;             // has a member `thinking`
    bool thinks_adaptively = false; // by effort, not by a budget
    bool takes_forced_tools = true; // tool_choice any and tool
    std::int64_t default_max_tokens = 8192;
};
[[nodiscard]] model_traits traits_of(std::string_view model) noexcept;

// How a model is to think for the client's reasoning_effort (§3.4).
struct thinking {
    bool on = false;
    std::int64_t budget = 0; // tokens; 0: by effort
    std::string_view effort; // low, medium, high, xhigh or max, when by effort
};
[[nodiscard]] thinking
thinking_of(const neutral::request& in, const model_traits& traits, std::int64_t max_tokens);
// Does the thinking of earlier answers go with the history? It has no place beside a budget that is off.
[[nodiscard]] bool takes_thoughts(const model_traits& traits, const thinking& how) noexcept;
// Appends the value of the member `thinking`.
void append_thinking(std::string& out, const thinking& how);

// Appends a tool's schema as one of an object, which the API wants whatever the client left out.
void append_input_schema(std::string& out, slices::node parameters);

// Stands in the system text where the client asks for a JSON object of no schema.
inline constexpr std::string_view one_json_object =
    "Answer with exactly one JSON object and nothing before or after it.";

// Completions of these models go to /v1/complete: claude-2, claude-v2 and claude-instant.
[[nodiscard]] bool uses_complete(task kind, std::string_view model) noexcept;

// What neutral::read has to know.
[[nodiscard]] neutral::dialect dialect_of(const flavour& of) noexcept;

// Appends the body of a Messages call, for chat and for completions. What the model does not take is added to
// in.dropped. Error bad_request.
[[nodiscard]] result<void>
write_messages(neutral::request& in, std::string_view model, const flavour& of, std::string& out);

// The same for /v1/complete.
[[nodiscard]] result<void>
write_complete(neutral::request& in, std::string_view model, const flavour& of, std::string& out);

// Reads and writes the whole answer of either call; which one, its own members say. `otherwise`: what the
// service counted beside it, for an answer that counts nothing.
[[nodiscard]] result<answer> read_json_answer(const unified::call& call,
                                              const target& to,
                                              const answer_context& context,
                                              std::string_view body,
                                              const tally& otherwise = {});

// The counts of `usage` members. In streams they are cumulative, and one that is not repeated stays.
struct counts {
    std::optional<std::int64_t> input;
    std::optional<std::int64_t> output;
    std::optional<std::int64_t> cache_read;
    std::optional<std::int64_t> cache_creation;
    std::optional<std::int64_t> thinking;

    [[nodiscard]] tally sum() const noexcept;
};

[[nodiscard]] finish finish_of(std::string_view stop_reason) noexcept;

struct event_said; // anthropic_event.hpp

// The events of one answer, whatever frames they came in, into the client's stream. `to` and the stem of
// `context` outlive it.
class event_translator {
public:
    event_translator(const unified::call& call, const target& to, const answer_context& context);
    event_translator(const event_translator&) = delete;
    event_translator& operator=(const event_translator&) = delete;

    // One event's data: a JSON object whose `type` says what it is. json::padding bytes behind it must be
    // readable.
    [[nodiscard]] result<void> event(std::string_view data, std::string& out);

    // Is this one whole event?
    [[nodiscard]] static bool is_whole(std::string_view data);

    // The terminal event has been seen and [DONE] is written.
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    // The error of a stream that ends before.
    [[nodiscard]] error ended_too_early() const;
    [[nodiscard]] usage used() const noexcept { return to_usage(used_.sum()); }

private:
    void begin(std::string_view id, std::string_view model);
    void block_start(const event_said& said, std::string& out);
    void block_delta(const event_said& said, std::string& out);
    void block_stop(std::string& out);
    result<void> completion(const event_said& said, std::string& out);
    result<void> stop(std::string& out);

    const target& to_;
    id_maker ids_;
    task kind_;
    chunk_writer chunks_;
    counts used_;
    std::string stop_reason_;
    std::string whole_input_; // of the open call, when its start has it all
    bool in_call_ = false;
    bool finished_ = false;
};

// The same for a body of server-sent events.
[[nodiscard]] std::unique_ptr<decoder>
make_sse_decoder(const unified::call& call, const target& to, const answer_context& context);

} // namespace sluice::providers::anthropic
