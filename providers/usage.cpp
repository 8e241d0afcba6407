#include "providers/usage.hpp"

#include "providers/tally.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::providers {

namespace {

using count = std::optional<std::int64_t>;

// One member of an object of counts; `out` keeps its value when the member is null or no count.
bool read_count(walk::text& text, walk::value& v, int depth, count& out) {
    const walk::item seen = text.look(v);
    if (const auto number = walk::to_count(seen)) out = number;
    return text.pass(v, seen, depth);
}

bool read_details(walk::text& text, walk::value& v, int depth, std::string_view wanted, count& out) {
    const walk::item seen = text.look(v);
    if (seen.type != walk::kind::object) return text.pass(v, seen, depth);
    auto members = text.open_object(v, depth);
    if (!members) return false;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        const auto key = text.key(of);
        if (!key) return false;
        count ignored;
        if (!read_count(text, of.value(), depth + 1, key->raw == wanted ? out : ignored)) return false;
    }
    return true;
}

// What is said by the names of a chat, and by those of Responses.
struct counts {
    tally chat;
    tally response;
};

bool read_member(walk::text& text, walk::field& of, int depth, counts& out) {
    const auto key = text.key(of);
    if (!key) return false;
    walk::value& v = of.value();
    const std::string_view name = key->raw;
    if (name == "prompt_tokens") return read_count(text, v, depth, out.chat.prompt);
    if (name == "completion_tokens") return read_count(text, v, depth, out.chat.completion);
    if (name == "prompt_tokens_details")
        return read_details(text, v, depth, "cached_tokens", out.chat.cached);
    if (name == "completion_tokens_details")
        return read_details(text, v, depth, "reasoning_tokens", out.chat.reasoning);
    if (name == "input_tokens") return read_count(text, v, depth, out.response.prompt);
    if (name == "output_tokens") return read_count(text, v, depth, out.response.completion);
    if (name == "input_tokens_details")
        return read_details(text, v, depth, "cached_tokens", out.response.cached);
    if (name == "output_tokens_details")
        return read_details(text, v, depth, "reasoning_tokens", out.response.reasoning);
    if (name == "total_tokens") return read_count(text, v, depth, out.chat.total);
    return text.check(v, depth);
}

} // namespace

bool read_usage(walk::text& text, walk::value& v, const walk::item& seen, usage& out, int depth) {
    if (seen.type != walk::kind::object) return text.pass(v, seen, depth);
    auto members = text.open_object(v, depth);
    if (!members) return false;
    counts found;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text.failed(walk::fault::not_json);
        if (!read_member(text, of, depth + 1, found)) return false;
    }
    const bool is_response = !found.chat.prompt && !found.chat.completion && found.response.known();
    found.response.total = found.chat.total;
    const usage counted = to_usage(is_response ? found.response : found.chat);
    if (counted.known) out = counted;
    return true;
}

} // namespace sluice::providers
