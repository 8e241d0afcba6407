// The pieces of neutral::read; only neutral*.cpp use this.
#pragma once

#include "providers/neutral.hpp"

#include <string>
#include <string_view>

namespace sluice::providers::neutral {

[[nodiscard]] tl::unexpected<error> bad(std::string text);

// The member `messages` into `system` and `turns`.
[[nodiscard]] result<void> read_messages(slices::node messages, const dialect& of, request& out);

// The value of `content`; `where` names it in refusals: "messages[2].content". Empty texts are left out.
[[nodiscard]] result<std::vector<part>>
read_content(slices::node content, std::string_view where, const dialect& of, request& out);

// tools, functions, tool_choice, function_call, response_format, reasoning_effort.
[[nodiscard]] result<void> read_tools(const dialect& of, request& out);
[[nodiscard]] result<void> read_format(request& out);

// A text member; empty when absent. Error when it is something else.
[[nodiscard]] result<std::string_view> text_of(slices::node value, std::string_view where, request& out);

// "messages[2].content"
[[nodiscard]] std::string indexed(std::string_view list, std::size_t index, std::string_view member = {});

} // namespace sluice::providers::neutral
