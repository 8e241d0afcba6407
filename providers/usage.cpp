#include "providers/usage.hpp"

#include "providers/tally.hpp"

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
    if (const auto number = walk::to_count(seen)) out = number;
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

bool read_member(walk::text& text, walk::field& of, tally& out) {
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

} // namespace

bool read_usage(walk::text& text, walk::value& v, const walk::item& seen, usage& out) {
    if (seen.type != walk::kind::object) return text.pass(v, seen, usage_depth - 1);
    auto members = text.open_object(v, usage_depth - 1);
    if (!members) return false;
    tally found;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        if (!read_member(text, of, found)) return false;
    }
    const usage counted = to_usage(found);
    if (counted.known) out = counted;
    return true;
}

} // namespace sluice::providers
