// Pieces of requests that several APIs have in common.
#pragma once

#include "providers/neutral.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

// ["a","b"]
void append_texts(std::string& out, std::span<const std::string_view> texts);

// The client's stop sequences but for empty ones, or for all blank ones, which services refuse.
[[nodiscard]] std::vector<std::string_view> usable_stops(const neutral::request& in,
                                                         bool takes_blanks = true);

// [{"type":"function","function":{"name":…,"description":…,"parameters":…}}]. `needs_parameters`: a function
// without any gets the schema of an empty object.
void append_functions(std::string& out, std::span<const neutral::tool> tools, bool needs_parameters);

// [{"id":…,"type":"function","function":{"name":…,"arguments":"…"}}]
void append_calls(std::string& out, const std::vector<neutral::tool_call>& calls);

// All texts behind one another. Error bad_request when there is something else.
[[nodiscard]] result<std::string> joined_text(const std::vector<neutral::part>& parts,
                                              const neutral::dialect& of);

// What a part that is no text is called in a refusal: "image_url".
[[nodiscard]] std::string_view name_of(neutral::part_kind kind) noexcept;

// The one prompt of a completion; empty when there is none.
[[nodiscard]] std::string_view prompt_of(const neutral::request& in) noexcept;

// The texts of all system messages, each on a line of its own.
[[nodiscard]] std::string joined_system(const neutral::request& in);

// Each of several prompts would be a call of its own; code bad_request.
[[nodiscard]] result<void> check_one_prompt(const neutral::request& in, const neutral::dialect& of);

} // namespace sluice::providers
