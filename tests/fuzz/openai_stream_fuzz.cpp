// The decoder of OpenAI streams, which passes events on.
#include "providers/registry.hpp"
#include "tests/fuzz/stream_fuzz.hpp"

#include <cstdint>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

target make_target(bool azure) {
    resolved_config config;
    config.secrets.emplace("openai_api_key", secret_string("sk-fuzz"));
    target to = openai_provider().resolve("gpt-4o", task::chat, config, "").value();
    to.is_azure = azure;
    return to;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target openai = make_target(false);
    static const target azure = make_target(true);
    if (size < 2) return 0;
    fuzz_stream(data, size, (data[0] & 1U) != 0 ? azure : openai, [](const stream_outcome& result, bool) {
        check_events(result, [](std::string_view) {});
    });
    return 0;
}
