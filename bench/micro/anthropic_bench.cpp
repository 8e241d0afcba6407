// A client's call to Anthropic, and the answer on its way back: what translation costs beside the splicing of
// openai_bench.
#include "bench/micro/allocation_count.hpp"
#include "core/json/reader.hpp"
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
    resolved_config config;
    config.secrets.emplace("anthropic_api_key", secret_string("sk-ant-bench"));
    return anthropic_provider().resolve("claude-sonnet-4-5-20250929", task::chat, config, "").value();
}

// `range(0)` events in one read.
void anthropic_stream_events(benchmark::State& state) {
    std::string in;
    for (std::int64_t i = 0; i < state.range(0); ++i)
        in += event;
    in.reserve(in.size() + json::padding);
    std::string start(message_start);
    start.reserve(start.size() + json::padding);
    const target to = claude();
    const unified::call call;
    const auto decoder = to.via->make_decoder(call, to);
    std::string out;
    if (!decoder->body(start, out)) state.SkipWithError("refused");
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
BENCHMARK(anthropic_stream_events)->Arg(1)->Arg(16);

// Parsing included, as on the request path.
void anthropic_request(benchmark::State& state, std::string body) {
    const std::size_t size = body.size();
    body.reserve(size + json::padding);
    const target to = claude();
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
    anthropic_request,
    short_chat,
    R"({"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Name the largest planet."}],"max_tokens":64,"temperature":0.7,"stop":"END"})");
BENCHMARK_CAPTURE(anthropic_request, conversation_of_42_messages, conversation());

void anthropic_answer(benchmark::State& state) {
    std::string body =
        R"({"id":"msg_01A","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"Jupiter is the largest planet of the solar system."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":21,"cache_creation_input_tokens":10,"cache_read_input_tokens":1024,"output_tokens":6,"service_tier":"standard"}})";
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
BENCHMARK(anthropic_answer);

} // namespace
} // namespace sluice::providers
