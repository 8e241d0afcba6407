// A client's call to Anthropic, and the answer on its way back: what translation costs beside the splicing of
// openai_bench.
#include "bench/micro/translation.hpp"
#include "providers/registry.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sluice::providers {

namespace {

constexpr std::string_view event =
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"piter"}})"
    "\n\n";
constexpr std::string_view message_start =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg_01G","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":21,"cache_creation_input_tokens":0,"cache_read_input_tokens":1024,"output_tokens":1}}})"
    "\n\n";

target claude() {
    return bench::make_target(anthropic_provider(),
                              "claude-sonnet-4-5-20250929",
                              task::chat,
                              {.secrets = {{"anthropic_api_key", "sk-ant-bench"}}});
}

void anthropic_stream_events(benchmark::State& state) {
    bench::measure_stream(state, claude(), message_start, event);
}
BENCHMARK(anthropic_stream_events)->Arg(1)->Arg(16);

void anthropic_request(benchmark::State& state, const std::string& body) {
    bench::measure_request(state, claude(), body);
}
BENCHMARK_CAPTURE(anthropic_request, short_chat, std::string(bench::short_chat));
BENCHMARK_CAPTURE(anthropic_request, conversation_of_42_messages, bench::conversation_of_42_messages());

void anthropic_answer(benchmark::State& state) {
    bench::measure_answer(
        state,
        claude(),
        R"({"id":"msg_01A","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"Jupiter is the largest planet of the solar system."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":21,"cache_creation_input_tokens":10,"cache_read_input_tokens":1024,"output_tokens":6,"service_tier":"standard"}})");
}
BENCHMARK(anthropic_answer);

} // namespace
} // namespace sluice::providers
