// HTTP/1.1 heads as values. All views point into the buffer that was parsed and live as long as it stays
// unchanged.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice::http {

enum class method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

[[nodiscard]] std::string_view to_string(method verb) noexcept;

struct field {
    std::string_view name;  // as sent; compare with iequals
    std::string_view value; // without blanks around it
};

// A list that is reused from request to request keeps its capacity: no allocation in steady state.
using field_list = std::vector<field>;

// ASCII only, as field names are.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b) noexcept;
// The first field of that name, or nullopt.
[[nodiscard]] std::optional<std::string_view> find(const field_list& fields, std::string_view name) noexcept;

// How the body that follows a head ends (RFC 9112 §6.3).
enum class body_kind : std::uint8_t { none, length, chunked, until_close };

struct request_head {
    method verb = method::other;
    std::string_view verb_text;
    std::string_view target; // as sent, origin form: starts with '/'
    std::string_view path;   // target up to '?'; still percent-encoded
    std::string_view query;  // after '?', or empty
    int minor_version = 1;   // HTTP/1.x
    std::string_view host;
    field_list fields;
    body_kind body = body_kind::none; // none, length or chunked
    std::uint64_t content_length = 0; // when body == length
    bool keep_alive = true;           // what the client asks for
    bool expect_continue = false;
};

struct response_head {
    int status = 0;
    int minor_version = 1;
    field_list fields;
    body_kind body = body_kind::none;
    std::uint64_t content_length = 0;
    bool keep_alive = true; // the connection may be used again after the body
};

} // namespace sluice::http
