// One resolved destination: where a served entity's requests go, with everything that does not change from
// request to request already put together. Made by control when a snapshot is built, immutable, read by every
// shard.
#pragma once

#include "core/base/secret_string.hpp"
#include "providers/dialect.hpp"
#include "providers/unified.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sluice::providers {

class upstream_api;
class credential_source;
struct target;

struct origin {
    bool tls = true;
    std::string host; // name or address literal without brackets
    std::uint16_t port = 443;

    friend bool operator==(const origin&, const origin&) = default;
    // "https://host:port": names pools in logs and maps.
    [[nodiscard]] std::string text() const;
};

// Splits "https://host[:port]/path?query". Error invalid_parameter_value for anything else, for userinfo,
// fragments, control characters and blanks. `path` gets the path with its query, without a trailing slash (""
// for none).
[[nodiscard]] result<origin> parse_url(std::string_view url, std::string& path);
// The same for a URL that is used as it stands: the path keeps its slashes and is at least "/".
[[nodiscard]] result<origin> parse_whole_url(std::string_view url, std::string& path);

// What of an OpenAI-shaped answer is put right before the client gets it (providers.md §8, §10).
enum class repair : std::uint8_t { none, custom, databricks };

// What a provider has put together for its own use.
class target_part {
public:
    target_part() = default;
    target_part(const target_part&) = delete;
    target_part& operator=(const target_part&) = delete;
    virtual ~target_part() = default;
};

// What is found out about an upstream while it serves; any thread.
struct findings {
    std::atomic<bool> refuses_stream_options{false};
};

// Where the same upstream takes a client's own dialect as it is.
struct native_target {
    dialect speaks = dialect::messages;
    native_call asks = native_call::answer;
    std::shared_ptr<const target> to; // shared by the copies of the target that it belongs to
};

struct target {
    const upstream_api* via = nullptr; // lives for the life of the program
    std::string provider_name;         // "openai": named in errors
    task kind = task::chat;
    origin to;
    std::string model;               // external_model.name
    std::string model_json;          // the same as a JSON text, with quotes
    bool sends_model = true;         // Azure bodies carry no model
    bool renames_max_tokens = false; // o-series and gpt-5: max_tokens goes as max_completion_tokens
    bool is_azure = false;
    bool reads_answer_fields = false; // read_answer looks at the fields of the head
    repair repairs = repair::none;
    // Request line and every field but Content-Length, each line ended: "POST /v1/chat/completions
    // HTTP/1.1\r\nHost: …\r\n…".
    secret_string head;
    // The same for streams, where their path is another one; empty: as `head`.
    secret_string stream_head;
    // Where the credential comes from that provider::authorize() puts into each request; null: the head has
    // it.
    std::shared_ptr<const credential_source> credential;
    // Prompts or inputs that one upstream request takes; 0: all that a client sends. More are sent in
    // several.
    std::size_t most_items = 0;
    std::vector<native_target> natives;
    std::shared_ptr<const target_part> own; // read by the provider only
    std::shared_ptr<findings> found;        // kept as long as the config; null: nothing is to be found out
    // Values that must never be seen in a text that leaves the gateway.
    std::vector<secret_string> keys;
};

} // namespace sluice::providers
