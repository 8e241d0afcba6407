#include "providers/tally.hpp"

#include "core/json/writer.hpp"

#include <algorithm>

namespace sluice::providers {

namespace {

std::int64_t count_of(const std::optional<std::int64_t>& reported) noexcept {
    return std::max<std::int64_t>(reported.value_or(0), 0);
}

} // namespace

std::int64_t add_counts(std::int64_t a, std::int64_t b) noexcept {
    a = std::max<std::int64_t>(a, 0);
    b = std::max<std::int64_t>(b, 0);
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

usage to_usage(const tally& of) noexcept {
    usage out;
    out.known = of.known();
    out.prompt_tokens = count_of(of.prompt);
    out.completion_tokens = count_of(of.completion);
    out.total_tokens = of.total ? count_of(of.total) : add_counts(out.prompt_tokens, out.completion_tokens);
    out.cached_tokens = count_of(of.cached);
    out.reasoning_tokens = count_of(of.reasoning);
    return out;
}

void append_usage(std::string& out, const tally& of) {
    const usage counts = to_usage(of);
    json::object_writer writer(out);
    writer.number("prompt_tokens", counts.prompt_tokens);
    writer.number("completion_tokens", counts.completion_tokens);
    writer.number("total_tokens", counts.total_tokens);
    const std::int64_t cache_write = count_of(of.cache_write);
    if (of.cached || cache_write > 0) {
        writer.key("prompt_tokens_details");
        json::object_writer details(out);
        details.number("cached_tokens", counts.cached_tokens);
        if (cache_write > 0) details.number("cache_write_tokens", cache_write);
        details.close();
    }
    if (of.reasoning) {
        writer.key("completion_tokens_details");
        json::object_writer details(out);
        details.number("reasoning_tokens", counts.reasoning_tokens);
        details.close();
    }
    writer.close();
}

void append_embeddings_usage(std::string& out, const tally& of) {
    const usage counts = to_usage(of);
    json::object_writer writer(out);
    writer.number("prompt_tokens", counts.prompt_tokens);
    writer.number("total_tokens", counts.total_tokens);
    writer.close();
}

} // namespace sluice::providers
