#include "providers/tally.hpp"

#include "core/json/writer.hpp"

#include <algorithm>

namespace sluice::providers {

namespace {

constexpr std::int64_t most_tokens = 1'000'000'000'000; // of one answer

std::optional<std::int64_t> plausible_count(const std::optional<std::int64_t>& reported) noexcept {
    const bool can_be = reported && *reported >= 0 && *reported <= most_tokens;
    return can_be ? reported : std::nullopt;
}

} // namespace

std::int64_t add_counts(std::int64_t a, std::int64_t b) noexcept {
    a = std::max<std::int64_t>(a, 0);
    b = std::max<std::int64_t>(b, 0);
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

tally tally::plausible() const noexcept {
    tally out;
    out.prompt = plausible_count(prompt);
    out.completion = plausible_count(completion);
    out.total = plausible_count(total);
    out.cached = plausible_count(cached);
    out.cache_write = plausible_count(cache_write);
    out.reasoning = plausible_count(reasoning);
    if (!out.total) return out;
    if (!out.prompt) out.prompt = std::max<std::int64_t>(*out.total - out.completion.value_or(0), 0);
    if (!out.completion) out.completion = std::max<std::int64_t>(*out.total - *out.prompt, 0);
    return out;
}

usage to_usage(const tally& of) noexcept {
    const tally counts = of.plausible();
    usage out;
    out.known = counts.known();
    out.prompt_tokens = counts.prompt.value_or(0);
    out.completion_tokens = counts.completion.value_or(0);
    out.total_tokens = counts.total.value_or(out.prompt_tokens + out.completion_tokens);
    out.cached_tokens = counts.cached.value_or(0);
    out.reasoning_tokens = counts.reasoning.value_or(0);
    return out;
}

void append_usage(std::string& out, const tally& reported) {
    const tally of = reported.plausible();
    const usage counts = to_usage(of);
    json::object_writer writer(out);
    writer.number("prompt_tokens", counts.prompt_tokens);
    writer.number("completion_tokens", counts.completion_tokens);
    writer.number("total_tokens", counts.total_tokens);
    const std::int64_t cache_write = of.cache_write.value_or(0);
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
