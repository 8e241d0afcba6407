// A received HTTP request, and reading of its parts. No socket, no clock.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::sim {

struct header_field {
    std::string_view name;
    std::string_view value;
};

// All views live as long as the call of respond().
struct http_request {
    std::string_view method;
    std::string_view target;
    std::span<const header_field> fields;
    std::string_view body;
    bool keep_alive = true;
    bool http_1_0 = false;
};

[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept; // compared without case

// The value of the first field of that name (compared without case), or "".
[[nodiscard]] std::string_view field_value(const http_request& request, std::string_view name) noexcept;

// What stands behind `Authorization: Bearer `, or "".
[[nodiscard]] std::string_view bearer_of(const http_request& request) noexcept;

// Is this the media type, whatever parameters follow it?
[[nodiscard]] bool is_media_type(std::string_view content_type, std::string_view wanted) noexcept;

// nullopt: a '%' that no two hexadecimal digits follow. `plus_is_blank`: of a form.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank = false);

// A value of an application/x-www-form-urlencoded body; nullopt when it is not there or not well formed.
[[nodiscard]] std::optional<std::string> form_value(std::string_view body, std::string_view name);

} // namespace sluice::sim
