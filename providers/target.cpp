#include "providers/target.hpp"

#include "core/http/framing.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string_view>

namespace sluice::providers {

namespace {

constexpr std::size_t most_url_bytes = 2048;
constexpr std::size_t most_host_bytes = 253; // of a DNS name

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

// The message never repeats the URL: it may hold a key that was pasted into the wrong field.
tl::unexpected<error> bad(std::string_view why) {
    return fail(errc::invalid_parameter_value,
                std::string("The URL is not usable: ").append(why).append("."));
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

// Characters of RFC 3986 paths and queries, percent signs included; and "//" stays as it is.
bool is_path_text(std::string_view path) noexcept {
    constexpr std::string_view others = "-._~%!$&'()*+,;=:@/?";
    return std::all_of(path.begin(), path.end(), [&](char c) {
        return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_host_name(std::string_view host) noexcept {
    if (host.empty() || host.size() > most_host_bytes || host.front() == '.' || host.front() == '-')
        return false;
    if (host.find("..") != std::string_view::npos) return false;
    return std::all_of(host.begin(), host.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

bool is_ipv6(const std::string& host) noexcept {
    in6_addr address{};
    return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// "host", "host:443", "[::1]:443".
result<void> read_authority(std::string_view authority, origin& out) {
    if (authority.find('@') != std::string_view::npos) return bad("it must not hold a user or password");
    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return bad("the address in brackets does not end");
        out.host = lowered(authority.substr(1, close - 1));
        if (out.host.find('\0') != std::string::npos || !is_ipv6(out.host))
            return bad("the text in brackets is no IPv6 address");
        port = authority.substr(close + 1);
        has_port = !port.empty();
        if (has_port && port.front() != ':') return bad("only a port may follow the brackets");
        port.remove_prefix(has_port ? 1 : 0);
    } else {
        const std::size_t colon = authority.find(':');
        has_port = colon != std::string_view::npos;
        out.host = lowered(authority.substr(0, colon));
        if (!is_host_name(out.host)) return bad("it has no proper host name");
        if (has_port) port = authority.substr(colon + 1);
    }
    if (!has_port) return {};
    const auto number = http::parse_decimal(port);
    if (!number || *number < 1 || *number > 65535) return bad("the port must be a number from 1 to 65535");
    out.port = static_cast<std::uint16_t>(*number);
    return {};
}

} // namespace

std::string origin::text() const {
    std::string out = tls ? "https://" : "http://";
    const bool literal = host.find(':') != std::string::npos;
    if (literal) out += '[';
    out += host;
    if (literal) out += ']';
    return out.append(":").append(std::to_string(port));
}

result<origin> parse_whole_url(std::string_view url, std::string& path) {
    if (url.size() > most_url_bytes) return bad("it is longer than 2048 characters");
    const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!printable) return bad("it must be visible ASCII characters without blanks");
    if (url.find('#') != std::string_view::npos) return bad("it must not have a fragment");

    origin out;
    const std::size_t colon = url.find("://");
    const std::string scheme = lowered(url.substr(0, colon == std::string_view::npos ? 0 : colon));
    if (scheme != "https" && scheme != "http") return bad("it must start with https://");
    out.tls = scheme == "https";
    out.port = out.tls ? 443 : 80;

    std::string_view rest = url.substr(colon + 3);
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    if (auto read = read_authority(rest.substr(0, end), out); !read) return fail(std::move(read.error()));
    rest.remove_prefix(end);
    if (!is_path_text(rest)) return bad("the path has a character that must be percent-encoded");
    if (!http::percent_decode(rest)) return bad("the path has a broken percent escape");
    path.clear();
    if (!rest.starts_with('/')) path += '/';
    path.append(rest);
    return out;
}

result<origin> parse_url(std::string_view url, std::string& path) {
    auto out = parse_whole_url(url, path);
    if (!out) return out;
    while (path.ends_with('/'))
        path.pop_back();
    return out;
}

} // namespace sluice::providers
