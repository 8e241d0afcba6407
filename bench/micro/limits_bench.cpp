#include "proxy/govern/limits.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

namespace {

using namespace sluice;

govern::bucket_table& table() {
    static govern::bucket_table shared;
    return shared;
}

model::endpoint limited(std::string id, model::limit_key key) {
    model::endpoint made;
    made.id = std::move(id);
    made.limits = {{key, 1'000'000'000, "", ""}};
    return made;
}

void admit(benchmark::State& state, const model::endpoint& to, const model::principal& who) {
    govern::limiter here(table());
    steady_time now = std::chrono::steady_clock::now();
    for (auto _ : state) {
        auto permit = here.admit(to, who, now);
        if (permit) permit->keep();
        benchmark::DoNotOptimize(permit);
        now += nanoseconds(1000);
    }
    state.SetItemsProcessed(state.iterations());
}

// Every thread, a shard of its own, takes from one bucket.
void limits_one_bucket(benchmark::State& state) {
    model::principal who;
    who.id = "1";
    admit(state, limited("0123456789abcdef0123456789abcdef", model::limit_key::endpoint), who);
}
BENCHMARK(limits_one_bucket)->ThreadRange(1, 64)->UseRealTime();

// Every thread takes from the bucket of another user.
void limits_bucket_each(benchmark::State& state) {
    model::principal who;
    who.id = std::to_string(state.thread_index());
    admit(state, limited("0123456789abcdef0123456789abcdef", model::limit_key::user), who);
}
BENCHMARK(limits_bucket_each)->ThreadRange(1, 64)->UseRealTime();

// Every thread is a member of the group whose budget all share; the default of all users is overridden.
void limits_group(benchmark::State& state) {
    model::principal who;
    who.id = std::to_string(state.thread_index());
    who.groups = {{"2", "users"}, {"7", "data-science"}};
    model::endpoint to = limited("0123456789abcdef0123456789abcdef", model::limit_key::user);
    to.limits.push_back({model::limit_key::user_group, 1'000'000'000, "7", "data-science"});
    admit(state, to, who);
}
BENCHMARK(limits_group)->ThreadRange(1, 64)->UseRealTime();

void limits_refused(benchmark::State& state) {
    govern::bucket_table own;
    govern::limiter here(own);
    model::endpoint to;
    to.id = "0123456789abcdef0123456789abcdef";
    to.limits = {{model::limit_key::endpoint, 1, "", ""}};
    const steady_time now = std::chrono::steady_clock::now();
    if (auto first = here.admit(to, {}, now)) first->keep();
    for (auto _ : state) {
        auto permit = here.admit(to, {}, now);
        benchmark::DoNotOptimize(permit);
    }
}
BENCHMARK(limits_refused);

} // namespace
