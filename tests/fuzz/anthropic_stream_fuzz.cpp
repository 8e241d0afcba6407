// The decoder of Anthropic streams: what it writes has one finish for its choice, and usage behind it if that
// was asked for.
#include "providers/registry.hpp"
#include "tests/fuzz/stream_fuzz.hpp"

#include <cstdint>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

target make_target(task kind) {
    resolved_config config;
    config.secrets.emplace("anthropic_api_key", secret_string("sk-ant-fuzz"));
    const std::string_view model = kind == task::chat ? "claude-sonnet-4-5" : "claude-2.1";
    return anthropic_provider().resolve(model, kind, config, "").value();
}

void check_output(const stream_outcome& result, bool wants_usage) {
    bool finished = false;
    bool counted = false;
    check_events(result, [&](std::string_view data) {
        if (data.ends_with(R"("choices":[]})") ||
            data.find(R"("choices":[],"usage":{"prompt)") != data.npos) {
            must(finished && wants_usage && !counted, "usage once, behind the finish, if asked");
            counted = true;
        } else {
            must(!finished, "nothing of the choice follows its finish");
            finished = data.find(R"("finish_reason":null)") == std::string_view::npos;
        }
    });
    must(!result.failure.empty() || (finished && counted == wants_usage), "a good end has all its parts");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target chat = make_target(task::chat);
    static const target complete = make_target(task::completions);
    if (size < 2) return 0;
    fuzz_stream(data, size, (data[0] & 1U) != 0 ? complete : chat, check_output);
    return 0;
}
