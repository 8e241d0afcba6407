#include "providers/credential.hpp"

#include <algorithm>
#include <array>

namespace sluice::providers {

bool is_passing_failure(int status, std::string_view body) noexcept {
    constexpr std::array<int, 5> passing = {408, 429, 500, 503, 504};
    if (std::find(passing.begin(), passing.end(), status) != passing.end()) return true;
    constexpr std::array<std::string_view, 3> words = {
        "\"internal_failure\"", "\"server_error\"", "\"temporarily_unavailable\""};
    return std::any_of(words.begin(), words.end(), [body](std::string_view each) {
        return body.find(each) != std::string_view::npos;
    });
}

} // namespace sluice::providers
