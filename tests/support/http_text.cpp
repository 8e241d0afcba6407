#include "tests/support/http_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace sluice::support {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

std::optional<std::string> take_chunks(std::string& input) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const std::size_t line = input.find("\r\n", at);
        if (line == std::string::npos) return std::nullopt;
        std::uint64_t size = 0;
        std::from_chars(input.data() + at, input.data() + line, size, 16);
        at = line + 2;
        if (size == 0) {
            const std::size_t end = input.find("\r\n", at);
            if (end == std::string::npos) return std::nullopt;
            input.erase(0, end + 2);
            return out;
        }
        if (input.size() < at + size + 2) return std::nullopt;
        out.append(input, at, size);
        at += size + 2;
    }
}

} // namespace

std::optional<std::string> find_field(std::string_view head, std::string_view name) {
    std::size_t at = head.find("\r\n");
    while (at != std::string_view::npos && at + 2 < head.size()) {
        const std::size_t begin = at + 2;
        at = head.find("\r\n", begin);
        const std::string_view line = head.substr(begin, at - begin);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !same(line.substr(0, colon), name)) continue;
        std::string_view value = line.substr(colon + 1);
        while (value.starts_with(' '))
            value.remove_prefix(1);
        return std::string(value);
    }
    return std::nullopt;
}

std::string answer::field(std::string_view name) const {
    return find_field(head, name).value_or("");
}

bool answer::has(std::string_view name) const {
    return find_field(head, name).has_value();
}

std::optional<std::string> take_body(std::string_view head, std::string& input, bool to_end) {
    if (find_field(head, "transfer-encoding")) return take_chunks(input);
    if (const auto length = find_field(head, "content-length")) {
        std::size_t size = 0;
        std::from_chars(length->data(), length->data() + length->size(), size);
        if (input.size() < size) return std::nullopt;
        std::string body = input.substr(0, size);
        input.erase(0, size);
        return body;
    }
    if (!to_end) return std::nullopt;
    return std::exchange(input, std::string());
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

std::vector<std::string> event_data(std::string_view stream) {
    std::vector<std::string> out;
    while (!stream.empty()) {
        const std::size_t end = stream.find('\n');
        const std::string_view line = stream.substr(0, end);
        if (line.starts_with("data: ")) out.emplace_back(line.substr(6));
        if (end == std::string_view::npos) break;
        stream.remove_prefix(end + 1);
    }
    return out;
}

std::string chunk(std::string_view data) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16).ptr;
    return std::string(digits.data(), end) + "\r\n" + std::string(data) + "\r\n";
}

} // namespace sluice::support
