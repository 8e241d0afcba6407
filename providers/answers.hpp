// OpenAI's whole answers, for providers whose own look different (providers.md §1.7, §1.10).
#pragma once

#include "providers/answered_blocks.hpp"
#include "providers/tally.hpp"
#include "providers/unified.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

enum class finish : std::uint8_t { stop, length, tool_calls, content_filter };
[[nodiscard]] std::string_view to_string(finish reason) noexcept;

// An upstream's name for a reason.
struct finish_name {
    std::string_view theirs;
    finish ours = finish::stop;
};
// Names that the table does not have mean `stop`.
[[nodiscard]] finish finish_of(std::string_view theirs, std::span<const finish_name> table) noexcept;

// An id that the gateway makes: prefix, the call's stem, a number of four digits and more.
[[nodiscard]] std::string numbered_id(std::string_view prefix, std::string_view stem, unsigned number);

// The ids of one call, with running numbers.
class id_maker {
public:
    explicit id_maker(std::string_view stem)
        : stem_(stem) {}
    [[nodiscard]] std::string answer_id(task kind) const; // "chatcmpl-…0001", "cmpl-…0001"
    [[nodiscard]] std::string next_call_id();             // "call_…0001", "call_…0002"

private:
    std::string_view stem_;
    unsigned calls_ = 0;
};

struct answer_head {
    std::string_view id;
    std::string_view model;
    std::int64_t created = 0; // seconds since 1970
    bool keeps_order = false; // messages have `sluice_content_blocks` where their order asks for it
};

struct answered_call {
    std::string id;
    std::string name;
    std::string arguments; // a JSON object, minified
};

struct answered_choice {
    // What comes next in the answer.
    void say(std::string_view words);
    void think(std::string_view words, std::string_view signature = {}); // empty: it is not signed
    void think_unseen(std::string_view data);                            // what nobody may read
    void call(answered_call one);

    std::string text;      // of a chat: null when empty
    std::string reasoning; // empty: none
    std::string thoughts;  // what of it is signed: elements of `thinking_blocks`, with commas between them
    std::vector<answered_call> calls;
    std::vector<std::string> images; // URLs (answer_images.hpp)
    answered_blocks blocks;          // the order of it all
    finish reason = finish::stop;    // any call makes `tool_calls` of `stop`
};

// chat.completion, or for completions text_completion. The index of a choice is its position.
[[nodiscard]] std::string
write_answer(task kind, const answer_head& head, std::span<const answered_choice> choices, const tally& used);

// The list of embeddings, written as vectors come: of several upstream answers too.
class embeddings_writer {
public:
    explicit embeddings_writer(bool base64);
    embeddings_writer(const embeddings_writer&) = delete;
    embeddings_writer& operator=(const embeddings_writer&) = delete;

    // The next vector as the upstream's JSON list of numbers, copied as it stands, or as base64 of
    // little-endian float32. False: it is no list of numbers, has none, or one that no float32 holds.
    [[nodiscard]] bool add(std::string_view json_list);
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string finish(std::string_view model, const tally& used) &&;

private:
    bool base64_;
    std::size_t size_ = 0;
    std::string out_;
    std::string floats_; // reused
};

} // namespace sluice::providers
