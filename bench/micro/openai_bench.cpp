// An upstream's answer on its way to the client: events of a stream and whole JSON answers.
#include "bench/micro/allocation_count.hpp"
#include "core/json/reader.hpp"
#include "providers/registry.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <new>
#include <string>

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
    resolved_config config;
    config.secrets.emplace("openai_api_key", secret_string("sk-bench"));
    return openai_provider().resolve("gpt-4o-mini", kind, config, "").value();
}

// `range(0)` events in one read; range(1): did the client ask for usage?
void stream_events(benchmark::State& state) {
    std::string in;
    for (std::int64_t i = 0; i < state.range(0); ++i)
        in += event;
    in.reserve(in.size() + json::padding);
    const target to = openai_target(task::chat);
    unified::call call;
    call.include_usage = state.range(1) != 0;
    const auto decoder = to.via->make_decoder(call, to);
    std::string out;
    out.reserve(in.size());
    std::uint64_t before = 0;
    for (auto _ : state) {
        if (before == 0) before = bench::allocations();
        out.clear();
        if (!decoder->body(in, out)) state.SkipWithError("refused");
        benchmark::DoNotOptimize(out.data());
    }
    const auto events = static_cast<double>(state.iterations() * state.range(0));
    state.counters["allocations_per_event"] = static_cast<double>(bench::allocations() - before) / events;
    state.counters["event_time"] =
        benchmark::Counter(events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(stream_events)->Args({1, 0})->Args({1, 1})->Args({16, 0});

void whole_answer(benchmark::State& state, std::string body, task kind) {
    body.reserve(body.size() + json::padding);
    const target to = openai_target(kind);
    const unified::call call;
    for (auto _ : state) {
        auto read = to.via->read_answer(call, to, body);
        if (!read) state.SkipWithError("refused");
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

std::string embedding_body() {
    std::string body = R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[)";
    for (int i = 0; i < 1536; ++i) {
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
