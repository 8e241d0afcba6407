// What a provider is: pure translation between a unified::call and the bytes of one upstream API. One object
// per provider, stateless; any thread may use it. No sockets, no clock.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/http/message.hpp"
#include "providers/config_fields.hpp"
#include "providers/target.hpp"
#include "providers/unified.hpp"

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::providers {

struct credential; // providers/credential.hpp

// Tokens of one answer, normalised (providers.md §1.8). known == false: the upstream did not say.
struct usage {
    bool known = false;
    std::int64_t prompt_tokens = 0;
    std::int64_t completion_tokens = 0;
    std::int64_t total_tokens = 0;
    std::int64_t cached_tokens = 0;    // part of prompt_tokens
    std::int64_t reasoning_tokens = 0; // part of completion_tokens

    friend bool operator==(const usage&, const usage&) = default;
};

// One request to an upstream, as pieces to be written in order. The pieces are views into the call's body,
// the target and `storage`: all three must outlive the write, and the object stays where it is. Reused from
// request to request.
struct upstream_request {
    upstream_request() = default;
    upstream_request(const upstream_request&) = delete;
    upstream_request& operator=(const upstream_request&) = delete;

    std::string credential_lines; // field lines behind target.head, by authorize(); mostly none
    std::string head_tail;        // "Content-Length: n\r\n\r\n", behind them
    absl::InlinedVector<std::string_view, 16> body; // pieces of the body
    std::size_t body_size = 0;
    std::size_t dropped = 0; // members of the client that this provider has no place for
    std::string storage;     // text made for this request; fixed before `body` points into it

    void clear();
};

// Reads one upstream answer stream and writes the client's. One per attempt, fed in any split of the (already
// de-chunked) bytes.
class decoder {
public:
    decoder() = default;
    decoder(const decoder&) = delete;
    decoder& operator=(const decoder&) = delete;
    virtual ~decoder() = default;

    // Appends what the client gets for `in` (whole events, ready to send) to `out`. json::padding bytes
    // behind `in` must be readable. On an error `out` holds what came before it; the caller writes that and
    // then unified::append_error_event.
    [[nodiscard]] virtual result<void> body(std::string_view in, std::string& out) = 0;

    // The upstream's body has ended. Appends the end of the client's stream; an error when the stream was cut
    // (code bad_upstream).
    [[nodiscard]] virtual result<void> end(std::string& out) = 0;

    // The client's stream is complete ([DONE] went out); what the upstream still sends is ignored.
    [[nodiscard]] virtual bool finished() const noexcept = 0;

    // What is known so far.
    [[nodiscard]] virtual usage used() const noexcept = 0;

    // The stream is complete and tells by itself that the answer failed: as what that counts. Null: it did
    // not fail so.
    [[nodiscard]] virtual const error* failure() const noexcept { return nullptr; }
};

// A whole JSON answer.
struct answer {
    usage used;
    bool has_choices = false;             // is good for a client that asked for a stream, too
    std::optional<std::string> rewritten; // nullopt: the upstream's bytes go back as they came
};

// One event of a stream (reliability.md §7).
inline constexpr std::size_t default_event_bytes = std::size_t{16} * 1024 * 1024;

// What the reading of an answer takes from outside; providers whose answers go back as they came use little.
struct answer_context {
    std::int64_t created = 0; // seconds since 1970, when the answer's head came
    std::string_view id_stem; // letters, digits, '-' and '_', unique to the call: ids are made of it
    const http::field_list* fields = nullptr; // of the answer's head, if it has one
    std::size_t max_event_bytes = default_event_bytes;
    bool as_list = false;     // a stream of Gemini's as one JSON list instead of events
    usage* spent = nullptr;   // gets what a whole answer used that failed all the same
    bool keeps_order = false; // a whole answer is to be translated (answered_blocks.hpp)
};

inline void note_spent(const answer_context& context, const usage& used) noexcept {
    if (context.spent != nullptr) *context.spent = used;
}

// How an upstream is spoken to.
class upstream_api {
public:
    upstream_api() = default;
    upstream_api(const upstream_api&) = delete;
    upstream_api& operator=(const upstream_api&) = delete;
    virtual ~upstream_api() = default;

    // Error bad_request when the call cannot be put to this provider.
    [[nodiscard]] virtual result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const = 0;

    // Puts into an encoded request what proves who asks, where that changes from request to request: a bearer
    // token, a signature. `with` is the credential of to.credential, null when there is no such source;
    // `streams` says which head goes out. Error invalid_parameter_value when a credential cannot stand in a
    // head.
    [[nodiscard]] virtual result<void> authorize(
        const target& to, bool streams, const credential* with, wall_ms now, upstream_request& out) const;

    // Is a 2xx answer of this media type a stream, for make_decoder? Else it is read whole.
    [[nodiscard]] virtual bool is_stream_type(const target& to, std::string_view content_type) const noexcept;

    // `to` and the context's stem outlive the decoder; the call and the fields need not.
    [[nodiscard]] virtual std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const = 0;
    [[nodiscard]] std::unique_ptr<decoder> make_decoder(const unified::call& call, const target& to) const {
        return make_decoder(call, to, answer_context());
    }

    // Checks a whole 2xx answer (must be a JSON object), reads its usage and rewrites it where the upstream
    // speaks another schema. json::padding bytes behind `body` must be readable. Error bad_upstream.
    [[nodiscard]] virtual result<answer> read_answer(const unified::call& call,
                                                     const target& to,
                                                     const answer_context& context,
                                                     std::string_view body) const = 0;
    [[nodiscard]] result<answer>
    read_answer(const unified::call& call, const target& to, std::string_view body) const {
        return read_answer(call, to, answer_context(), body);
    }

    // Does this answer mean that the credential which authorize() was given is not good any longer? By
    // default a 401 does.
    [[nodiscard]] virtual bool refuses_credential(int status, const http::field_list& fields) const noexcept;

    // The status that an answer which is not 2xx stands for, where the service says it by a name too: by
    // default its own.
    [[nodiscard]] virtual int
    meant_status(int status, const http::field_list& fields, std::string_view body) const;
};

// An upstream_api that endpoints are configured with.
class provider : public upstream_api {
public:
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;         // "openai"
    [[nodiscard]] virtual std::string_view config_block() const noexcept = 0; // "openai_config"
    [[nodiscard]] virtual std::span<const config_field> fields() const noexcept = 0;
    [[nodiscard]] virtual bool does(task kind) const noexcept = 0;

    // Of each of these exactly one option is given.
    [[nodiscard]] virtual std::span<const field_options> one_of() const noexcept { return {}; }

    // Checks the fields that are given, by the tables and then by check_values(), without their secrets'
    // values (names of secrets given are in `secrets` with empty values). Error invalid_parameter_value, the
    // sentence names the field.
    [[nodiscard]] result<void> check(const resolved_config& config) const;

    // Puts a target together. `default_base` is the operator's override from provider_base_urls, or empty.
    [[nodiscard]] virtual result<target> resolve(std::string_view model,
                                                 task kind,
                                                 const resolved_config& config,
                                                 std::string_view default_base) const = 0;

protected:
    // What no table says of values that the tables have let through.
    [[nodiscard]] virtual result<void> check_values(const resolved_config&) const { return {}; }

    // A target of this provider with everything but where it is and its head.
    [[nodiscard]] target begin_target(std::string_view model, task kind) const;
};

// What the client gets for an upstream answer that is not 2xx, or for a 2xx that cannot be used (providers.md
// §1.11): the code by the status table, the message as the JSON text of
// {"external_model_provider":…,"external_model_error":…}, keys of the target and retry phrases taken out,
// Retry-After in whole seconds. `now_ms` (wall clock) serves Retry-After as a date.
[[nodiscard]] error upstream_error(
    const target& to, int status, const http::field_list& fields, std::string_view body, std::int64_t now_ms);

// The nested message for a failure that has no upstream answer (connect, timeout, truncated); `what` names
// the class, not the address.
[[nodiscard]] error upstream_failure(const target& to, errc code, std::string_view what);

// The same for an error object inside a 200 stream: status from its code or type when it has one, else 502.
[[nodiscard]] error upstream_stream_error(const target& to, std::string_view event_data);
// The same where the stream's frames say which status it is.
[[nodiscard]] error upstream_stream_error(const target& to, int status, std::string_view event_data);

} // namespace sluice::providers
