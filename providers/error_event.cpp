#include "core/json/writer.hpp"
#include "providers/failures.hpp"
#include "providers/unified.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace sluice::providers::unified {

namespace {

// What the OpenAI SDK shows: the inner `error` object.
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
    const auto* inner = upstream->if_object();
    if (inner == nullptr) return out;
    const auto* const error_member = inner->if_contains("error");
    if (error_member != nullptr && error_member->is_object()) inner = &error_member->get_object();
    out.message = text_at(*inner, "message");
    if (out.message.empty()) out.message = text_at(*inner, error_member != nullptr ? "error" : "detail");
    out.type = text_at(*inner, "type");
    return out;
}

} // namespace

void append_error_event(std::string& out, const error& e) {
    const api_status status = status_of(e.code);
    shown inner = read_nested(e);
    if (inner.message.empty()) inner.message = e.message;
    if (inner.type.empty()) inner.type = default_type(e.code);

    std::string inside;
    json::object_writer writer(inside);
    writer.text("message", break_retry_phrases(inner.message));
    writer.text("type", break_retry_phrases(inner.type));
    writer.raw("param", "null");
    writer.text("code", std::to_string(status.http_status));
    writer.close();

    out.append("data: ");
    json::object_writer frame(out);
    frame.raw("error", inside);
    frame.text("error_code", status.error_code);
    frame.text("message", break_retry_phrases(e.message));
    frame.close();
    out.append("\n\n");
}

} // namespace sluice::providers::unified
