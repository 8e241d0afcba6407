// Cohere and AI21: what a streamed event, a request and an answer cost.
#include "bench/micro/allocation_count.hpp"
#include "core/json/reader.hpp"
#include "providers/registry.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sluice::providers {

namespace {

target cohere(std::string_view model, task kind) {
    resolved_config config;
    config.secrets.emplace("cohere_api_key", secret_string("co-bench"));
    return cohere_provider().resolve(model, kind, config, "").value();
}

target jamba() {
    resolved_config config;
    config.secrets.emplace("ai21labs_api_key", secret_string("ai21-bench"));
    return ai21_provider().resolve("jamba-large", task::chat, config, "").value();
}

// `range(0)` events in one read.
void stream_events(benchmark::State& state,
                   const target& to,
                   std::string_view start,
                   std::string_view event) {
    std::string in;
    for (std::int64_t i = 0; i < state.range(0); ++i)
        in += event;
    in.reserve(in.size() + json::padding);
    std::string first(start);
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

void cohere_chat_events(benchmark::State& state) {
    stream_events(
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
    stream_events(state, cohere("command", task::completions), line, line);
}
BENCHMARK(cohere_generate_lines)->Arg(1)->Arg(16);

void ai21_chat_events(benchmark::State& state) {
    constexpr std::string_view event =
        R"(data: {"id":"chat-a3","choices":[{"index":0,"delta":{"content":"Jupiter"},"logprobs":null,"finish_reason":null}]})"
        "\n\n";
    stream_events(state, jamba(), event, event);
}
BENCHMARK(ai21_chat_events)->Arg(1)->Arg(16);

// Parsing included, as on the request path.
void request(benchmark::State& state, const target& to) {
    std::string body =
        R"({"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Name the largest planet."}],"max_tokens":64,"temperature":0.7,"stop":"END"})";
    const std::size_t size = body.size();
    body.reserve(size + json::padding);
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

void cohere_request(benchmark::State& state) {
    request(state, cohere("command-a-03-2025", task::chat));
}
BENCHMARK(cohere_request);

void ai21_request(benchmark::State& state) {
    request(state, jamba());
}
BENCHMARK(ai21_request);

void answer_of(benchmark::State& state, const target& to, std::string body) {
    body.reserve(body.size() + json::padding);
    const unified::call call;
    for (auto _ : state) {
        auto read = to.via->read_answer(call, to, body);
        if (!read) state.SkipWithError("refused");
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void cohere_answer(benchmark::State& state) {
    answer_of(
        state,
        cohere("command-a-03-2025", task::chat),
        R"({"id":"c14c80c3","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Jupiter is the largest planet of the solar system."}]},"usage":{"billed_units":{"input_tokens":22,"output_tokens":3},"tokens":{"input_tokens":24,"output_tokens":3}}})");
}
BENCHMARK(cohere_answer);

void ai21_answer(benchmark::State& state) {
    answer_of(
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
    body.reserve(body.size() + json::padding);
    std::string client = R"({"input":[)" + texts + "]}";
    client.reserve(client.size() + json::padding);
    const target to = cohere("embed-v4.0", task::embeddings);
    unified::call call;
    if (!unified::parse(task::embeddings, client, call)) state.SkipWithError("refused");
    for (auto _ : state) {
        auto read = to.via->read_answer(call, to, body);
        if (!read) state.SkipWithError("refused");
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(cohere_embeddings);

} // namespace
} // namespace sluice::providers
