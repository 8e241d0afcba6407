// The lists of an Anthropic request; only anthropic*.cpp use this.
#pragma once

#include "providers/anthropic.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::anthropic {

// Appends the list, with the thoughts of its answers or without. Error bad_request for parts that the API or
// the flavour does not take.
[[nodiscard]] result<void> append_messages(const std::vector<neutral::turn>& turns,
                                           const flavour& of,
                                           bool with_thoughts,
                                           std::string& out);

void append_tools(std::string& out, const std::vector<neutral::tool>& tools);
void append_tool_choice(std::string& out, const neutral::tool_choice& choice, bool parallel);

// The API takes letters, digits, '_' and '-'; ids of other providers travel in histories.
[[nodiscard]] std::string usable_call_id(std::string_view id);

} // namespace sluice::providers::anthropic
