// An upstream's answer on its way to the client: events of a stream and whole JSON answers.
#include "bench/micro/translation.hpp"
#include "providers/registry.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

namespace {
thread_local std::uint64_t asked = 0;
} // namespace

namespace sluice::bench {
std::uint64_t allocations() noexcept {
    return asked;
}
} // namespace sluice::bench

// Weak: another benchmark of this program may bring its own.
__attribute__((weak)) void* operator new(std::size_t size) {
    ++asked;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
__attribute__((weak)) void operator delete(void* memory) noexcept {
    std::free(memory);
}
__attribute__((weak)) void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace sluice::providers {

namespace {

constexpr std::string_view event =
    R"(data: {"id":"chatcmpl-Aa2","object":"chat.completion.chunk","created":1700000101,"model":"gpt-4o-mini-2024-07-18","system_fingerprint":"fp_test","choices":[{"index":0,"delta":{"content":"piter"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"xY3"})"
    "\n\n";

target openai_target(task kind) {
    return bench::make_target(
        openai_provider(), "gpt-4o-mini", kind, {.secrets = {{"openai_api_key", "sk-bench"}}});
}

// range(1): did the client ask for usage?
void stream_events(benchmark::State& state) {
    unified::call call;
    call.include_usage = state.range(1) != 0;
    bench::measure_stream(state, openai_target(task::chat), "", event, call);
}
BENCHMARK(stream_events)->Args({1, 0})->Args({1, 1})->Args({16, 0});

void whole_answer(benchmark::State& state, std::string body, task kind) {
    bench::measure_answer(state, openai_target(kind), std::move(body));
}

std::string embedding_body() {
    std::string body = R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[)";
    for (std::int64_t i = 0; i < 1536; ++i) {
        if (i > 0) body += ',';
        body += (i % 2 == 0 ? "-0.0" : "0.0") + std::to_string(10000000000 + i * 7919);
    }
    return body + R"(]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}})";
}

BENCHMARK_CAPTURE(whole_answer, embedding_of_1536_floats, embedding_body(), task::embeddings);
BENCHMARK_CAPTURE(
    whole_answer,
    chat,
    R"({"id":"chatcmpl-Aa1","object":"chat.completion","created":1700000100,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"Jupiter is the largest planet of the solar system.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1180,"completion_tokens":3,"total_tokens":1183,"prompt_tokens_details":{"cached_tokens":1024,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"service_tier":"default"})",
    task::chat);

} // namespace
} // namespace sluice::providers
