#include "providers/usage.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::providers {

namespace {

using count = std::optional<std::int64_t>;

// Containers open around the members of `usage` and of its details.
constexpr int usage_depth = 2;
constexpr int details_depth = 3;

// One member of an object of counts; `out` keeps its value when the member is null or no count.
bool read_count(walk::text& text, walk::value& v, int depth, count& out) {
    const walk::item seen = text.look(v);
    if (const auto number = walk::to_count(seen)) out = std::max<std::int64_t>(*number, 0);
    return text.pass(v, seen, depth);
}

bool read_details(walk::text& text, walk::value& v, std::string_view wanted, count& out) {
    const walk::item seen = text.look(v);
    if (seen.type != walk::kind::object) return text.pass(v, seen, usage_depth);
    auto members = text.open_object(v, usage_depth);
    if (!members) return false;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        const auto key = text.key(of);
        if (!key) return false;
        count ignored;
        if (!read_count(text, of.value(), details_depth, key->raw == wanted ? out : ignored)) return false;
    }
    return true;
}

struct counts {
    count prompt;
    count completion;
    count total;
    count cached;
    count reasoning;
};

bool read_member(walk::text& text, walk::field& of, counts& out) {
    const auto key = text.key(of);
    if (!key) return false;
    walk::value& v = of.value();
    if (key->raw == "prompt_tokens") return read_count(text, v, usage_depth, out.prompt);
    if (key->raw == "completion_tokens") return read_count(text, v, usage_depth, out.completion);
    if (key->raw == "total_tokens") return read_count(text, v, usage_depth, out.total);
    if (key->raw == "prompt_tokens_details") return read_details(text, v, "cached_tokens", out.cached);
    if (key->raw == "completion_tokens_details")
        return read_details(text, v, "reasoning_tokens", out.reasoning);
    return text.check(v, usage_depth);
}

// Saturates: the counts are a stranger's.
std::int64_t sum(std::int64_t a, std::int64_t b) noexcept {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

} // namespace

bool read_usage(walk::text& text, walk::value& v, const walk::item& seen, usage& out) {
    if (seen.type != walk::kind::object) return text.pass(v, seen, usage_depth - 1);
    auto members = text.open_object(v, usage_depth - 1);
    if (!members) return false;
    counts found;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        if (!read_member(text, of, found)) return false;
    }
    if (!found.prompt && !found.completion && !found.total) return true;
    out.known = true;
    out.prompt_tokens = found.prompt.value_or(0);
    out.completion_tokens = found.completion.value_or(0);
    out.total_tokens = found.total.value_or(sum(out.prompt_tokens, out.completion_tokens));
    out.cached_tokens = found.cached.value_or(0);
    out.reasoning_tokens = found.reasoning.value_or(0);
    return true;
}

} // namespace sluice::providers
