#include "proxy/govern/router.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace sluice;

model::endpoint split(int entities) {
    model::endpoint made;
    made.id = "0123456789abcdef0123456789abcdef";
    for (int i = 0; i < entities; ++i) {
        auto entity = std::make_shared<model::served_entity>();
        entity->name = "gpt-4o-mini-" + std::to_string(i);
        entity->traffic_percentage =
            i + 1 < entities ? 100 / entities : 100 - 100 / entities * (entities - 1);
        made.entities.push_back(std::move(entity));
    }
    return made;
}

// The argument is the number of entities.
void router_pick(benchmark::State& state) {
    govern::router here;
    const model::endpoint to = split(static_cast<int>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(here.pick(to));
}
BENCHMARK(router_pick)->Arg(1)->Arg(2)->Arg(5)->Arg(11);

void router_schedule(benchmark::State& state) {
    const std::vector<int> shares = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 45};
    for (auto _ : state)
        benchmark::DoNotOptimize(govern::make_schedule(shares));
}
BENCHMARK(router_schedule);

} // namespace
