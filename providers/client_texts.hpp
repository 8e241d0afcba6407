// What the translations of the clients' dialects have in common: refusals, and texts that are copied as they
// stand.
#pragma once

#include "core/base/error.hpp"
#include "providers/slices.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace sluice::providers::client {

[[nodiscard]] tl::unexpected<error> bad(std::string text);
[[nodiscard]] tl::unexpected<error> not_supported(std::string_view parameter);
[[nodiscard]] tl::unexpected<error> bad_answer(std::string_view what);

// "messages[2]"
[[nodiscard]] std::string indexed(std::string_view list, std::size_t index);

// What stands between the quotes of a string, escapes and all; empty for any other type.
[[nodiscard]] std::string_view inside(slices::node value) noexcept;

// Is it a string that says `word`, however it is escaped?
[[nodiscard]] bool says(slices::node value, std::string_view word);

// Appends the text with quotes. Half a surrogate pair becomes U+FFFD; all other text is copied. `scratch` is
// reused.
void append_quoted(std::string& out, std::string_view inside, std::string& scratch);

// Puts the JSON object that a call's arguments are into `object`, not minified. No text, blanks and null mean
// an empty one; false: it is something else.
[[nodiscard]] bool read_arguments(std::string_view inside, std::string& object);
inline constexpr std::string_view bad_arguments = "the arguments of a tool call are not a JSON object";

// Names of finish reasons that are not of OpenAI's schema and mean that the answer was given up: all other
// unknown ones are a good end.
[[nodiscard]] bool is_failure(std::string_view finish_reason) noexcept;
inline constexpr std::string_view given_up = "the provider gave it up";

// The members of a client's body that are this gateway's own, each with a comma before it.
void append_own_members(std::string& out, slices::node root);

// "stream":true with a usage chunk, if the client asks for a stream. Error bad_request: it is no boolean.
[[nodiscard]] result<void> append_stream(std::string& out, slices::node root);

// Appends one tool of a client's list to that of a chat, with a comma behind it. `where`: "tools[2]".
using tool_writer = result<void> (*)(slices::node tool, std::string_view where, std::string& out);

// Appends `,"tools":[…]` if `list` has any; false: it has none. Error bad_request.
[[nodiscard]] result<bool> append_tools(std::string& out, slices::node list, tool_writer one);

// What a tool_writer ends with, or refuses.
void append_function(std::string& out, slices::node tool, slices::node parameters);
[[nodiscard]] tl::unexpected<error> bad_tool(std::string_view where, slices::node type, std::string_view why);

// Appends `,"tool_choice":` of the function with this name.
void append_named_choice(std::string& out, slices::node name);

// Appends `,"name":` and the value as it stands, if there is one.
void append_member(std::string& out, std::string_view name, slices::node value);

} // namespace sluice::providers::client
