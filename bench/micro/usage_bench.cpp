#include "bench/micro/allocation_count.hpp"
#include "proxy/observe/usage_queue.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace {

using namespace sluice;

observe::usage_row row_of(const std::string& id) {
    observe::usage_row row;
    row.values.request_time = 1'700'000'000'000;
    row.values.latency_ms = 812;
    row.values.input_tokens = 900;
    row.values.output_tokens = 250;
    row.values.status_code = 200;
    row.request_id = "0123456789abcdef-1-4711";
    row.requester = "somebody@example.com";
    row.principal_id = "1001";
    row.endpoint_id = id;
    row.endpoint_name = "chat-of-the-team";
    row.served_entity_id = id;
    return row;
}

// What a shard pays for one row; the ring is emptied as a fast writer would.
void usage_push(benchmark::State& state) {
    observe::usage_queue queue;
    const std::string id(32, 'a');
    const std::string context(static_cast<std::size_t>(state.range(0)), 'c');
    observe::usage_row row = row_of(id);
    row.usage_context = context;
    std::int64_t left = 0;
    if (!queue.push(row)) state.SkipWithError("no memory");
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        if (left-- == 0) {
            left = 100;
            auto all = queue.read();
            observe::usage_row seen;
            state.PauseTiming();
            while (all.next(seen)) {
            }
            queue.release(all);
            state.ResumeTiming();
        }
        benchmark::DoNotOptimize(queue.push(row));
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["allocations"] = static_cast<double>(bench::allocations() - before);
}
BENCHMARK(usage_push)->Arg(0)->Arg(200);

// A full ring: the row is refused.
void usage_push_refused(benchmark::State& state) {
    observe::usage_queue queue(std::size_t{64} * 1024);
    const std::string id(32, 'a');
    const observe::usage_row row = row_of(id);
    while (queue.push(row)) {
    }
    for (auto _ : state)
        benchmark::DoNotOptimize(queue.push(row));
}
BENCHMARK(usage_push_refused);

} // namespace
