// A client's call to Gemini at Vertex AI, and the answer on its way back.
#include "bench/micro/translation.hpp"
#include "providers/credential.hpp"
#include "providers/registry.hpp"
#include "tests/support/service_account.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view event =
    R"(data: {"candidates":[{"content":{"role":"model","parts":[{"text":"piter"}]}}],"modelVersion":"gemini-2.5-flash","createTime":"2026-01-15T12:34:56.000000Z","responseId":"resp-4","usageMetadata":{"trafficType":"ON_DEMAND"}})"
    "\r\n\r\n";

target gemini(std::string_view model = "gemini-2.5-flash", task kind = task::chat) {
    return bench::make_target(vertex_provider(),
                              model,
                              kind,
                              {.secrets = {{"private_key", test::service_account_json()}},
                               .plain = {{"project_id", "test-project"}, {"region", "us-central1"}}});
}

void gemini_stream_events(benchmark::State& state) {
    bench::measure_stream(state, gemini(), event, event);
}
BENCHMARK(gemini_stream_events)->Arg(1)->Arg(16);

void gemini_request(benchmark::State& state, const std::string& body) {
    bench::measure_request(state, gemini(), body);
}
BENCHMARK_CAPTURE(gemini_request, short_chat, std::string(bench::short_chat));
BENCHMARK_CAPTURE(gemini_request, conversation_of_42_messages, bench::conversation_of_42_messages());

void gemini_answer(benchmark::State& state) {
    bench::measure_answer(
        state,
        gemini(),
        R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Jupiter is the largest planet of the solar system."}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1100,"candidatesTokenCount":3,"totalTokenCount":1143,"thoughtsTokenCount":40,"cachedContentTokenCount":1024,"trafficType":"ON_DEMAND"},"modelVersion":"gemini-2.5-flash","createTime":"2026-01-15T12:34:56.000000Z","responseId":"resp-1"})");
}
BENCHMARK(gemini_answer);

// One vector of 3,072 numbers.
void gemini_embedding(benchmark::State& state) {
    std::string body = R"({"predictions":[{"embeddings":{"values":[0.0123456789)";
    for (int i = 1; i < 3072; ++i)
        body += ",-0.012345678901234567";
    body += R"(],"statistics":{"token_count":5,"truncated":false}}}]})";
    std::string asked = bench::padded(R"({"input":"a"})");
    unified::call call;
    if (!unified::parse(task::embeddings, asked, call)) state.SkipWithError("refused");
    bench::measure_answer(state, gemini("text-embedding-005", task::embeddings), std::move(body), call);
}
BENCHMARK(gemini_embedding);

// What is sent for an access token, once an hour for each service account.
void google_assertion(benchmark::State& state) {
    const target to = gemini();
    for (auto _ : state) {
        auto request = to.credential->begin()->next(1'768'480'496'000);
        if (!request) state.SkipWithError("refused");
        benchmark::DoNotOptimize(request);
    }
}
BENCHMARK(google_assertion);

} // namespace
} // namespace sluice::providers
