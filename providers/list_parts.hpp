// A list of prompts or inputs that is longer than one upstream request takes (target.most_items): the bodies
// of the requests that it becomes, one after the other, each a call by itself. Reads the client's bytes once.
#pragma once

#include "providers/unified.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::providers {

// How many prompts or inputs a parsed call has: 1 for a text, and for a chat.
[[nodiscard]] std::size_t count_items(const unified::call& of) noexcept;

// The same, but a list of token ids is one of them.
[[nodiscard]] std::size_t count_inputs(const unified::call& of) noexcept;

// How many choices a call asks for: `n` for each prompt.
[[nodiscard]] std::size_t count_choices(const unified::call& of) noexcept;

class list_parts {
public:
    // `whole` was parsed and has a list; its body must outlive this. `most` is at least 1.
    list_parts(const unified::call& whole, std::size_t most);
    list_parts(const list_parts&) = delete;
    list_parts& operator=(const list_parts&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return parts_; }
    // Of the members that every part repeats.
    [[nodiscard]] std::size_t repeated_bytes() const noexcept { return front_.size(); }
    [[nodiscard]] bool has_only_texts() const noexcept { return only_texts_; }

    // The body of the next part, good until the next call, with json::padding readable bytes behind it; empty
    // behind the last.
    [[nodiscard]] std::string_view next();

private:
    std::string_view list_;
    std::size_t at_ = 1; // behind the bracket or the comma before the next element
    std::size_t most_;
    std::size_t parts_ = 0;
    bool only_texts_ = true;
    std::string front_; // `{"a":1,"input":[`
    std::string part_;
};

} // namespace sluice::providers
