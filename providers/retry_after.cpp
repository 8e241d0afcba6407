#include "providers/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>

namespace sluice::providers {

namespace {

constexpr double most_seconds = 3600;

// A non-negative decimal at the start of `text`, taken off it.
std::optional<double> take_number(std::string_view& text) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    double number = 0;
    const auto read =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (read.ec != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return number;
}

std::optional<double> whole_number(std::string_view text) {
    const auto number = take_number(text);
    return text.empty() ? number : std::nullopt;
}

struct unit {
    std::string_view name;
    double seconds;
};

// "13s", "0.5s", "120ms", "6m0s", "1h2m3s".
std::optional<double> duration(std::string_view text) {
    // "ms" stands before "m" and "s", which it starts with.
    constexpr std::array<unit, 5> units = {{{"ms", 0.001}, {"h", 3600}, {"m", 60}, {"s", 1}, {"d", 86400}}};
    if (text.empty()) return std::nullopt;
    double seconds = 0;
    while (!text.empty()) {
        const auto number = take_number(text);
        const auto* const found = std::find_if(
            units.begin(), units.end(), [text](const unit& each) { return text.starts_with(each.name); });
        if (!number || found == units.end()) return std::nullopt;
        seconds += *number * found->seconds;
        text.remove_prefix(found->name.size());
    }
    return seconds;
}

// The three forms of RFC 9110 §5.6.7. Seconds from now on, 0 for the past.
std::optional<double> until_date(std::string_view text, std::int64_t now_ms) {
    constexpr std::array<const char*, 3> forms = {
        "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"};
    const std::string terminated(text);
    for (const char* const form : forms) {
        std::tm parts{};
        const char* const end = strptime(terminated.c_str(), form, &parts);
        if (end == nullptr || end != terminated.c_str() + terminated.size()) continue;
        return std::max(0.0, static_cast<double>(timegm(&parts)) - static_cast<double>(now_ms) / 1000);
    }
    return std::nullopt;
}

// {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"13s"} anywhere in the body, which need
// not be JSON.
std::optional<double> retry_info(std::string_view body) {
    for (const std::string_view name : {R"("retryDelay")", R"("retry_delay")"}) {
        const std::size_t at = body.find(name);
        if (at == std::string_view::npos) continue;
        std::string_view rest = body.substr(at + name.size());
        const std::size_t open = rest.find_first_not_of(" \t\r\n:");
        if (open == std::string_view::npos || rest[open] != '"') continue;
        rest.remove_prefix(open + 1);
        if (const auto seconds = duration(rest.substr(0, rest.find('"')))) return seconds;
    }
    return std::nullopt;
}

// One limit of a service: how long until it opens, and whether it is used up.
class reset_times {
public:
    void add(std::optional<double> seconds, std::optional<std::string_view> remaining) {
        if (!seconds) return;
        any_ = std::max(any_.value_or(0), *seconds);
        if (remaining && *remaining == "0") used_up_ = std::max(used_up_.value_or(0), *seconds);
    }
    // The limit that is used up counts; when none says so, the one that opens last.
    [[nodiscard]] std::optional<double> last() const noexcept { return used_up_ ? used_up_ : any_; }

private:
    std::optional<double> used_up_;
    std::optional<double> any_;
};

std::optional<double> openai_reset(const http::field_list& fields) {
    reset_times all;
    for (const std::string_view what : {"requests", "tokens"}) {
        const auto reset = http::find(fields, std::string("x-ratelimit-reset-").append(what));
        all.add(reset ? duration(*reset) : std::nullopt,
                http::find(fields, std::string("x-ratelimit-remaining-").append(what)));
    }
    return all.last();
}

// "2026-01-15T12:35:00Z", with a fraction or an offset too (RFC 3339). As until_date.
std::optional<double> until_time(std::string_view text, std::int64_t now_ms) {
    const std::string terminated(text);
    std::tm parts{};
    const char* const behind = strptime(terminated.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (behind == nullptr) return std::nullopt;
    std::string_view rest(behind);
    double seconds = static_cast<double>(timegm(&parts));
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of("0123456789"), rest.size()));
        seconds += 1; // rounded up
    }
    if (rest.size() == 6 && (rest.front() == '+' || rest.front() == '-') && rest[3] == ':') {
        const auto hours = whole_number(rest.substr(1, 2));
        const auto minutes = whole_number(rest.substr(4, 2));
        if (!hours || !minutes) return std::nullopt;
        const double offset = *hours * 3600 + *minutes * 60;
        seconds -= rest.front() == '+' ? offset : -offset;
    } else if (rest != "Z" && rest != "z") {
        return std::nullopt;
    }
    return std::max(0.0, seconds - static_cast<double>(now_ms) / 1000);
}

std::optional<double> anthropic_reset(const http::field_list& fields, std::int64_t now_ms) {
    reset_times all;
    for (const std::string_view what : {"requests", "tokens", "input-tokens", "output-tokens"}) {
        const std::string name = std::string("anthropic-ratelimit-").append(what);
        const auto reset = http::find(fields, name + "-reset");
        all.add(reset ? until_time(*reset, now_ms) : std::nullopt, http::find(fields, name + "-remaining"));
    }
    return all.last();
}

std::optional<double> said(const http::field_list& fields, std::string_view body, std::int64_t now_ms) {
    if (const auto text = http::find(fields, "retry-after-ms")) {
        if (const auto number = whole_number(*text)) return *number / 1000;
    }
    if (const auto text = http::find(fields, "retry-after")) {
        if (const auto number = whole_number(*text)) return number;
        if (const auto number = until_date(*text, now_ms)) return number;
    }
    if (const auto number = retry_info(body)) return number;
    if (const auto number = openai_reset(fields)) return number;
    return anthropic_reset(fields, now_ms);
}

} // namespace

int retry_after(const http::field_list& fields, std::string_view body, std::int64_t now_ms) {
    const auto seconds = said(fields, body, now_ms);
    if (!seconds) return 0;
    return static_cast<int>(std::clamp(std::ceil(*seconds), 1.0, most_seconds));
}

} // namespace sluice::providers
