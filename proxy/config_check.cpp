// What values settings may have, wherever they come from.
#include "core/net/address.hpp"
#include "providers/registry.hpp"
#include "providers/target.hpp"
#include "proxy/config.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::proxy {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;

struct size_range {
    std::string_view key;
    std::size_t value;
    std::size_t least;
    std::size_t most;
};

struct time_range {
    std::string_view key;
    milliseconds value;
};

tl::unexpected<error> refuse(std::string_view key, std::string_view what) {
    return fail(errc::invalid_parameter_value, std::string(key) + ": " + std::string(what));
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && host.front() != '-' && host.front() != '.' &&
           std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.';
           });
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    return problem == std::errc{} && stop == text.data() + text.size();
}

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; port 0 lets the system choose.
bool is_listen_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
    const std::string_view host = text.substr(0, colon);
    if (!host.starts_with('[')) return is_host_name(host);
    if (!host.ends_with(']')) return false;
    boost::system::error_code problem;
    boost::asio::ip::make_address_v6(std::string(host.substr(1, host.size() - 2)), problem);
    return !problem;
}

result<void> check_addresses(const settings& s) {
    if (s.listen.empty()) return refuse("listen", "at least one address is needed");
    for (const auto& address : s.listen) {
        if (!is_listen_address(address)) {
            return refuse("listen",
                          "'" + address + "' is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080");
        }
    }
    for (const auto& network : s.upstream_allow) {
        if (!net::parse_cidr(network)) {
            return refuse("upstream_allow",
                          "'" + network + "' is not a network, such as 10.0.0.0/8 or ::1/128");
        }
    }
    for (const auto& [name, url] : s.provider_base_urls) {
        constexpr std::string_view entra = "microsoft-entra"; // the root of its token URL
        if (name != entra && !providers::find_provider(name))
            return refuse("provider_base_urls", "there is no provider '" + name + "'");
        std::string path;
        // The URL is not shown: it may hold a password.
        if (!providers::parse_url(url, path) || path.find('?') != std::string::npos) {
            return refuse("provider_base_urls." + name, "must be a URL such as https://api.openai.com/v1");
        }
    }
    return {};
}

result<void> check_limits(const settings& s) {
    const limits_settings& l = s.limits;
    const std::array ranges{
        size_range{"limits.request_head.bytes", l.request_head.bytes, 1024, mebibyte},
        size_range{"limits.request_head.fields", l.request_head.fields, 10, 10'000},
        size_range{"limits.request_head.target_bytes", l.request_head.target_bytes, 256, mebibyte},
        size_range{"limits.response_head.bytes", l.response_head.bytes, 1024, mebibyte},
        size_range{"limits.response_head.fields", l.response_head.fields, 10, 10'000},
        size_range{"limits.body_bytes", l.body_bytes, 1024, 1024 * mebibyte},
        size_range{"limits.answer_bytes", l.answer_bytes, 1024, 1024 * mebibyte},
        size_range{"limits.event_bytes", l.event_bytes, 1024, 1024 * mebibyte},
        size_range{"limits.client_connections", l.client_connections, 1, 1'000'000},
        size_range{"limits.upstream_connections", l.upstream_connections, 1, 1'000'000},
        size_range{"limits.requests_per_connection", l.requests_per_connection, 1, 1'000'000'000},
        size_range{"timeouts.body_min_rate", s.timeouts.body_min_rate, 0, 1024 * mebibyte},
        size_range{"usage.keep_rows", s.usage.keep_rows, 1000, 1'000'000'000},
        size_range{"threads", s.threads, 0, 1024},
    };
    for (const auto& range : ranges) {
        if (range.value >= range.least && range.value <= range.most) continue;
        return refuse(range.key,
                      "must be from " + std::to_string(range.least) + " to " + std::to_string(range.most));
    }
    return {};
}

result<void> check_timeouts(const settings& s) {
    constexpr milliseconds least{1};
    constexpr milliseconds most{24 * 3'600'000};
    const timeout_settings& t = s.timeouts;
    const std::array ranges{
        time_range{"timeouts.head", t.head},
        time_range{"timeouts.body", t.body},
        time_range{"timeouts.keep_alive", t.keep_alive},
        time_range{"timeouts.connect", t.connect},
        time_range{"timeouts.first_byte", t.first_byte},
        time_range{"timeouts.first_byte_stream", t.first_byte_stream},
        time_range{"timeouts.stream_idle", t.stream_idle},
        time_range{"timeouts.total", t.total},
        time_range{"timeouts.stream_keep_alive", t.stream_keep_alive},
        time_range{"timeouts.pool_idle", t.pool_idle},
        time_range{"timeouts.drain", t.drain},
    };
    for (const auto& range : ranges) {
        if (range.value < least || range.value > most) return refuse(range.key, "must be from 1ms to 24h");
    }
    if (s.audit_keep_rows < 1 || s.audit_keep_rows > 1'000'000'000) {
        return refuse("audit_keep_rows", "must be from 1 to 1000000000");
    }
    if (s.update_delay < milliseconds{0} || s.update_delay > milliseconds{3'600'000}) {
        return refuse("update_delay_ms", "must be from 0 to 3600000");
    }
    return {};
}

// ASCII, as scope names are compared.
std::string lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// The first text that comes twice.
std::optional<std::string> find_repeated(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    const auto found = std::adjacent_find(names.begin(), names.end());
    if (found == names.end()) return std::nullopt;
    return *found;
}

result<void> check_entries(const settings& s) {
    std::vector<std::string> secrets;
    secrets.reserve(s.secrets.size());
    for (const auto& entry : s.secrets) {
        secrets.push_back(lower_case(entry.scope) + "/" + entry.key);
    }
    if (const auto twice = find_repeated(std::move(secrets)))
        return refuse("secrets", *twice + " is there twice");
    std::vector<std::string> endpoints;
    for (const auto& entry : s.endpoints) {
        const auto* body = entry.if_object();
        const auto* name = body ? body->if_contains("name") : nullptr;
        if (!name || !name->is_string()) return refuse("endpoints", "every entry must be a map with a name");
        endpoints.emplace_back(name->get_string().data(), name->get_string().size());
    }
    if (const auto twice = find_repeated(std::move(endpoints)))
        return refuse("endpoints", *twice + " is there twice");
    return {};
}

} // namespace

result<void> check(const settings& s) {
    constexpr std::array<std::string_view, 4> levels{"debug", "info", "warn", "error"};
    if (s.data_dir.empty()) return refuse("data_dir", "must not be empty");
    if (std::find(levels.begin(), levels.end(), s.log_level) == levels.end()) {
        return refuse("log_level", "must be debug, info, warn or error");
    }
    if (auto ok = check_addresses(s); !ok) return ok;
    if (auto ok = check_limits(s); !ok) return ok;
    if (auto ok = check_timeouts(s); !ok) return ok;
    return check_entries(s);
}

} // namespace sluice::proxy
