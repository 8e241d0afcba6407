// Names of the client-side schema (api.md §10.1).
#pragma once

#include "providers/unified.hpp"

#include <string_view>

namespace sluice::providers::unified {

[[nodiscard]] known known_name(std::string_view key) noexcept;
[[nodiscard]] std::string_view to_string(known name) noexcept;

// Is that the member's key, its escapes resolved?
[[nodiscard]] bool has_key(std::string_view body, const member& of, std::string_view key);

// Members that only models served by Databricks itself understand.
[[nodiscard]] bool is_custom_model_input(std::string_view key) noexcept;

// The member without which a call of this task makes no sense.
[[nodiscard]] known main_member(task kind) noexcept;

// What its value must be, for a sentence: "'messages' must be …".
[[nodiscard]] std::string_view shape_of(known main) noexcept;

} // namespace sluice::providers::unified
