// The decoder of Gemini streams: every choice that has begun has one finish, and usage stands behind them all
// if that was asked for.
#include "providers/registry.hpp"
#include "tests/fuzz/stream_fuzz.hpp"
#include "tests/support/service_account.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

target make_target(task kind) {
    resolved_config config;
    config.plain.emplace("project_id", "p");
    config.plain.emplace("region", "global");
    config.secrets.emplace("private_key", secret_string(test::service_account_json()));
    return vertex_provider().resolve("gemini-2.5-flash", kind, config, "").value();
}

// The text of the number behind `"choices":[{"index":`.
std::string index_of(std::string_view data) {
    constexpr std::string_view front = R"("choices":[{"index":)";
    const std::size_t at = data.find(front);
    must(at != std::string_view::npos, "a chunk of one choice");
    const std::string_view rest = data.substr(at + front.size());
    return std::string(rest.substr(0, rest.find(',')));
}

void check_output(const stream_outcome& result, bool wants_usage) {
    std::set<std::string, std::less<>> begun;
    std::set<std::string, std::less<>> finished;
    bool counted = false;
    check_events(result, [&](std::string_view data) {
        if (data.find(R"("choices":[],"usage":{"prompt)") != data.npos) {
            must(wants_usage && !counted, "usage once, if asked");
            counted = true;
            return;
        }
        must(!counted, "usage behind all that is said");
        const std::string index = index_of(data);
        must(!finished.contains(index), "nothing of a choice follows its finish");
        begun.insert(index);
        if (data.find(R"("finish_reason":null)") == std::string_view::npos) finished.insert(index);
    });
    must(result.failure.empty() || finished.empty(), "choices end together, with a good end");
    must(!result.failure.empty() || (begun == finished && !begun.empty() && counted == wants_usage),
         "a good end has all its parts");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target chat = make_target(task::chat);
    static const target completions = make_target(task::completions);
    if (size < 2) return 0;
    fuzz_stream(data, size, (data[0] & 1U) != 0 ? completions : chat, check_output);
    return 0;
}
