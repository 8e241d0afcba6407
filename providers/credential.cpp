#include "providers/credential.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::providers {

void append_secrets(std::vector<secret_string>& out, const credential& of) {
    out.push_back(of.token);
    out.push_back(of.session);
    out.emplace_back(of.key_id);
    out.insert(out.end(), of.had_with.begin(), of.had_with.end());
}

void put_source(target& to, std::shared_ptr<const credential_source> from) {
    const std::span<const secret_string> secrets = from->secrets();
    to.keys.insert(to.keys.end(), secrets.begin(), secrets.end());
    to.credential = std::move(from);
}

bool is_passing_failure(int status, std::string_view body) noexcept {
    constexpr std::array<int, 5> passing = {408, 429, 500, 503, 504};
    if (std::find(passing.begin(), passing.end(), status) != passing.end()) return true;
    constexpr std::array<std::string_view, 3> words = {
        "\"internal_failure\"", "\"server_error\"", "\"temporarily_unavailable\""};
    return std::any_of(words.begin(), words.end(), [body](std::string_view each) {
        return body.find(each) != std::string_view::npos;
    });
}

std::string_view name_of_refusal(std::string_view body) noexcept {
    constexpr std::string_view opens = "<Code>";
    constexpr std::size_t longest = 64;
    const std::size_t at = body.find(opens);
    if (at == std::string_view::npos) return {};
    body.remove_prefix(at + opens.size());
    const std::string_view word = body.substr(0, body.find("</Code>"));
    const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
    });
    return plain && word.size() <= longest ? word : std::string_view();
}

} // namespace sluice::providers
