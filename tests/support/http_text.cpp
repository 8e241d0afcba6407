#include "tests/support/http_text.hpp"

#include <array>
#include <charconv>
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

body_reader::body_reader(std::string_view head)
    : chunked_(find_field(head, "transfer-encoding").has_value()) {
    if (const auto length = find_field(head, "content-length"); length && !chunked_) {
        length_ = 0;
        std::from_chars(length->data(), length->data() + length->size(), *length_);
    }
}

bool body_reader::take(std::string& input, bool to_end) {
    if (chunked_) return take_chunks(input);
    if (length_) {
        if (input.size() < *length_) return false;
        body_ = input.substr(0, *length_);
        std::string(input, *length_).swap(input); // not with the capacity of a large body
        return true;
    }
    if (to_end) body_ = std::exchange(input, std::string());
    return to_end;
}

bool body_reader::take_chunks(std::string& input) {
    std::size_t done = 0;
    bool ended = false;
    for (;;) {
        const std::size_t line = input.find("\r\n", done);
        if (line == std::string::npos) break;
        std::size_t size = 0;
        std::from_chars(input.data() + done, input.data() + line, size, 16);
        if (input.size() < line + 2 + size + 2) break;
        body_.append(input, line + 2, size);
        done = line + 2 + size + 2;
        ended = size == 0; // behind it the line end of a body without trailers
        if (ended) break;
    }
    if (done > 0) std::string(input, done).swap(input); // as above
    return ended;
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + part.size()))
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
