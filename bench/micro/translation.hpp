// What the benchmarks of translation share: a target, the calls that go to it, and loops that count
// allocations.
#pragma once

#include "bench/micro/allocation_count.hpp"
#include "core/json/reader.hpp"
#include "providers/provider.hpp"
#include "providers/unified.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::bench {

using fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// What the configuration says of a provider.
struct settings {
    fields secrets;
    fields plain = {};
};

inline providers::target
make_target(const providers::provider& by, std::string_view model, providers::task kind, settings with) {
    providers::resolved_config config;
    for (const auto& [name, value] : with.plain)
        config.plain.emplace(name, value);
    for (const auto& [name, value] : with.secrets)
        config.secrets.emplace(name, secret_string(std::string(value)));
    return by.resolve(model, kind, config, "").value();
}

// The text with room behind it, as the reader of JSON asks for.
inline std::string padded(std::string text) {
    text.reserve(text.size() + json::padding);
    return text;
}

inline std::string repeated(std::string_view text, std::int64_t times) {
    std::string out;
    for (std::int64_t i = 0; i < times; ++i)
        out += text;
    return padded(std::move(out));
}

inline constexpr std::string_view short_chat =
    R"({"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Name the largest planet."}],"max_tokens":64,"temperature":0.7,"stop":"END"})";

inline std::string conversation_of_42_messages() {
    std::string body = R"({"messages":[{"role":"system","content":"You are terse."})";
    for (int i = 0; i < 20; ++i) {
        body += R"(,{"role":"user","content":"What is the largest planet of the solar system?\n"})";
        body +=
            R"(,{"role":"assistant","content":"Jupiter, by far: it has more mass than all others together."})";
    }
    return body + R"(,{"role":"user","content":"And the second?"}],"max_tokens":64,"temperature":0.7})";
}

// The allocations of all rounds. A round that says false fails the benchmark.
template <class Round>
std::uint64_t measure(benchmark::State& state, Round&& round) {
    std::uint64_t before = 0;
    for (auto _ : state) {
        if (before == 0) before = allocations(); // here, for the library's start of the loop allocates
        if (!round()) state.SkipWithError("refused");
    }
    return allocations() - before;
}

// Rounds that each take a whole body of so many bytes.
template <class Round>
void measure_bodies(benchmark::State& state, std::size_t size, Round&& round) {
    const std::uint64_t allocated = measure(state, std::forward<Round>(round));
    state.counters["allocations"] = static_cast<double>(allocated) / static_cast<double>(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

// Rounds that each take so many events.
template <class Round>
void measure_events(benchmark::State& state, std::int64_t in_a_round, Round&& round) {
    const std::uint64_t allocated = measure(state, std::forward<Round>(round));
    const auto events = static_cast<double>(state.iterations() * in_a_round);
    state.counters["allocations_per_event"] = static_cast<double>(allocated) / events;
    state.counters["event_time"] =
        benchmark::Counter(events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// A client's request on its way to the upstream, parsing included. `then`: what follows the encoding.
template <class Then>
void measure_request(benchmark::State& state,
                     const providers::target& to,
                     std::string_view text,
                     const Then& then) {
    std::string body = padded(std::string(text));
    providers::unified::call call;
    providers::upstream_request out;
    measure_bodies(state, text.size(), [&] {
        const bool good =
            providers::unified::parse(to.kind, body, call) && to.via->encode(call, to, out) && then(out);
        benchmark::DoNotOptimize(out.body_size);
        return good;
    });
}

inline void measure_request(benchmark::State& state, const providers::target& to, std::string_view text) {
    measure_request(state, to, text, [](const providers::upstream_request&) { return true; });
}

// An upstream's whole answer to `call`.
inline void measure_answer(benchmark::State& state,
                           const providers::target& to,
                           std::string text,
                           const providers::unified::call& call = {}) {
    std::string body = padded(std::move(text));
    measure_bodies(state, body.size(), [&] {
        auto read = to.via->read_answer(call, to, body);
        benchmark::DoNotOptimize(read);
        return read.has_value();
    });
}

// An upstream's stream: `start` once, then `range(0)` events in one read.
inline void measure_stream(benchmark::State& state,
                           const providers::target& to,
                           std::string_view start,
                           std::string_view event,
                           providers::unified::call call = {}) {
    std::string in = repeated(event, state.range(0));
    std::string first = padded(std::string(start));
    call.kind = to.kind;
    const auto decoder = to.via->make_decoder(call, to);
    std::string out;
    if (!decoder->body(first, out)) state.SkipWithError("refused");
    out.reserve(4 * in.size());
    measure_events(state, state.range(0), [&] {
        out.clear();
        const bool good = decoder->body(in, out).has_value();
        benchmark::DoNotOptimize(out.data());
        return good;
    });
}

} // namespace sluice::bench
