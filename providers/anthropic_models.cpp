// What the generations of Claude take (providers.md §3.4). The one place to change when a model comes.
#include "providers/anthropic.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace sluice::providers::anthropic {

namespace {

using names = std::span<const std::string_view>;

// Parts of names that all services have in common: "claude-opus-4-7", "anthropic.claude-opus-4-7-v1:0",
// "claude-opus-4-7@20260201". A bare "-5-" would also be found in "claude-sonnet-4-5-20250929".
constexpr std::array<std::string_view, 7> short_answers = {"claude-3-haiku",
                                                           "claude-3-opus",
                                                           "claude-3-sonnet",
                                                           "claude-2",
                                                           "claude-v2",
                                                           "claude-instant",
                                                           "claude-1"};
constexpr std::array<std::string_view, 8> without_thinking = {"claude-3-haiku",
                                                              "claude-3-opus",
                                                              "claude-3-sonnet",
                                                              "claude-3-5-",
                                                              "claude-2",
                                                              "claude-v2",
                                                              "claude-instant",
                                                              "claude-1"};
constexpr std::array<std::string_view, 2> adaptive_with_sampling = {"sonnet-4-6", "opus-4-6"};
constexpr std::array<std::string_view, 7> adaptive = {
    "opus-4-7", "opus-4-8", "opus-5", "sonnet-5", "haiku-5", "fable", "mythos"};
constexpr std::array<std::string_view, 4> without_forced_tools = {
    "sonnet-5-5", "opus-5-5", "fable-5-1", "mythos-5-1"};
constexpr std::array<std::string_view, 3> completes = {"claude-2", "claude-v2", "claude-instant"};

bool has_any(std::string_view model, names parts) noexcept {
    return std::any_of(parts.begin(), parts.end(), [model](std::string_view part) {
        return model.find(part) != std::string_view::npos;
    });
}

} // namespace

model_traits traits_of(std::string_view model) noexcept {
    constexpr std::int64_t short_answer = 4096;
    model_traits traits;
    if (has_any(model, short_answers)) traits.default_max_tokens = short_answer;
    traits.thinks = !has_any(model, without_thinking);
    traits.takes_sampling = !has_any(model, adaptive);
    traits.thinks_adaptively = !traits.takes_sampling || has_any(model, adaptive_with_sampling);
    traits.takes_forced_tools = !has_any(model, without_forced_tools);
    return traits;
}

bool uses_complete(task kind, std::string_view model) noexcept {
    return kind == task::completions && has_any(model, completes);
}

} // namespace sluice::providers::anthropic
