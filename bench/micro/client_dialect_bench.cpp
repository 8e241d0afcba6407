// What it costs that a client speaks Messages or Responses: its request as a chat, and each event of the
// answer on its way back.
#include "bench/micro/translation.hpp"
#include "providers/client_dialect.hpp"

#include <benchmark/benchmark.h>

#include <memory>
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

void client_request(benchmark::State& state, const client_translator& by, std::string_view text) {
    const std::string body = bench::padded(std::string(text));
    std::string chat;
    bench::measure_bodies(state, body.size(), [&] {
        chat.clear();
        const bool good = by.to_chat(body, true, chat).has_value();
        benchmark::DoNotOptimize(chat.data());
        return good;
    });
}
BENCHMARK_CAPTURE(client_request, messages, messages_translator(), messages_body);
BENCHMARK_CAPTURE(client_request, responses, responses_translator(), responses_body);

// 16 events in one read; a new stream now and then, for a Response keeps its text.
void client_events(benchmark::State& state, const client_translator& by) {
    constexpr std::int64_t in_one_read = 16;
    constexpr std::int64_t reads_of_a_stream = 64;
    const std::string request = bench::padded("{}");
    std::string in = bench::repeated(chunk, in_one_read);
    std::string out;
    out.reserve(8 * in.size());
    std::unique_ptr<event_translation> events;
    std::int64_t reads = 0;
    bench::measure_events(state, in_one_read, [&] {
        if (reads++ % reads_of_a_stream == 0) events = by.make_events(request, answer_context());
        out.clear();
        const bool good = events->chunks(in, out).has_value();
        benchmark::DoNotOptimize(out.data());
        return good;
    });
}
BENCHMARK_CAPTURE(client_events, messages, messages_translator());
BENCHMARK_CAPTURE(client_events, responses, responses_translator());

} // namespace
} // namespace sluice::providers
