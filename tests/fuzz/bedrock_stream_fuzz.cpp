// The decoders of Bedrock's streams: what they write has one finish for its choice, and usage behind it only
// if that was asked for.
#include "core/base/base64.hpp"
#include "providers/bedrock.hpp"
#include "providers/registry.hpp"
#include "tests/fuzz/stream_fuzz.hpp"
#include "tests/support/event_frames.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace sluice;
using namespace sluice::providers;

target make_target(std::string_view model, std::string_view family, task kind) {
    resolved_config config;
    config.plain.emplace("aws_region", "us-east-1");
    config.plain.emplace("bedrock_provider", family);
    config.secrets.emplace("aws_access_key_id", secret_string("AKIDEXAMPLEFUZZ"));
    config.secrets.emplace("aws_secret_access_key", secret_string("secretsecretsecret"));
    return bedrock_provider().resolve(model, kind, config, "").value();
}

target claude_messages() {
    target to = make_target("anthropic.claude-sonnet-4-5", "anthropic", task::chat);
    bedrock::settings with = bedrock::settings_of(to);
    with.by = bedrock::route::claude_messages;
    must(bedrock::put_settings(to, with).has_value(), "settings");
    return to;
}

std::vector<target> make_targets() {
    std::vector<target> all;
    all.push_back(make_target("anthropic.claude-sonnet-4-5", "anthropic", task::chat));
    all.push_back(make_target("amazon.titan-text-lite-v1", "amazon", task::completions));
    all.push_back(make_target("cohere.command-text-v14", "cohere", task::completions));
    all.push_back(make_target("anthropic.claude-v2", "anthropic", task::completions));
    all.push_back(make_target("amazon.nova-lite-v1:0", "amazon", task::completions));
    all.push_back(claude_messages());
    return all;
}

// Each line of the input becomes one frame with a good checksum: "contentBlockDelta {…}". Lines of other
// words are events of an invocation, or exceptions.
std::string framed_lines(std::string_view lines) {
    constexpr std::array<std::string_view, 6> types = {"messageStart",
                                                       "contentBlockStart",
                                                       "contentBlockDelta",
                                                       "contentBlockStop",
                                                       "messageStop",
                                                       "metadata"};
    std::string out;
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (line.starts_with('{')) {
            const std::string inside = R"({"bytes":")" + base64_encode(line) + R"(","p":"ab"})";
            out += test::event_frame("chunk", inside);
            continue;
        }
        const std::string_view word = line.substr(0, line.find(' '));
        const std::string_view rest = line.substr(std::min(word.size() + 1, line.size()));
        const bool is_type = std::find(types.begin(), types.end(), word) != types.end();
        out += is_type ? test::event_frame(word, rest) : test::exception_frame(word, rest);
    }
    return out;
}

void check_output(const stream_outcome& result, bool wants_usage) {
    bool finished = false;
    bool counted = false;
    check_events(result, [&](std::string_view data) {
        if (data.find(R"("choices":[],"usage":{"prompt)") != std::string_view::npos) {
            must(finished && wants_usage && !counted, "usage once, behind the finish, if asked");
            counted = true;
        } else {
            must(!finished, "nothing of the choice follows its finish");
            finished = data.find(R"("finish_reason":null)") == std::string_view::npos;
        }
    });
    must(!result.failure.empty() || finished, "a good end has a finish");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<target> targets = make_targets();
    if (size < 2) return 0;
    const target& to = targets[(data[0] >> 3U) % targets.size()];
    if ((data[0] & 1U) == 0) {
        fuzz_stream(data, size, to, check_output);
        return 0;
    }
    const std::string_view lines(reinterpret_cast<const char*>(data + 2), size - 2);
    const std::string stream =
        std::string(reinterpret_cast<const char*>(data), 2).append(framed_lines(lines));
    fuzz_stream(reinterpret_cast<const std::uint8_t*>(stream.data()), stream.size(), to, check_output);
    return 0;
}
