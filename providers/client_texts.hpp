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

// The JSON object that a call's arguments are, minified; of arguments that are none {"arguments":"…"}.
void append_arguments_object(std::string& out, std::string_view inside, std::string& scratch);

// The members of a client's body that are this gateway's own, each with a comma before it.
void append_own_members(std::string& out, slices::node root);

// "stream":true with a usage chunk, if the client asks for a stream. Error bad_request: it is no boolean.
[[nodiscard]] result<void> append_stream(std::string& out, slices::node root);

// Appends `,"name":` and the value as it stands, if there is one.
void append_member(std::string& out, std::string_view name, slices::node value);

} // namespace sluice::providers::client
