#include "providers/dialect_errors.hpp"

#include "core/json/writer.hpp"
#include "providers/failures.hpp"
#include "providers/sentence.hpp"
#include "providers/unified.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::providers {

namespace {

// What the SDKs show: the inner `error` object.
struct shown {
    std::string message;
    std::string type;
};

std::string text_at(const boost::json::object& in, const char* name) {
    const auto* const value = in.if_contains(name);
    const auto* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::string default_type(errc code) {
    switch (code) {
    case errc::bad_upstream: return "upstream_error";
    case errc::deadline_exceeded: return "upstream_timeout";
    default: break;
    }
    std::string type(status_of(code).error_code);
    std::transform(type.begin(), type.end(), type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return type;
}

// Reads the message of upstream_error() and its like back. All of it has passed their filters, but a phrase
// may show only when the escapes are resolved.
shown read_nested(const error& e) {
    shown out;
    boost::json::error_code failed;
    boost::json::parse_options options;
    options.max_depth = 128;
    const auto tree = boost::json::parse({e.message.data(), e.message.size()}, failed, {}, options);
    const auto* const object = failed ? nullptr : tree.if_object();
    const auto* const upstream = object == nullptr ? nullptr : object->if_contains("external_model_error");
    if (upstream == nullptr) return out;
    if (const auto* const text = upstream->if_string()) {
        out.message.assign(text->data(), text->size());
        if (out.message == ended_early) {
            out.message = "The upstream stream ended before it was complete.";
            out.type = "upstream_stream_truncated";
        }
        return out;
    }
    const auto* at = upstream;
    if (const auto* const list = at->if_array(); list != nullptr && !list->empty()) at = &list->front();
    const auto* inner = at->if_object();
    if (inner == nullptr) return out;
    const auto* const error_member = inner->if_contains("error");
    if (error_member != nullptr && error_member->is_object()) inner = &error_member->get_object();
    out.message = text_at(*inner, "message");
    if (out.message.empty()) out.message = text_at(*inner, error_member != nullptr ? "error" : "detail");
    out.type = text_at(*inner, "type");
    if (out.type.empty()) out.type = text_at(*inner, "__type"); // of Amazon's services
    if (out.type.empty()) out.type = text_at(*inner, "status"); // Google's name for it
    return out;
}

struct named_status {
    int status;
    std::string_view anthropic;
    std::string_view google;
};

constexpr std::array<named_status, 10> status_names = {{
    {400, "invalid_request_error", "INVALID_ARGUMENT"},
    {401, "authentication_error", "UNAUTHENTICATED"},
    {403, "permission_error", "PERMISSION_DENIED"},
    {404, "not_found_error", "NOT_FOUND"},
    {409, "invalid_request_error", "ABORTED"},
    {413, "request_too_large", "INVALID_ARGUMENT"},
    {429, "rate_limit_error", "RESOURCE_EXHAUSTED"},
    {501, "invalid_request_error", "UNIMPLEMENTED"},
    {503, "overloaded_error", "UNAVAILABLE"},
    {504, "timeout_error", "DEADLINE_EXCEEDED"},
}};

named_status names_of(int status) noexcept {
    const auto* const found =
        std::find_if(status_names.begin(), status_names.end(), [status](const named_status& each) {
            return each.status == status;
        });
    return found == status_names.end() ? named_status{status, "api_error", "INTERNAL"} : *found;
}

shown shown_of(const error& e) {
    shown inner = read_nested(e);
    if (inner.message.empty()) inner.message = e.message;
    if (inner.type.empty()) inner.type = default_type(e.code);
    return inner;
}

std::string openai_error(const error& e) {
    const shown inner = shown_of(e);
    std::string out;
    json::object_writer writer(out);
    writer.text("message", break_retry_phrases(inner.message));
    writer.text("type", break_retry_phrases(inner.type));
    writer.raw("param", "null");
    writer.text("code", std::to_string(status_of(e.code).http_status));
    writer.close();
    return out;
}

int shown_status(dialect speaks, const error& e) noexcept {
    const bool too_large = e.code == errc::payload_too_large && speaks != dialect::openai;
    return too_large ? 413 : status_of(e.code).http_status;
}

std::string messages_error(const error& e) {
    const shown inner = shown_of(e);
    std::string out;
    json::object_writer writer(out);
    writer.text("type", names_of(shown_status(dialect::messages, e)).anthropic);
    writer.text("message", break_retry_phrases(inner.message));
    writer.close();
    return out;
}

std::string gemini_error(const error& e) {
    const int status = shown_status(dialect::gemini, e);
    const shown inner = shown_of(e);
    std::string out;
    json::object_writer writer(out);
    writer.number("code", status);
    writer.text("message", break_retry_phrases(inner.message));
    writer.text("status", names_of(status).google);
    writer.close();
    return out;
}

// `{"type":"error","error":…,"error_code":…,"message":…}` as far as the dialect has its parts.
std::string whole(dialect speaks, const error& e) {
    std::string out;
    json::object_writer writer(out);
    switch (speaks) {
    case dialect::messages:
        writer.text("type", "error");
        writer.raw("error", messages_error(e));
        break;
    case dialect::responses:
        writer.text("type", "error");
        writer.raw("error", openai_error(e));
        writer.text("code", status_of(e.code).error_code);
        writer.raw("param", "null");
        break;
    case dialect::gemini: writer.raw("error", gemini_error(e)); break;
    case dialect::openai: writer.raw("error", openai_error(e)); break;
    }
    writer.text("error_code", status_of(e.code).error_code);
    writer.text("message", break_retry_phrases(e.message));
    writer.close();
    return out;
}

} // namespace

std::string error_body(dialect speaks, const error& e) {
    const bool own_form = speaks == dialect::messages || speaks == dialect::gemini;
    return own_form ? whole(speaks, e) : sluice::error_body(e);
}

void append_error_event(dialect speaks, std::string& out, const error& e) {
    if (speaks == dialect::messages || speaks == dialect::responses) out.append("event: error\n");
    out.append("data: ").append(whole(speaks, e)).append("\n\n");
}

std::string as_list(std::string_view element) {
    return sentence({list_begin, element, list_end});
}

void append_error_element(dialect speaks, std::string& out, const error& e) {
    out.append(list_next).append(whole(speaks, e)).append(list_end);
}

void unified::append_error_event(std::string& out, const error& e) {
    providers::append_error_event(dialect::openai, out, e);
}

} // namespace sluice::providers
