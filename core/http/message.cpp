#include "core/http/message.hpp"

#include <cstddef>

namespace sluice::http {

namespace {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::string_view to_string(method verb) noexcept {
    switch (verb) {
    case method::get: return "GET";
    case method::head: return "HEAD";
    case method::post: return "POST";
    case method::put: return "PUT";
    case method::patch: return "PATCH";
    case method::delete_: return "DELETE";
    case method::options: return "OPTIONS";
    case method::other: return "other";
    }
    return "other";
}

bool iequals(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

std::optional<std::string_view> find(const field_list& fields, std::string_view name) noexcept {
    for (const field& f : fields) {
        if (iequals(f.name, name)) return f.value;
    }
    return std::nullopt;
}

} // namespace sluice::http
