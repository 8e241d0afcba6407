// The decoder of AI21's streams, for a chat and, by the first byte's lowest bit, for a completion.
#include "providers/registry.hpp"
#include "tests/fuzz/stream_fuzz.hpp"

#include <cstdint>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

target make_target(task kind) {
    resolved_config config;
    config.secrets.emplace("ai21labs_api_key", secret_string("ai21-fuzz"));
    return ai21_provider().resolve("jamba-large", kind, config, "").value();
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
    static const target chat = make_target(task::chat);
    static const target completion = make_target(task::completions);
    if (size < 2) return 0;
    fuzz_stream(data, size, (data[0] & 1U) != 0 ? completion : chat, check_output);
    return 0;
}
