// A client's body on its way to the upstream: parse and splice. Report ns and allocations per request.
#include "bench/micro/translation.hpp"
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

void parse_and_splice(benchmark::State& state) {
    const std::string body = chat_body(static_cast<std::size_t>(state.range(0)));
    const target to = bench::make_target(
        openai_provider(), "gpt-4o-mini", task::chat, {.secrets = {{"openai_api_key", "sk-bench"}}});
    bench::measure_request(state, to, body);
}
BENCHMARK(parse_and_splice)->Arg(512)->Arg(1024)->Arg(4096)->Arg(65536);

void peek_model(benchmark::State& state) {
    const std::string body = bench::padded(chat_body(1024));
    for (auto _ : state) {
        auto model = unified::peek_model(body);
        benchmark::DoNotOptimize(model);
    }
}
BENCHMARK(peek_model);

} // namespace
} // namespace sluice::providers
