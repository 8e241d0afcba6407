#include "proxy/config.hpp"

#include "core/base/base64.hpp"
#include "proxy/config_reader.hpp"
#include "proxy/config_yaml.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <utility>

namespace sluice::proxy {

namespace {

constexpr std::size_t max_file_bytes = std::size_t{16} * 1024 * 1024;
constexpr std::size_t max_secret_file_bytes = std::size_t{1024} * 1024;

// The whole file; nothing when it cannot be read or is larger.
std::optional<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::string out;
    std::array<char, 4096> part{};
    while (in.read(part.data(), part.size()) || in.gcount() > 0) {
        out.append(part.data(), static_cast<std::size_t>(in.gcount()));
        if (out.size() > max_bytes) return std::nullopt;
    }
    OPENSSL_cleanse(part.data(), part.size());
    if (!in.eof()) return std::nullopt; // a directory, or an error of the disk
    return out;
}

void read_head_limits(config_section& from, std::string_view key, http::head_limits& out, bool has_target) {
    auto section = from.take_section(key);
    if (!section) return;
    section->read("bytes", out.bytes);
    section->read("fields", out.fields);
    if (has_target) section->read("target_bytes", out.target_bytes);
    section->finish();
}

void read_limits(config_section& from, limits_settings& out) {
    auto section = from.take_section("limits");
    if (!section) return;
    read_head_limits(*section, "request_head", out.request_head, true);
    read_head_limits(*section, "response_head", out.response_head, false);
    section->read("body_bytes", out.body_bytes);
    section->read("answer_bytes", out.answer_bytes);
    section->read("event_bytes", out.event_bytes);
    section->read("client_connections", out.client_connections);
    section->read("upstream_connections", out.upstream_connections);
    section->read("requests_per_connection", out.requests_per_connection);
    section->finish();
}

void read_timeouts(config_section& from, timeout_settings& out) {
    auto section = from.take_section("timeouts");
    if (!section) return;
    section->read("head", out.head);
    section->read("body", out.body);
    section->read("body_min_rate", out.body_min_rate);
    section->read("keep_alive", out.keep_alive);
    section->read("connect", out.connect);
    section->read("first_byte", out.first_byte);
    section->read("first_byte_stream", out.first_byte_stream);
    section->read("stream_idle", out.stream_idle);
    section->read("total", out.total);
    section->read("stream_keep_alive", out.stream_keep_alive);
    section->read("pool_idle", out.pool_idle);
    section->read("drain", out.drain);
    section->finish();
}

void read_usage(config_section& from, usage_settings& out) {
    auto section = from.take_section("usage");
    if (!section) return;
    section->read("keep_rows", out.keep_rows);
    section->finish();
}

void read_base_urls(config_section& from, string_map<std::string>& out) {
    auto section = from.take_section("provider_base_urls");
    if (!section) return;
    for (const auto& member : section->node().members) {
        section->read(member.key, out[member.key]);
    }
}

void value_from_environment(config_section& entry, const std::string& name, std::string& out) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read at the start, before any other thread runs.
    const char* found = std::getenv(name.c_str());
    if (!found || *found == '\0') {
        return entry.refuse("string_value_env", "the environment variable " + name + " is not set or empty");
    }
    out = found;
}

void value_from_file(config_section& entry, const std::string& path, std::string& out) {
    auto text = read_file(path, max_secret_file_bytes);
    if (!text)
        return entry.refuse("string_value_file", "the file " + path + " cannot be read or is too large");
    // Editors and `echo` end a file with a line end that is not meant.
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    out = *text;
    wipe(*text);
}

secret_entry read_secret(config_section& entry) {
    std::string text;
    std::string encoded;
    std::string variable;
    std::string file;
    secret_entry out;
    entry.read("scope", out.scope);
    entry.read("key", out.key);
    entry.read("string_value", text);
    entry.read("bytes_value", encoded);
    entry.read("string_value_env", variable);
    entry.read("string_value_file", file);
    entry.finish();
    int given = 0;
    for (const char* key : {"string_value", "bytes_value", "string_value_env", "string_value_file"}) {
        given += entry.take(key) ? 1 : 0;
    }
    if (out.scope.empty()) entry.refuse("scope", "is missing");
    if (out.key.empty()) entry.refuse("key", "is missing");
    if (given != 1) {
        entry.refuse(
            "string_value",
            "exactly one of string_value, bytes_value, string_value_env and string_value_file must be given");
    }
    if (entry.take("string_value_env")) value_from_environment(entry, variable, text);
    if (entry.take("string_value_file")) value_from_file(entry, file, text);
    if (entry.take("bytes_value")) {
        auto bytes = base64_decode(encoded);
        if (!bytes) entry.refuse("bytes_value", "must be base64");
        text = std::move(bytes).value_or("");
    }
    out.value = secret_string(text);
    wipe(text);
    wipe(encoded);
    return out;
}

boost::json::value read_endpoint(config_section& entry) {
    std::string name;
    entry.read("name", name);
    if (name.empty()) entry.refuse("name", "is missing");
    return to_json(entry.node());
}

void read_settings(config_section& root, settings& out) {
    root.read("listen", out.listen);
    root.read("data_dir", out.data_dir);
    root.read("threads", out.threads);
    root.read("upstream_allow", out.upstream_allow);
    root.read("upstream_ca", out.upstream_ca);
    read_base_urls(root, out.provider_base_urls);
    root.read("single_external_entity", out.single_external_entity);
    auto delay = static_cast<std::size_t>(out.update_delay.count());
    root.read("update_delay_ms", delay);
    out.update_delay = std::chrono::milliseconds(delay);
    root.read("probe_updates", out.probe_updates);
    root.read("access_log", out.access_log);
    root.read("audit_keep_rows", out.audit_keep_rows);
    root.read("log_level", out.log_level);
    read_limits(root, out.limits);
    read_timeouts(root, out.timeouts);
    read_usage(root, out.usage);
    for (auto& entry : root.take_sections("secrets")) {
        out.secrets.push_back(read_secret(entry));
    }
    for (auto& entry : root.take_sections("endpoints")) {
        out.endpoints.push_back(read_endpoint(entry));
    }
    root.finish();
}

} // namespace

result<settings> read_config_file(const std::string& path, settings base) {
    auto text = read_file(path, max_file_bytes);
    if (!text) return fail(errc::invalid_parameter_value, path + ": the file cannot be read or is too large");
    const auto tree = parse_yaml(path, *text);
    wipe(*text);
    if (!tree) return fail(tree.error());
    config_errors errors(path);
    config_section root(*tree, "", errors);
    read_settings(root, base);
    if (auto ok = errors.verdict(); !ok) return fail(std::move(ok).error());
    return base;
}

} // namespace sluice::proxy
