// Cohere and AI21: what a streamed event, a request and an answer cost.
#include "bench/micro/translation.hpp"
#include "providers/registry.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

namespace sluice::providers {

namespace {

target cohere(std::string_view model, task kind) {
    return bench::make_target(cohere_provider(), model, kind, {.secrets = {{"cohere_api_key", "co-bench"}}});
}

target jamba() {
    return bench::make_target(
        ai21_provider(), "jamba-large", task::chat, {.secrets = {{"ai21labs_api_key", "ai21-bench"}}});
}

void cohere_chat_events(benchmark::State& state) {
    bench::measure_stream(
        state,
        cohere("command-a-03-2025", task::chat),
        "event: message-start\n"
        R"(data: {"type":"message-start","id":"c4","delta":{"message":{"role":"assistant"}}})"
        "\n\n",
        "event: content-delta\n"
        R"(data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"iter"}}}})"
        "\n\n");
}
BENCHMARK(cohere_chat_events)->Arg(1)->Arg(16);

void cohere_generate_lines(benchmark::State& state) {
    constexpr std::string_view line =
        R"({"text":" there","is_finished":false,"event_type":"text-generation"})"
        "\n";
    bench::measure_stream(state, cohere("command", task::completions), line, line);
}
BENCHMARK(cohere_generate_lines)->Arg(1)->Arg(16);

void ai21_chat_events(benchmark::State& state) {
    constexpr std::string_view event =
        R"(data: {"id":"chat-a3","choices":[{"index":0,"delta":{"content":"Jupiter"},"logprobs":null,"finish_reason":null}]})"
        "\n\n";
    bench::measure_stream(state, jamba(), event, event);
}
BENCHMARK(ai21_chat_events)->Arg(1)->Arg(16);

void cohere_request(benchmark::State& state) {
    bench::measure_request(state, cohere("command-a-03-2025", task::chat), bench::short_chat);
}
BENCHMARK(cohere_request);

void ai21_request(benchmark::State& state) {
    bench::measure_request(state, jamba(), bench::short_chat);
}
BENCHMARK(ai21_request);

void cohere_answer(benchmark::State& state) {
    bench::measure_answer(
        state,
        cohere("command-a-03-2025", task::chat),
        R"({"id":"c14c80c3","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Jupiter is the largest planet of the solar system."}]},"usage":{"billed_units":{"input_tokens":22,"output_tokens":3},"tokens":{"input_tokens":24,"output_tokens":3}}})");
}
BENCHMARK(cohere_answer);

void ai21_answer(benchmark::State& state) {
    bench::measure_answer(
        state,
        jamba(),
        R"({"id":"chat-a1","choices":[{"index":0,"message":{"role":"assistant","content":"Jupiter is the largest planet of the solar system.","tool_calls":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":3,"total_tokens":23}})");
}
BENCHMARK(ai21_answer);

// 96 texts of 1,024 numbers each.
void cohere_embeddings(benchmark::State& state) {
    std::string vector = "[0.0123456789";
    for (int i = 1; i < 1024; ++i)
        vector += ",-0.0123456789";
    vector += ']';
    std::string texts = R"("a")";
    std::string body = R"({"id":"e","embeddings":{"float":[)";
    body.reserve(96 * vector.size() + 200);
    body += vector;
    for (int i = 1; i < 96; ++i) {
        body.append(",").append(vector);
        texts += R"(,"a")";
    }
    body += R"(]},"meta":{"billed_units":{"input_tokens":96}}})";
    std::string client = bench::padded(R"({"input":[)" + texts + "]}");
    unified::call call;
    if (!unified::parse(task::embeddings, client, call)) state.SkipWithError("refused");
    bench::measure_answer(state, cohere("embed-v4.0", task::embeddings), std::move(body), call);
}
BENCHMARK(cohere_embeddings);

} // namespace
} // namespace sluice::providers
