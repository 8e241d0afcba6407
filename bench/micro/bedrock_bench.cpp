// A client's call to Bedrock and the answer on its way back: translation, signature and binary frames.
#include "bench/micro/allocation_count.hpp"
#include "core/base/base64.hpp"
#include "core/json/reader.hpp"
#include "providers/registry.hpp"
#include "tests/support/event_frames.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

namespace sluice::providers {

namespace {

constexpr wall_ms now = 1'768'480'496'000;

target make_target(std::string_view model, std::string_view family, task kind) {
    resolved_config config;
    config.plain.emplace("aws_region", "us-east-1");
    config.plain.emplace("bedrock_provider", family);
    config.secrets.emplace("aws_access_key_id", secret_string("AKIDEXAMPLE"));
    config.secrets.emplace("aws_secret_access_key",
                           secret_string("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    return bedrock_provider().resolve(model, kind, config, "").value();
}

target claude() {
    return make_target("anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic", task::chat);
}

// `range(0)` events in one read.
void stream_events(benchmark::State& state,
                   const target& to,
                   const std::string& start,
                   const std::string& event) {
    std::string in;
    for (std::int64_t i = 0; i < state.range(0); ++i)
        in += event;
    in.reserve(in.size() + json::padding);
    std::string first = start;
    first.reserve(first.size() + json::padding);
    unified::call call;
    call.kind = to.kind;
    const auto decoder = to.via->make_decoder(call, to);
    std::string out;
    if (!decoder->body(first, out)) state.SkipWithError("refused");
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

void bedrock_converse_events(benchmark::State& state) {
    stream_events(state,
                  claude(),
                  test::event_frame("messageStart", R"({"role":"assistant","p":"abcdefgh"})"),
                  test::event_frame("contentBlockDelta",
                                    R"({"contentBlockIndex":0,"delta":{"text":"piter"},"p":"abcdefghijk"})"));
}
BENCHMARK(bedrock_converse_events)->Arg(1)->Arg(16);

void bedrock_titan_events(benchmark::State& state) {
    constexpr std::string_view event =
        R"({"outputText":" there","index":0,"totalOutputTextTokenCount":null,"completionReason":null,"inputTextTokenCount":3})";
    const std::string frame =
        test::event_frame("chunk", R"({"bytes":")" + base64_encode(event) + R"(","p":"abcdefgh"})");
    stream_events(
        state, make_target("amazon.titan-text-express-v1", "amazon", task::completions), frame, frame);
}
BENCHMARK(bedrock_titan_events)->Arg(1)->Arg(16);

// Parsing included, as on the request path; `signs`: with the signature.
void bedrock_request(benchmark::State& state, bool signs) {
    std::string body =
        R"({"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Name the largest planet."}],"max_tokens":64,"temperature":0.7,"stop":"END"})";
    body.reserve(body.size() + json::padding);
    const target to = claude();
    unified::call call;
    upstream_request out;
    std::uint64_t before = 0;
    for (auto _ : state) {
        if (before == 0) before = bench::allocations();
        bool good = unified::parse(task::chat, body, call) && to.via->encode(call, to, out);
        if (signs) good = good && to.via->authorize(to, false, nullptr, now, out);
        if (!good) state.SkipWithError("refused");
        benchmark::DoNotOptimize(out.body_size);
    }
    state.counters["allocations"] =
        static_cast<double>(bench::allocations() - before) / static_cast<double>(state.iterations());
}
BENCHMARK_CAPTURE(bedrock_request, translated, false);
BENCHMARK_CAPTURE(bedrock_request, translated_and_signed, true);

void bedrock_answer(benchmark::State& state) {
    std::string body =
        R"({"output":{"message":{"role":"assistant","content":[{"text":"Jupiter is the largest planet of the solar system."}]}},"stopReason":"end_turn","usage":{"inputTokens":21,"outputTokens":6,"totalTokens":1051,"cacheReadInputTokens":1024,"cacheWriteInputTokens":0},"metrics":{"latencyMs":512}})";
    body.reserve(body.size() + json::padding);
    const target to = claude();
    const unified::call call;
    for (auto _ : state) {
        auto read = to.via->read_answer(call, to, body);
        if (!read) state.SkipWithError("refused");
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(bedrock_answer);

} // namespace
} // namespace sluice::providers
