#include "providers/request_head.hpp"

#include "core/http/framing.hpp"
#include "providers/sentence.hpp"

#include <algorithm>

namespace sluice::providers {

namespace {

bool append_agent(std::string& head) {
    const bool good = http::append_field(head, "Accept-Encoding", "identity");
    return http::append_field(head, "User-Agent", "sluice/" SLUICE_VERSION) && good;
}

// What every request has but Content-Length.
bool append_common(std::string& head) {
    bool good = http::append_field(head, "Content-Type", "application/json");
    good = http::append_field(head, "Accept", "application/json, text/event-stream") && good;
    return append_agent(head) && good;
}

bool append_own(std::string& head, std::span<const head_field> own) {
    bool good = true;
    for (const head_field& each : own) {
        if (!each.value.empty()) good = http::append_field(head, each.name, each.value) && good;
    }
    return good;
}

std::size_t size_of(std::string_view path, std::span<const head_field> own) {
    std::size_t size = path.size() + 1024; // the host name and what every request has
    for (const head_field& each : own)
        size += each.name.size() + each.value.size() + 4;
    return size;
}

tl::unexpected<error> unusable() {
    return fail(errc::invalid_parameter_value,
                "A value of the configuration has characters that a header must not have.");
}

} // namespace

std::string host_field(const origin& to) {
    const bool literal = to.host.find(':') != std::string::npos;
    std::string text = literal ? sentence({"[", to.host, "]"}) : to.host;
    if (to.port != (to.tls ? 443 : 80)) text.append(":").append(std::to_string(to.port));
    return text;
}

result<void> put_head(target& to,
                      std::string_view path,
                      const credential_field& credential,
                      std::span<const head_field> own) {
    const std::string_view key = credential.key.reveal();
    std::string value = sentence({credential.scheme, key});
    std::string head;
    head.reserve(size_of(path, own) + value.size()); // no reallocation leaves a copy of a key behind
    head.append("POST ").append(path).append(" HTTP/1.1\r\n");
    bool good = http::append_field(head, "Host", host_field(to.to));
    good = http::append_field(head, credential.name, value) && good;
    good = append_own(head, own) && good;
    good = append_common(head) && good;
    if (good) {
        to.head = secret_string(head);
        to.keys.push_back(credential.key);
    }
    wipe(head);
    wipe(value);
    if (good) return {};
    return unusable();
}

result<void> put_head(target& to, std::string_view path, std::span<const head_field> own) {
    std::string head;
    head.reserve(size_of(path, own));
    head.append("POST ").append(path).append(" HTTP/1.1\r\n");
    bool good = http::append_field(head, "Host", host_field(to.to));
    good = append_own(head, own) && good;
    good = append_common(head) && good;
    if (!good) return unusable();
    to.head = secret_string(head);
    return {};
}

result<secret_string> make_head(const origin& to, std::string_view path, std::span<const head_field> own) {
    std::string head;
    head.reserve(size_of(path, own));
    head.append("POST ").append(path).append(" HTTP/1.1\r\n");
    bool good = http::append_field(head, "Host", host_field(to));
    good = append_own(head, own) && good;
    good = append_agent(head) && good;
    if (!good) return unusable();
    return secret_string(head);
}

bool is_visible(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        if (stays) {
            out += c;
        } else {
            out += '%';
            out += hex[byte >> 4U];
            out += hex[byte & 0x0FU];
        }
    }
    return out;
}

} // namespace sluice::providers
