// The pieces of gemini::write_content; only gemini*.cpp use this.
#pragma once

#include "providers/gemini.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::gemini {

// Appends the list `contents`. Error bad_request for what Gemini has no place for.
[[nodiscard]] result<void> append_contents(std::string& out,
                                           const std::vector<neutral::turn>& turns,
                                           const model_traits& traits,
                                           const neutral::dialect& dialect);

// The same of a completion's prompt.
[[nodiscard]] result<void> append_prompt(std::string& out, std::string_view prompt);

// The media type that a file's name tells.
[[nodiscard]] std::string_view media_type_of(std::string_view url) noexcept;

} // namespace sluice::providers::gemini
