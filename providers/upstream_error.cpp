// What the client is told of an upstream that failed (providers.md §1.11, api.md §10.6).
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/provider.hpp"
#include "providers/redact.hpp"
#include "providers/retry_after.hpp"
#include "providers/sentence.hpp"
#include "providers/walk.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::size_t most_json_bytes = std::size_t{64} * 1024; // a larger error object is nested as text
// Of a Databricks workspace, which may nest another gateway's errors, and each nesting escapes again.
constexpr std::size_t most_nesting_bytes = std::size_t{16} * 1024;
constexpr std::size_t most_text_bytes = std::size_t{4} * 1024;

errc code_of(int status) noexcept {
    switch (status) {
    case 401: return errc::unauthenticated;
    case 403: return errc::permission_denied;
    case 404: return errc::endpoint_not_found;
    case 408:
    case 504: return errc::deadline_exceeded;
    case 409: return errc::resource_conflict;
    case 429: return errc::request_limit_exceeded;
    case 500: return errc::internal_error;
    case 503:
    case 529: return errc::temporarily_unavailable;
    case 424:
    case 499: return errc::bad_upstream;
    default: return status >= 400 && status < 500 ? errc::bad_request : errc::bad_upstream;
    }
}

// At most so many bytes, not through a character.
std::string_view cut(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && most - end < 3 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

// The upstream's text as one JSON value: itself when it is JSON and stays so, else a string.
std::string as_json(std::string_view upstream, const target& to) {
    const std::size_t most = to.repairs == repair::databricks ? most_nesting_bytes : most_json_bytes;
    std::string safe = redact(cut(upstream, most), to.keys);
    if (upstream.size() <= most && json::is_json(safe)) {
        std::string value = break_retry_phrases(walk::minified(safe));
        if (json::is_json(value)) return value;
    }
    std::string value;
    json::append_string(value, break_retry_phrases(cut(safe, most_text_bytes)));
    // Once more: the escape of a control character may have put a phrase together.
    value = break_retry_phrases(value);
    return json::is_json(value) ? value : std::string(R"("")");
}

std::string nested(const target& to, std::string_view upstream) {
    std::string message;
    json::object_writer out(message);
    out.text("external_model_provider", to.provider_name);
    out.raw("external_model_error", as_json(upstream, to));
    out.close();
    return message;
}

struct named_code {
    std::string_view name;
    errc code;
};

// Error types and codes of OpenAI, of services like it, of Anthropic, of Databricks and of Google.
constexpr std::array<named_code, 42> named_codes = {{
    {"server_error", errc::internal_error},
    {"api_error", errc::internal_error},
    {"internal_error", errc::internal_error},
    {"internal_server_error", errc::internal_error},
    {"rate_limit_exceeded", errc::request_limit_exceeded},
    {"rate_limit_error", errc::request_limit_exceeded},
    {"insufficient_quota", errc::request_limit_exceeded},
    {"requests", errc::request_limit_exceeded},
    {"tokens", errc::request_limit_exceeded},
    {"invalid_request_error", errc::bad_request},
    {"content_filter", errc::bad_request},
    {"authentication_error", errc::unauthenticated},
    {"invalid_api_key", errc::unauthenticated},
    {"permission_error", errc::permission_denied},
    {"not_found_error", errc::endpoint_not_found},
    {"overloaded_error", errc::temporarily_unavailable},
    {"service_unavailable", errc::temporarily_unavailable},
    {"engine_overloaded", errc::temporarily_unavailable},
    {"timeout", errc::deadline_exceeded},
    {"timeout_error", errc::deadline_exceeded},
    {"billing_error", errc::bad_request},
    {"request_too_large", errc::bad_request},
    {"BAD_REQUEST", errc::bad_request},
    {"INVALID_PARAMETER_VALUE", errc::bad_request},
    {"UNAUTHENTICATED", errc::unauthenticated},
    {"PERMISSION_DENIED", errc::permission_denied},
    {"ENDPOINT_NOT_FOUND", errc::endpoint_not_found},
    {"REQUEST_LIMIT_EXCEEDED", errc::request_limit_exceeded},
    {"INTERNAL_ERROR", errc::internal_error},
    {"TEMPORARILY_UNAVAILABLE", errc::temporarily_unavailable},
    {"DEADLINE_EXCEEDED", errc::deadline_exceeded},
    {"INVALID_ARGUMENT", errc::bad_request},
    {"FAILED_PRECONDITION", errc::bad_request},
    {"OUT_OF_RANGE", errc::bad_request},
    {"NOT_FOUND", errc::endpoint_not_found},
    {"ALREADY_EXISTS", errc::resource_conflict},
    {"ABORTED", errc::resource_conflict},
    {"RESOURCE_EXHAUSTED", errc::request_limit_exceeded},
    {"CANCELLED", errc::bad_upstream},
    {"INTERNAL", errc::internal_error},
    {"UNAVAILABLE", errc::temporarily_unavailable},
    {"UNKNOWN", errc::internal_error},
}};

std::optional<errc> code_named(const boost::json::value& value) {
    std::int64_t status = 0;
    if (value.is_int64()) status = value.get_int64();
    if (const auto* const text = value.if_string()) {
        const auto* const end = text->data() + text->size();
        const auto read = std::from_chars(text->data(), end, status);
        if (read.ec != std::errc() || read.ptr != end) status = 0;
        const std::string_view name(text->data(), text->size());
        const auto* const found = std::find_if(named_codes.begin(),
                                               named_codes.end(),
                                               [name](const named_code& each) { return each.name == name; });
        if (found != named_codes.end()) return found->code;
    }
    if (status < 400 || status > 599) return std::nullopt;
    return code_of(static_cast<int>(status));
}

// The error object of an event: {"error":{…}}, the event itself, or the first element of a list of either.
const boost::json::object* error_object(const boost::json::value& event) {
    const boost::json::value* at = &event;
    if (const auto* const list = at->if_array(); list != nullptr && !list->empty()) at = &list->front();
    const auto* const object = at->if_object();
    if (object == nullptr) return nullptr;
    const auto* const inner = object->if_contains("error");
    return inner != nullptr && inner->is_object() ? &inner->get_object() : object;
}

errc code_of_event(std::string_view data) {
    if (data.size() > most_json_bytes) return errc::bad_upstream; // is nested as text, too
    boost::json::error_code failed;
    boost::json::parse_options options;
    options.max_depth = json::max_depth;
    const auto event = boost::json::parse({data.data(), data.size()}, failed, {}, options);
    const boost::json::object* const object = failed ? nullptr : error_object(event);
    if (object == nullptr) return errc::bad_upstream;
    for (const char* const name : {"code", "status", "type", "error_code"}) {
        const auto* const value = object->if_contains(name);
        const auto code = value == nullptr ? std::nullopt : code_named(*value);
        if (code) return *code;
    }
    return errc::bad_upstream;
}

} // namespace

error upstream_error(const target& to,
                     int status,
                     const http::field_list& fields,
                     std::string_view body,
                     std::int64_t now_ms) {
    const bool failed = status < 200 || status > 299;
    const int meant = failed && to.via != nullptr ? to.via->meant_status(status, fields, body) : status;
    error out{code_of(meant), nested(to, body)};
    if (out.code == errc::request_limit_exceeded || out.code == errc::temporarily_unavailable) {
        out.retry_after_seconds = retry_after(fields, body, now_ms);
    }
    return out;
}

error upstream_failure(const target& to, errc code, std::string_view what) {
    return error{code, nested(to, what)};
}

error upstream_stream_error(const target& to, std::string_view event_data) {
    return error{code_of_event(event_data), nested(to, event_data)};
}

error upstream_stream_error(const target& to, int status, std::string_view event_data) {
    return error{code_of(status), nested(to, event_data)};
}

} // namespace sluice::providers
