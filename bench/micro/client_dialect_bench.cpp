// What it costs that a client speaks Messages or Responses: its request as a chat, and each event of the
// answer on its way back.
#include "bench/micro/allocation_count.hpp"
#include "core/json/reader.hpp"
#include "providers/client_dialect.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sluice::providers {

namespace {

constexpr std::string_view chunk =
    R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"piter"},"finish_reason":null}],"usage":null})"
    "\n\n";

constexpr std::string_view messages_body =
    R"({"model":"chat","max_tokens":64,"system":"You are terse.","messages":[{"role":"user","content":"Name the largest planet."},{"role":"assistant","content":[{"type":"text","text":"Let me look."},{"type":"tool_use","id":"t1","name":"planets","input":{"sort":"size"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"Jupiter"}]}],"tools":[{"name":"planets","description":"All planets","input_schema":{"type":"object","properties":{"sort":{"type":"string"}}}}],"temperature":0.7,"stream":true})";
constexpr std::string_view responses_body =
    R"({"model":"chat","max_output_tokens":64,"instructions":"You are terse.","input":[{"role":"user","content":"Name the largest planet."},{"type":"function_call","call_id":"t1","name":"planets","arguments":"{\"sort\":\"size\"}"},{"type":"function_call_output","call_id":"t1","output":"Jupiter"}],"tools":[{"type":"function","name":"planets","description":"All planets","parameters":{"type":"object","properties":{"sort":{"type":"string"}}},"strict":false}],"temperature":0.7,"stream":true})";

std::string padded(std::string_view text) {
    std::string out(text);
    out.reserve(out.size() + json::padding);
    return out;
}

void client_request(benchmark::State& state, const client_translator& by, std::string_view text) {
    const std::string body = padded(text);
    std::string chat;
    std::uint64_t before = 0;
    for (auto _ : state) {
        if (before == 0) before = bench::allocations();
        chat.clear();
        if (!by.to_chat(body, chat)) state.SkipWithError("refused");
        benchmark::DoNotOptimize(chat.data());
    }
    state.counters["allocations"] =
        static_cast<double>(bench::allocations() - before) / static_cast<double>(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK_CAPTURE(client_request, messages, messages_translator(), messages_body);
BENCHMARK_CAPTURE(client_request, responses, responses_translator(), responses_body);

// 16 events in one read; a new stream now and then, for a Response keeps its text.
void client_events(benchmark::State& state, const client_translator& by) {
    constexpr std::int64_t in_one_read = 16;
    constexpr std::int64_t reads_of_a_stream = 64;
    const std::string request = padded("{}");
    std::string in;
    for (std::int64_t i = 0; i < in_one_read; ++i)
        in += chunk;
    in.reserve(in.size() + json::padding);
    std::string out;
    out.reserve(8 * in.size());
    std::unique_ptr<event_translation> events;
    std::int64_t reads = 0;
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        if (reads++ % reads_of_a_stream == 0) events = by.make_events(request, answer_context());
        out.clear();
        if (!events->chunks(in, out)) state.SkipWithError("refused");
        benchmark::DoNotOptimize(out.data());
    }
    const auto count = static_cast<double>(state.iterations() * in_one_read);
    state.counters["allocations_per_event"] = static_cast<double>(bench::allocations() - before) / count;
    state.counters["event_time"] =
        benchmark::Counter(count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(client_events, messages, messages_translator());
BENCHMARK_CAPTURE(client_events, responses, responses_translator());

} // namespace
} // namespace sluice::providers
