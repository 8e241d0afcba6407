// A client's body on its way to the upstream: parse and splice. Report ns and allocations per request.
#include "bench/micro/allocation_count.hpp"
#include "core/json/reader.hpp"
#include "providers/registry.hpp"
#include "providers/unified.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sluice::providers {

namespace {

// A chat body of about `size` bytes: a system line and one long user message.
std::string chat_body(std::size_t size) {
    std::string body =
        R"({"model":"chat","messages":[{"role":"system","content":"You are a terse assistant."},{"role":"user","content":")";
    const std::string tail =
        R"("}],"temperature":0.2,"max_tokens":256,"stream":true,"user":"someone@example.com"})";
    while (body.size() + tail.size() < size)
        body += "Name the \\\"largest\\\" planet of the solar system, and say why.\\n";
    return body + tail;
}

target openai_target() {
    resolved_config config;
    config.secrets.emplace("openai_api_key", secret_string("sk-bench"));
    return openai_provider().resolve("gpt-4o-mini", task::chat, config, "").value();
}

void parse_and_splice(benchmark::State& state) {
    std::string body = chat_body(static_cast<std::size_t>(state.range(0)));
    body.reserve(body.size() + json::padding);
    const target to = openai_target();
    unified::call call;
    upstream_request request;
    std::uint64_t before = 0;
    for (auto _ : state) {
        if (before == 0) before = bench::allocations();
        if (!unified::parse(task::chat, body, call) || !to.via->encode(call, to, request))
            state.SkipWithError("refused");
        benchmark::DoNotOptimize(request.body.data());
    }
    state.counters["allocations"] = benchmark::Counter(static_cast<double>(bench::allocations() - before),
                                                       benchmark::Counter::kAvgIterations);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(parse_and_splice)->Arg(512)->Arg(1024)->Arg(4096)->Arg(65536);

void peek_model(benchmark::State& state) {
    std::string body = chat_body(1024);
    body.reserve(body.size() + json::padding);
    for (auto _ : state) {
        auto model = unified::peek_model(body);
        benchmark::DoNotOptimize(model);
    }
}
BENCHMARK(peek_model);

} // namespace
} // namespace sluice::providers
