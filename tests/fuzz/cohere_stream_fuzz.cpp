// The decoders of Cohere's streams: v2 chat as server-sent events, v1 generate as lines. The first byte's
// lowest bit chooses.
#include "providers/registry.hpp"
#include "tests/fuzz/stream_fuzz.hpp"

#include <cstdint>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

target make_target(task kind, std::string_view model) {
    resolved_config config;
    config.secrets.emplace("cohere_api_key", secret_string("co-fuzz"));
    return cohere_provider().resolve(model, kind, config, "").value();
}

void check_output(const stream_outcome& result, bool wants_usage) {
    bool counted = false;
    check_events(result, [&](std::string_view data) {
        must(!counted, "usage is the last");
        counted = wants_usage && data.find(R"("choices":[],"usage":{"prompt)") != data.npos;
    });
    must(!result.failure.empty() || counted == wants_usage, "usage if asked");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target chat = make_target(task::chat, "command-a-03-2025");
    static const target lines = make_target(task::completions, "command");
    if (size < 2) return 0;
    fuzz_stream(data, size, (data[0] & 1U) != 0 ? lines : chat, check_output);
    return 0;
}
