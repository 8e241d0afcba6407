// Cohere's v2 chat, its older text generation (v1) and its embeddings, as pure parts: the provider `cohere`
// is put together of them, and Cohere's models on Bedrock take the last two from here (providers.md §4,
// §6.6, §6.7).
#pragma once

#include "providers/answers.hpp"
#include "providers/chunk_writer.hpp"
#include "providers/neutral.hpp"
#include "providers/provider.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::cohere {

// Where the requests of one service differ.
struct flavour {
    std::string_view provider;         // named in refusals
    bool sends_model = true;           // else the path names it
    bool sends_stream_false = true;    // else `stream` only where it is true
    bool sends_embedding_types = true; // else vectors come as a bare list
    bool takes_dimensions = true;      // of embeddings
    bool takes_truncate = false;       // of embeddings
    bool takes_penalties = true;       // of generate
};

// One request for embeddings takes so many texts, everywhere.
inline constexpr std::size_t most_texts = 96;

// Completions of these models go to /v1/generate: command, command-light and their nightly names.
[[nodiscard]] bool uses_generate(task kind, std::string_view model) noexcept;

// What neutral::read has to know.
[[nodiscard]] neutral::dialect dialect_of(const flavour& of) noexcept;
[[nodiscard]] neutral::dialect generate_dialect_of(const flavour& of) noexcept;

// Appends the body of a v2 chat, for chat and for completions. What the API does not take is added to
// in.dropped. Error bad_request.
[[nodiscard]] result<void>
write_chat(neutral::request& in, std::string_view model, const flavour& of, std::string& out);

// The same of v1 generate.
[[nodiscard]] result<void>
write_generate(neutral::request& in, std::string_view model, const flavour& of, std::string& out);

// The same of embeddings.
[[nodiscard]] result<void>
write_embed(neutral::request& in, std::string_view model, const flavour& of, std::string& out);

// Reads and writes a whole answer: of v2 chat, of v1 generate or of embeddings, as its own members say.
// `otherwise`: what the service counted beside it, for an answer that counts nothing.
[[nodiscard]] result<answer> read_json_answer(const unified::call& call,
                                              const target& to,
                                              const answer_context& context,
                                              std::string_view body,
                                              const tally& otherwise = {});

// The counts of `usage` and of `meta`.
struct counts {
    std::optional<std::int64_t> input;
    std::optional<std::int64_t> output;
    std::optional<std::int64_t> billed_input;
    std::optional<std::int64_t> billed_output;
    std::optional<std::int64_t> cached;

    [[nodiscard]] tally of_chat() const noexcept; // never what is billed
    [[nodiscard]] tally of_meta() const noexcept; // what is billed where tokens are not told
};

[[nodiscard]] finish finish_of(std::string_view finish_reason) noexcept;
// ERROR, ERROR_LIMIT and TIMEOUT, which come with status 200.
[[nodiscard]] bool is_failure(std::string_view finish_reason) noexcept;

struct generated; // cohere_event.hpp

// The events of one answer of v1 generate, whatever frames they came in, into the client's stream. `to` and
// the stem of `context` outlive it.
class generate_translator {
public:
    generate_translator(const unified::call& call, const target& to, const answer_context& context);
    generate_translator(const generate_translator&) = delete;
    generate_translator& operator=(const generate_translator&) = delete;

    // One event: a JSON object. json::padding bytes behind it must be readable.
    [[nodiscard]] result<void> event(std::string_view data, std::string& out);

    // Is this one whole event?
    [[nodiscard]] static bool is_whole(std::string_view data);

    // The terminal event has been seen and [DONE] is written.
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    // The error of a stream that ends before.
    [[nodiscard]] error ended_too_early() const;
    [[nodiscard]] usage used() const noexcept { return to_usage(counts_.of_meta()); }

private:
    [[nodiscard]] bool is_last(const generated& said) const noexcept;
    void finish_choices(const generated& said, std::string& out);

    const target& to_;
    id_maker ids_;
    task kind_;
    chunk_writer chunks_;
    std::size_t choices_ = 1; // that the client asked for
    std::size_t finished_choices_ = 0;
    counts counts_;
    bool finished_ = false;
};

// v2: a body of server-sent events. v1: a body of JSON lines.
[[nodiscard]] std::unique_ptr<decoder>
make_chat_decoder(const unified::call& call, const target& to, const answer_context& context);
[[nodiscard]] std::unique_ptr<decoder>
make_lines_decoder(const unified::call& call, const target& to, const answer_context& context);

} // namespace sluice::providers::cohere
