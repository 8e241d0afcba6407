// Errors as clients of each dialect expect them, with our error_code and message beside (api.md §10.3,
// §10.7).
#pragma once

#include "core/base/error.hpp"
#include "providers/dialect.hpp"

#include <string>
#include <string_view>

namespace sluice::providers {

// The body of an answer that is an error. Of openai and responses: error_code and message alone, for more
// than one client reads a member `error` as the text.
[[nodiscard]] std::string error_body(dialect speaks, const error& e);

// Appends the event that ends a failed stream.
void append_error_event(dialect speaks, std::string& out, const error& e);

// A stream as one JSON list, as Gemini has it where no events are asked for: what stands around its elements.
inline constexpr std::string_view list_begin = "[";
inline constexpr std::string_view list_next = ",\r\n";
inline constexpr std::string_view list_end = "]";

// A list of this element alone.
[[nodiscard]] std::string as_list(std::string_view element);

// Appends the element that ends a failed stream of which at least one went out, and the list's end.
void append_error_element(dialect speaks, std::string& out, const error& e);

} // namespace sluice::providers
