// Process settings: defaults (reliability.md §7), then the YAML config file, then flags. Checked once at
// start, immutable afterwards. The keys of the file are the member names below (update_delay is
// update_delay_ms, a number); README lists them. The members of `timeouts` are texts with a unit, "300ms",
// "5s", "2m" or "1h", those of `limits` numbers. Relative paths are relative to the working directory.
#pragma once

#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "core/base/string_map.hpp"
#include "core/http/framing.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::proxy {

struct limits_settings {
    http::head_limits request_head = http::request_head_limits;
    http::head_limits response_head = http::response_head_limits;
    std::size_t body_bytes = std::size_t{16} * 1024 * 1024;
    std::size_t answer_bytes = std::size_t{64} * 1024 * 1024; // a whole (unary) upstream answer
    std::size_t event_bytes = std::size_t{16} * 1024 * 1024;  // one event of a stream
    std::size_t client_connections = 10'000;                  // per process
    std::size_t upstream_connections = 1024;                  // per origin and process
    std::size_t requests_per_connection = 10'000;
};

struct timeout_settings {
    std::chrono::milliseconds head{5'000};
    std::chrono::milliseconds body{30'000};
    std::size_t body_min_rate = 1024; // bytes per second
    std::chrono::milliseconds keep_alive{60'000};
    std::chrono::milliseconds connect{3'000};
    std::chrono::milliseconds first_byte{300'000};
    std::chrono::milliseconds first_byte_stream{60'000};
    std::chrono::milliseconds stream_idle{60'000};
    std::chrono::milliseconds total{600'000};
    std::chrono::milliseconds stream_keep_alive{15'000}; // blank line to a quiet stream's client
    std::chrono::milliseconds pool_idle{55'000};
    std::chrono::milliseconds drain{30'000};
};

// One entry of the file's `secrets`: the body of POST /api/2.0/secrets/put, where the value may also be named
// by `string_value_env` (a variable of the environment) or `string_value_file` (one line end at its end does
// not count). The value is read already.
struct secret_entry {
    std::string scope;
    std::string key;
    secret_string value;
};

// The table of finished requests of endpoints whose usage is tracked.
struct usage_settings {
    std::size_t keep_rows = 10'000'000; // older ones are forgotten
};

struct settings {
    std::vector<std::string> listen{"127.0.0.1:8080"};
    std::string data_dir = "sluice-data";
    unsigned threads = 0;                    // 0: one per core
    std::vector<std::string> upstream_allow; // CIDRs
    std::vector<std::string> upstream_ca;    // PEM files, beside the system store
    string_map<std::string> provider_base_urls;
    bool single_external_entity = false;
    std::chrono::milliseconds update_delay{0}; // key update_delay_ms
    bool probe_updates = false;                // ask the provider of a changed entity before it serves
    bool access_log = false;
    std::size_t audit_keep_rows = 1'000'000; // of the audit log; older ones are forgotten
    std::string log_level = "info";
    limits_settings limits;
    timeout_settings timeouts;
    usage_settings usage;
    // From the environment, never from the file.
    secret_string admin_token; // SLUICE_ADMIN_TOKEN
    secret_string master_key;  // SLUICE_MASTER_KEY, base64 of 32 bytes
    // Bodies of the REST calls, to be applied at start when new or changed.
    std::vector<secret_entry> secrets;
    std::vector<boost::json::value> endpoints;
};

// Reads the file over `base`. Error invalid_parameter_value: the sentence names file, line and key. Unknown
// keys are errors.
[[nodiscard]] result<settings> read_config_file(const std::string& path, settings base);

// Ranges, addresses and CIDRs. Error invalid_parameter_value.
[[nodiscard]] result<void> check(const settings& s);

} // namespace sluice::proxy
