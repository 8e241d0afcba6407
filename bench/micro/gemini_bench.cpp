// A client's call to Gemini at Vertex AI, and the answer on its way back.
#include "bench/micro/allocation_count.hpp"
#include "core/json/reader.hpp"
#include "providers/credential.hpp"
#include "providers/registry.hpp"
#include "tests/support/service_account.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sluice::providers {

namespace {

constexpr std::string_view event =
    R"(data: {"candidates":[{"content":{"role":"model","parts":[{"text":"piter"}]}}],"modelVersion":"gemini-2.5-flash","createTime":"2026-01-15T12:34:56.000000Z","responseId":"resp-4","usageMetadata":{"trafficType":"ON_DEMAND"}})"
    "\r\n\r\n";

target gemini(std::string_view model = "gemini-2.5-flash", task kind = task::chat) {
    resolved_config config;
    config.plain.emplace("project_id", "test-project");
    config.plain.emplace("region", "us-central1");
    config.secrets.emplace("private_key", secret_string(test::service_account_json()));
    return vertex_provider().resolve(model, kind, config, "").value();
}

// `range(0)` events in one read.
void gemini_stream_events(benchmark::State& state) {
    std::string in;
    for (std::int64_t i = 0; i < state.range(0); ++i)
        in += event;
    in.reserve(in.size() + json::padding);
    const target to = gemini();
    const unified::call call;
    const auto decoder = to.via->make_decoder(call, to);
    std::string out;
    if (!decoder->body(in, out)) state.SkipWithError("refused");
    out.reserve(4 * in.size());
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
BENCHMARK(gemini_stream_events)->Arg(1)->Arg(16);

// Parsing included, as on the request path.
void gemini_request(benchmark::State& state, std::string body) {
    const std::size_t size = body.size();
    body.reserve(size + json::padding);
    const target to = gemini();
    unified::call call;
    upstream_request out;
    std::uint64_t before = 0;
    for (auto _ : state) {
        if (before == 0) before = bench::allocations();
        const bool good = unified::parse(task::chat, body, call) && to.via->encode(call, to, out);
        if (!good) state.SkipWithError("refused");
        benchmark::DoNotOptimize(out.body_size);
    }
    state.counters["allocations"] =
        static_cast<double>(bench::allocations() - before) / static_cast<double>(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

std::string conversation() {
    std::string body = R"({"messages":[{"role":"system","content":"You are terse."})";
    for (int i = 0; i < 20; ++i) {
        body += R"(,{"role":"user","content":"What is the largest planet of the solar system?\n"})";
        body +=
            R"(,{"role":"assistant","content":"Jupiter, by far: it has more mass than all others together."})";
    }
    return body + R"(,{"role":"user","content":"And the second?"}],"max_tokens":64,"temperature":0.7})";
}

BENCHMARK_CAPTURE(
    gemini_request,
    short_chat,
    R"({"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Name the largest planet."}],"max_tokens":64,"temperature":0.7,"stop":"END"})");
BENCHMARK_CAPTURE(gemini_request, conversation_of_42_messages, conversation());

void gemini_answer(benchmark::State& state) {
    std::string body =
        R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Jupiter is the largest planet of the solar system."}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1100,"candidatesTokenCount":3,"totalTokenCount":1143,"thoughtsTokenCount":40,"cachedContentTokenCount":1024,"trafficType":"ON_DEMAND"},"modelVersion":"gemini-2.5-flash","createTime":"2026-01-15T12:34:56.000000Z","responseId":"resp-1"})";
    body.reserve(body.size() + json::padding);
    const target to = gemini();
    const unified::call call;
    for (auto _ : state) {
        auto read = to.via->read_answer(call, to, body);
        if (!read) state.SkipWithError("refused");
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(gemini_answer);

// One vector of 3,072 numbers.
void gemini_embedding(benchmark::State& state) {
    std::string body = R"({"predictions":[{"embeddings":{"values":[0.0123456789)";
    for (int i = 1; i < 3072; ++i)
        body += ",-0.012345678901234567";
    body += R"(],"statistics":{"token_count":5,"truncated":false}}}]})";
    body.reserve(body.size() + json::padding);
    std::string asked = R"({"input":"a"})";
    asked.reserve(asked.size() + json::padding);
    const target to = gemini("text-embedding-005", task::embeddings);
    unified::call call;
    if (!unified::parse(task::embeddings, asked, call)) state.SkipWithError("refused");
    for (auto _ : state) {
        auto read = to.via->read_answer(call, to, body);
        if (!read) state.SkipWithError("refused");
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
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
