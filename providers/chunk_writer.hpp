// OpenAI's streams, for providers whose own look different (providers.md §1.9): every call appends whole
// events. Nothing is allocated once the first event is out but what the client's buffer takes.
#pragma once

#include "providers/answers.hpp"
#include "providers/tally.hpp"
#include "providers/unified.hpp"

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::providers {

// A text to be written: plain, or as it stands between the quotes of a checked JSON string, which is copied.
struct piece {
    std::string_view bytes;
    bool is_json = false;

    [[nodiscard]] static piece plain(std::string_view text) noexcept { return {text, false}; }
    [[nodiscard]] static piece json(std::string_view inside) noexcept { return {inside, true}; }
    [[nodiscard]] bool empty() const noexcept { return bytes.empty(); }
};

class chunk_writer {
public:
    chunk_writer(task kind, std::int64_t created, bool wants_usage);
    chunk_writer(const chunk_writer&) = delete;
    chunk_writer& operator=(const chunk_writer&) = delete;

    // What all chunks say of themselves, as far as it is not too long; before any of the calls below.
    void begin(std::string_view id, std::string_view model);
    [[nodiscard]] bool begun() const noexcept { return !front_.empty(); }

    // Each of these writes the role chunk of its choice before its first other chunk, and nothing at all for
    // an empty text. Nothing of a choice may follow its finish().
    void role(std::string& out, std::size_t choice = 0); // of completions: nothing
    void content(std::string& out, piece text, std::size_t choice = 0);
    void reasoning(std::string& out, piece text, std::size_t choice = 0); // of completions: nothing

    // Reasoning that its model signs (thinking_blocks.hpp): the text, then the signature, of one block after
    // the other; a block that nobody may read is one piece. Of completions: nothing.
    void thought(std::string& out, piece text, std::size_t choice = 0);
    void thought_signature(std::string& out, piece signature, std::size_t choice = 0);
    void thought_end(std::size_t choice = 0);
    void redacted_thought(std::string& out, piece data, std::size_t choice = 0);

    // A call, and pieces of its arguments; a call that ends without any gets {}. `arguments`: all of them, of
    // upstreams that give a call whole. Of completions: nothing.
    void call_start(std::string& out, piece id, piece name, std::size_t choice = 0);
    void call_arguments(std::string& out, piece text, std::size_t choice = 0);
    void call_end(std::string& out, std::size_t choice = 0);
    void call_whole(std::string& out, piece id, piece name, piece arguments, std::size_t choice = 0);

    // An image by its URL (answer_images.hpp). Of completions: nothing.
    void image(std::string& out, piece url, std::size_t choice = 0);

    // Any call makes `tool_calls` of `stop`. Later calls for the same choice write nothing.
    void finish(std::string& out, providers::finish reason, std::size_t choice = 0);
    [[nodiscard]] bool is_finished(std::size_t choice = 0) const noexcept;

    // The usage chunk, if the client asked for it, and [DONE].
    void end(std::string& out, const tally& used);
    // [DONE] alone: of an upstream that has its own event for the counts, which did not come.
    void end_uncounted(std::string& out);

private:
    struct choice_state {
        bool has_role = false;
        bool has_arguments = false; // of the last call
        bool in_call = false;
        bool finished = false;
        bool in_thought = false;
        std::size_t calls = 0;
        std::size_t thoughts = 0; // that have ended
        std::size_t images = 0;
    };

    [[nodiscard]] choice_state& state(std::size_t choice);
    [[nodiscard]] bool is_chat() const noexcept { return kind_ == task::chat; }
    void open(std::string& out, std::size_t choice);
    void close(std::string& out, std::string_view finish_reason);
    void call_head(std::string& out, piece id, piece name, std::size_t choice);
    void thought_front(std::string& out, std::string_view type, std::size_t choice);
    void append(std::string& out, piece text);

    task kind_;
    std::int64_t created_;
    bool wants_usage_;
    std::string front_; // `data: {"id":…,"choices":[`
    std::string back_;  // `]}` or with null usage, and two line ends
    std::string scratch_;
    absl::InlinedVector<choice_state, 1> choices_;
};

} // namespace sluice::providers
