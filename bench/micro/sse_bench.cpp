#include "core/http/sse.hpp"
#include "core/json/reader.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace sluice;

constexpr std::string_view event =
    R"(data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini",)"
    R"("system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,)"
    R"("finish_reason":null}]})"
    "\n\n";

// Events of a chat stream in reads of the size of the argument.
void sse_scan(benchmark::State& state) {
    std::string stream;
    std::size_t events = 0;
    for (; stream.size() < 64'000; ++events)
        stream += event;
    const std::size_t size = stream.size();
    stream.append(json::padding, '\0');
    const auto read = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        http::sse_decoder decoder;
        std::size_t seen = 0;
        for (std::size_t at = 0; at < size; at += read) {
            decoder.feed(std::string_view(stream).substr(at, std::min(read, size - at)));
            while (true) {
                const auto next = decoder.next();
                if (!next || !*next) break;
                benchmark::DoNotOptimize((*next)->data.data());
                ++seen;
            }
        }
        if (seen != events) std::abort();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events));
}
BENCHMARK(sse_scan)->Arg(64'000)->Arg(static_cast<int>(event.size()))->Arg(100);

} // namespace
