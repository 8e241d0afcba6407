// One event of an AI21 stream, read in one pass; only ai21*.cpp use this.
#pragma once

#include "providers/provider.hpp"

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <string_view>

namespace sluice::providers::ai21 {

// Texts are as they stand between the quotes of the event, escapes and all; they die with it.
struct call_said {
    bool has_index = false;
    std::size_t index = 0;
    std::string_view id;
    std::string_view name;
    std::string_view arguments;
};

struct choice_said {
    std::size_t index = 0;
    std::string_view content;
    std::string_view finish_reason;
    bool is_finished = false; // the reason is not null
    absl::InlinedVector<call_said, 1> calls;
};

struct event_said {
    bool has_choices = false;    // a member `choices`, be it empty
    bool is_error = false;       // {"error":…}
    bool is_other_error = false; // an error unless it has choices
    std::string_view id;
    absl::InlinedVector<choice_said, 1> choices;
};

// `used` gets the counts that the event has. False when `data` is not one whole JSON object. json::padding
// bytes behind it must be readable.
[[nodiscard]] bool read_event(std::string_view data, event_said& out, usage& used);

} // namespace sluice::providers::ai21
