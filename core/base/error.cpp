#include "core/base/error.hpp"

#include "core/json/writer.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

namespace sluice {

namespace {

constexpr std::string_view word_joiner = "\xE2\x81\xA0"; // U+2060

// In lower case. The first eight are substrings that the SDKs look for in every language, the rest are the Go
// SDK's.
constexpr std::array<std::string_view, 10> phrases = {
    "unexpected error",
    "please try again later or try a faster operation.",
    "rpc token bucket limit has been exceeded",
    "clusternotreadyexception",
    "unknown worker environment",
    "does not have any associated worker environments",
    "there is no worker environment with id",
    "unknownworkerenvironmentexception",
    "timed out after ",
    "deadline exceeded",
};

// The Go SDK's one pattern, "worker env .* not found".
constexpr std::string_view pattern_start = "worker env ";
constexpr std::string_view pattern_end = " not found";

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Which bytes a phrase may start with: most texts are walked with nothing but this look-up.
constexpr std::array<bool, 256> make_starts() noexcept {
    std::array<bool, 256> starts{};
    for (const std::string_view phrase : phrases) {
        starts[static_cast<unsigned char>(phrase[0])] = true;
        starts[static_cast<unsigned char>(phrase[0] - 'a' + 'A')] = true;
    }
    starts['w'] = starts['W'] = true;
    return starts;
}
constexpr std::array<bool, 256> starts_phrase = make_starts();

// `wanted` is in lower case.
bool starts_with_lower(std::string_view text, std::string_view wanted) noexcept {
    if (text.size() < wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (lower(text[i]) != wanted[i]) return false;
    }
    return true;
}

bool contains_lower(std::string_view text, std::string_view wanted) noexcept {
    for (std::size_t i = 0; i + wanted.size() <= text.size(); ++i) {
        if (starts_with_lower(text.substr(i), wanted)) return true;
    }
    return false;
}

bool starts_retry_phrase(std::string_view text) noexcept {
    for (const std::string_view phrase : phrases) {
        if (starts_with_lower(text, phrase)) return true;
    }
    return starts_with_lower(text, pattern_start) &&
           // The blank in front of "not" may be the one behind "env" only if something stands between.
           contains_lower(text.substr(pattern_start.size()), pattern_end);
}

} // namespace

api_status status_of(errc code) noexcept {
    switch (code) {
    case errc::invalid_parameter_value: return {400, "INVALID_PARAMETER_VALUE"};
    case errc::bad_request:
    case errc::payload_too_large: return {400, "BAD_REQUEST"};
    case errc::unauthenticated: return {401, "UNAUTHENTICATED"};
    case errc::permission_denied: return {403, "PERMISSION_DENIED"};
    case errc::resource_does_not_exist: return {404, "RESOURCE_DOES_NOT_EXIST"};
    case errc::endpoint_not_found: return {404, "ENDPOINT_NOT_FOUND"};
    case errc::resource_conflict: return {409, "RESOURCE_CONFLICT"};
    case errc::resource_already_exists: return {409, "RESOURCE_ALREADY_EXISTS"};
    case errc::secret_already_exists: return {400, "RESOURCE_ALREADY_EXISTS"};
    case errc::secret_limit_exceeded: return {400, "RESOURCE_LIMIT_EXCEEDED"};
    case errc::request_limit_exceeded: return {429, "REQUEST_LIMIT_EXCEEDED"};
    case errc::cancelled: return {499, "CANCELLED"};
    case errc::internal_error: return {500, "INTERNAL_ERROR"};
    case errc::bad_upstream: return {502, "INTERNAL_ERROR"};
    case errc::not_implemented: return {501, "NOT_IMPLEMENTED"};
    case errc::temporarily_unavailable: return {503, "TEMPORARILY_UNAVAILABLE"};
    case errc::deadline_exceeded: return {504, "DEADLINE_EXCEEDED"};
    // These two end inside the gateway; should one leak, it reads as an upstream failure.
    case errc::stale_connection:
    case errc::connection_closed: return {502, "INTERNAL_ERROR"};
    }
    return {500, "INTERNAL_ERROR"};
}

std::string error_body(const error& e) {
    return error_body(status_of(e.code).error_code, e.message);
}

std::string error_body(std::string_view error_code, std::string_view message) {
    std::string body;
    json::object_writer out(body);
    out.text("error_code", error_code);
    out.text("message", break_retry_phrases(message));
    out.close();
    return body;
}

std::string detail_error_body(const error& e) {
    std::string body;
    json::object_writer out(body);
    const std::string message = break_retry_phrases(e.message);
    out.text("detail", message);
    out.text("error_code", status_of(e.code).error_code);
    out.text("message", message);
    out.close();
    return body;
}

std::string errno_text() {
    return std::generic_category().message(errno);
}

std::string break_retry_phrases(std::string_view text) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!starts_phrase[static_cast<unsigned char>(text[i])] || !starts_retry_phrase(text.substr(i)))
            continue;
        // Behind the first character of each match, so phrases that overlap are all broken.
        out.append(text.substr(copied, i + 1 - copied)).append(word_joiner);
        copied = i + 1;
    }
    out.append(text.substr(copied));
    return out;
}

} // namespace sluice
