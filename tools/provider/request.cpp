#include "tools/provider/request.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sluice::sim {

bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

std::string_view field_value(const http_request& request, std::string_view name) noexcept {
    for (const header_field& f : request.fields)
        if (same_name(f.name, name)) return f.value;
    return {};
}

std::string_view bearer_of(const http_request& request) noexcept {
    constexpr std::string_view scheme = "bearer ";
    const std::string_view sent = field_value(request, "authorization");
    const bool good = sent.size() > scheme.size() && same_name(sent.substr(0, scheme.size()), scheme);
    return good ? sent.substr(scheme.size()) : std::string_view();
}

bool is_media_type(std::string_view content_type, std::string_view wanted) noexcept {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    const std::size_t last = type.find_last_not_of(" \t");
    return last != std::string_view::npos && same_name(type.substr(0, last + 1), wanted);
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
            continue;
        }
        unsigned byte = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || ec != std::errc() || end != digits.data() + 2) return std::nullopt;
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

std::optional<std::string> form_value(std::string_view body, std::string_view name) {
    while (!body.empty()) {
        const std::string_view pair = body.substr(0, body.find('&'));
        body.remove_prefix(std::min(pair.size() + 1, body.size()));
        const std::size_t mark = pair.find('=');
        if (mark == std::string_view::npos) continue;
        if (percent_decoded(pair.substr(0, mark), true) == name)
            return percent_decoded(pair.substr(mark + 1), true);
    }
    return std::nullopt;
}

} // namespace sluice::sim
