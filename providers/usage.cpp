#include "providers/usage.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sluice::providers {

namespace {

// One member of an object of counts; `out` keeps its value when the member is null or no count.
bool read_count(walk::text& text, walk::value& v, int depth, std::int64_t& out, bool& any) {
    const walk::item seen = text.look(v);
    if (const auto count = walk::to_count(seen)) {
        out = std::max<std::int64_t>(*count, 0);
        any = true;
    }
    return text.pass(v, seen, depth);
}

bool read_details(walk::text& text, walk::value& v, int depth, std::string_view wanted, std::int64_t& out) {
    const walk::item seen = text.look(v);
    if (seen.type != walk::kind::object) return text.pass(v, seen, depth);
    auto members = text.open_object(v, depth);
    if (!members) return false;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        const auto key = text.key(of);
        if (!key) return false;
        bool any = false;
        const bool good = key->raw == wanted ? read_count(text, of.value(), depth + 1, out, any)
                                             : text.check(of.value(), depth + 1);
        if (!good) return false;
    }
    return true;
}

} // namespace

bool read_usage(walk::text& text, walk::value& v, const walk::item& seen, int depth, usage& out) {
    if (seen.type != walk::kind::object) return text.pass(v, seen, depth);
    auto members = text.open_object(v, depth);
    if (!members) return false;
    usage found;
    bool has_total = false;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        const auto key = text.key(of);
        if (!key) return false;
        walk::value& inner = of.value();
        bool good = false;
        if (key->raw == "prompt_tokens") {
            good = read_count(text, inner, depth + 1, found.prompt_tokens, found.known);
        } else if (key->raw == "completion_tokens") {
            good = read_count(text, inner, depth + 1, found.completion_tokens, found.known);
        } else if (key->raw == "total_tokens") {
            good = read_count(text, inner, depth + 1, found.total_tokens, has_total);
        } else if (key->raw == "prompt_tokens_details") {
            good = read_details(text, inner, depth + 1, "cached_tokens", found.cached_tokens);
        } else if (key->raw == "completion_tokens_details") {
            good = read_details(text, inner, depth + 1, "reasoning_tokens", found.reasoning_tokens);
        } else {
            good = text.check(inner, depth + 1);
        }
        if (!good) return false;
    }
    found.known = found.known || has_total;
    if (!found.known) return true;
    // Saturates: the counts are a stranger's.
    if (!has_total &&
        __builtin_add_overflow(found.prompt_tokens, found.completion_tokens, &found.total_tokens)) {
        found.total_tokens = INT64_MAX;
    }
    out = found;
    return true;
}

} // namespace sluice::providers
