#include "proxy/model/entity_stats.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

namespace {

using namespace sluice;

// Every thread is a shard: what one finished query costs.
void entity_stats_update(benchmark::State& state) {
    static model::entity_stats shared;
    const auto shard = static_cast<std::size_t>(state.thread_index());
    steady_time now = std::chrono::steady_clock::now();
    const model::entity_query query{.status = 200,
                                    .took_us = 12'345,
                                    .sent = true,
                                    .queued_us = 20,
                                    .model_us = 12'000,
                                    .own_us = 150,
                                    .streamed = true,
                                    .first_token_us = 900,
                                    .input_tokens = 100,
                                    .output_tokens = 50};
    for (auto _ : state) {
        shared.slot(shard, 64).add(query, now);
        now += nanoseconds(1000);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(entity_stats_update)->ThreadRange(1, 64)->UseRealTime();

void entity_stats_scrape(benchmark::State& state) {
    model::entity_stats stats;
    const steady_time now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < 64; ++i)
        stats.slot(i, 64).add({}, now);
    for (auto _ : state) {
        std::uint64_t total = 0;
        for (const model::entity_slot* one : stats.slots())
            total += one->requests.sum(now);
        benchmark::DoNotOptimize(total);
    }
}
BENCHMARK(entity_stats_scrape);

} // namespace
