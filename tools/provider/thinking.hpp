// What Claude thinks before it answers, signed so that its services know their own in a history.
#pragma once

#include "tools/provider/call.hpp"

#include <string>
#include <string_view>

namespace sluice::sim::thinking {

// The same for the same call.
[[nodiscard]] std::string text_of(const call& c);
[[nodiscard]] std::string signature_of(std::string_view text);
// A block that nobody may read: its data.
[[nodiscard]] std::string redacted_of(const call& c);

[[nodiscard]] bool is_signed(std::string_view text, std::string_view signature);
[[nodiscard]] bool is_redacted(std::string_view data);

// With a budget the first message of an answer must begin with thinking when calls were made in it; that a
// result comes back begins no other answer.
class rule {
public:
    void user(bool says_more_than_results) {
        if (says_more_than_results) open_ = false;
    }
    void assistant(bool begins_with_thinking, bool has_calls) {
        if (!open_) thinks_ = begins_with_thinking;
        open_ = true;
        if (has_calls) broken_ = !thinks_;
    }
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }

private:
    bool open_ = false; // an answer
    bool thinks_ = false;
    bool broken_ = false;
};

} // namespace sluice::sim::thinking
