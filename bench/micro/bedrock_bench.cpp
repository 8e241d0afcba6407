// A client's call to Bedrock and the answer on its way back: translation, signature and binary frames.
#include "bench/micro/translation.hpp"
#include "core/base/base64.hpp"
#include "providers/registry.hpp"
#include "tests/support/event_frames.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

namespace sluice::providers {

namespace {

constexpr wall_ms now = 1'768'480'496'000;

target make_target(std::string_view model, std::string_view family, task kind) {
    return bench::make_target(
        bedrock_provider(),
        model,
        kind,
        {.secrets = {{"aws_access_key_id", "AKIDEXAMPLE"},
                     {"aws_secret_access_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}},
         .plain = {{"aws_region", "us-east-1"}, {"bedrock_provider", family}}});
}

target claude() {
    return make_target("anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic", task::chat);
}

void bedrock_converse_events(benchmark::State& state) {
    bench::measure_stream(
        state,
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
    bench::measure_stream(
        state, make_target("amazon.titan-text-express-v1", "amazon", task::completions), frame, frame);
}
BENCHMARK(bedrock_titan_events)->Arg(1)->Arg(16);

void bedrock_request(benchmark::State& state, bool is_signed) {
    const target to = claude();
    bench::measure_request(state, to, bench::short_chat, [&to, is_signed](upstream_request& out) {
        return !is_signed || to.via->authorize(to, false, nullptr, now, out);
    });
}
BENCHMARK_CAPTURE(bedrock_request, translated, false);
BENCHMARK_CAPTURE(bedrock_request, translated_and_signed, true);

void bedrock_answer(benchmark::State& state) {
    bench::measure_answer(
        state,
        claude(),
        R"({"output":{"message":{"role":"assistant","content":[{"text":"Jupiter is the largest planet of the solar system."}]}},"stopReason":"end_turn","usage":{"inputTokens":21,"outputTokens":6,"totalTokens":1051,"cacheReadInputTokens":1024,"cacheWriteInputTokens":0},"metrics":{"latencyMs":512}})");
}
BENCHMARK(bedrock_answer);

} // namespace
} // namespace sluice::providers
