// The lists of a Converse request; only bedrock*.cpp use this.
#pragma once

#include "providers/neutral.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::bedrock {

// Appends the list of messages, with the thoughts of its answers or without. Error bad_request for parts that
// Converse does not take.
[[nodiscard]] result<void> append_messages(const std::vector<neutral::turn>& turns,
                                           const neutral::dialect& of,
                                           bool with_thoughts,
                                           std::string& out);

// Are there calls or results in the history? Then the API wants tools, whatever the client sent.
[[nodiscard]] bool has_tool_blocks(const neutral::request& in) noexcept;

// Appends the list of tools: the client's or, without them, the least that can be said of those in the
// history.
void append_tools(std::string& out, const neutral::request& in);

// The API takes 64 letters, digits and "_.:-"; ids of other providers travel in histories.
[[nodiscard]] std::string usable_call_id(std::string_view id);

} // namespace sluice::providers::bedrock
