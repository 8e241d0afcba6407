// Which form of a resource a client gets: Accept-Encoding (RFC 9110 §12.5.3) and If-None-Match (§13.1.2).
// What cannot be read counts as not there.
#pragma once

#include "core/http/message.hpp"

#include <cstdint>
#include <string_view>

namespace sluice::http {

enum class content_coding : std::uint8_t { identity, gzip, brotli };

// "gzip", "br"; "identity" stands in no Content-Encoding.
[[nodiscard]] std::string_view to_string(content_coding coding) noexcept;

// The coding that the client likes best of those there are, identity always among them; of equals the one
// that makes the smaller body. Identity when he accepts none.
[[nodiscard]] content_coding choose_coding(const field_list& fields, bool has_gzip, bool has_brotli) noexcept;

// Does the client say that he has it already? `tag` is an entity tag with its quotes; weak ones are as good.
[[nodiscard]] bool has_already(const field_list& fields, std::string_view tag) noexcept;

} // namespace sluice::http
