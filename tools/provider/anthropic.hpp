// The Anthropic dialect: Messages requests checked as the real service does, JSON answers, events and errors
// as it writes them. Pure: values in, text out.
#pragma once

#include "tools/provider/call.hpp"
#include "tools/provider/events.hpp"
#include "tools/provider/generate.hpp"
#include "tools/provider/knobs.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim::anthropic {

// The fields that every request needs, by the values it has; `api_key` empty: any key is good.
[[nodiscard]] std::optional<api_error>
refuse_fields(std::string_view sent_key, std::string_view sent_version, std::string_view api_key);

// A body of POST /v1/messages. Members that the API does not know are refused, as are empty texts, results
// without their calls, and settings that the named model does not take.
// `version`: of the API, one that refuse_fields has let through; the one of October 2026 takes no sampling.
[[nodiscard]] api_result<call>
read_call(std::string_view content_type, std::string_view body, std::string_view version);

// The same where another service has the models: the path names the model, and the body says its version.
struct hosted {
    std::string_view version;
    std::string_view model;
    bool takes_stream = true; // else the path says it
};
[[nodiscard]] api_result<call>
read_hosted_call(std::string_view content_type, std::string_view body, const hosted& by);

// A body of POST /v1/messages/count_tokens, which says nothing about the answer.
[[nodiscard]] api_result<call> read_count_call(std::string_view content_type, std::string_view body);

// {"type":"error","error":{"type":…,"message":…},"request_id":…}; the type follows the status.
[[nodiscard]] std::string error_body(const api_error& e);

// A whole message. With the knob bN it has exactly N bytes where that is possible.
[[nodiscard]] std::string message_body(const call& c, const knobs& k, generated said);

// The same as a stream of named events.
[[nodiscard]] std::unique_ptr<event_source> message_stream(const call& c, const knobs& k, generated said);

} // namespace sluice::sim::anthropic
