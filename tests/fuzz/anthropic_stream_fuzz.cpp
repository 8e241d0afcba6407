// The decoder of Anthropic streams: any split of the bytes gives the same, and nothing but `data: …` events
// of one line of JSON goes to the client, with one finish for its choice and at most one [DONE], at the end.
#include "core/json/reader.hpp"
#include "providers/registry.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
}

target make_target(task kind) {
    resolved_config config;
    config.secrets.emplace("anthropic_api_key", secret_string("sk-ant-fuzz"));
    const std::string_view model = kind == task::chat ? "claude-sonnet-4-5" : "claude-2.1";
    return anthropic_provider().resolve(model, kind, config, "").value();
}

struct outcome {
    std::string out;
    std::string failure; // the error's message, or empty
    usage used;

    friend bool operator==(const outcome&, const outcome&) = default;
};

// Feeds the stream in pieces whose sizes a small generator makes; step 0 feeds it whole.
outcome run(std::string_view stream, const target& to, bool wants_usage, unsigned step) {
    unified::call call;
    call.kind = to.kind;
    call.include_usage = wants_usage;
    answer_context context;
    context.created = 7;
    context.id_stem = "fuzz";
    const auto decoder = to.via->make_decoder(call, to, context);
    outcome result;
    unsigned state = step;
    while (!stream.empty()) {
        state = state * 1103515245U + 12345U;
        const std::size_t size =
            step == 0 ? stream.size() : std::min<std::size_t>(stream.size(), 1 + (state >> 16U) % step);
        const auto bytes = std::make_unique<char[]>(size + json::padding);
        std::copy_n(stream.data(), size, bytes.get());
        std::fill_n(bytes.get() + size, json::padding, '}');
        stream.remove_prefix(size);
        if (auto good = decoder->body({bytes.get(), size}, result.out); !good) {
            result.failure = good.error().message;
            break;
        }
    }
    if (result.failure.empty()) {
        if (auto good = decoder->end(result.out); !good) result.failure = good.error().message;
    }
    must(result.failure.empty() == decoder->finished(), "an end is a good one or an error");
    result.used = decoder->used();
    return result;
}

void check_output(const outcome& result, bool wants_usage) {
    std::string_view rest = result.out;
    bool done = false;
    bool finished = false;
    bool counted = false;
    while (!rest.empty()) {
        must(!done, "nothing follows [DONE]");
        const std::size_t end = rest.find("\n\n");
        must(rest.starts_with("data: ") && end != std::string_view::npos, "an event");
        const std::string_view data = rest.substr(6, end - 6);
        must(data.find_first_of("\r\n") == std::string_view::npos, "one line");
        done = data == "[DONE]";
        must(done || json::is_json(data), "the data is JSON");
        if (data.ends_with(R"("choices":[]})") ||
            data.find(R"("choices":[],"usage":{"prompt)") != data.npos) {
            must(finished && wants_usage && !counted, "usage once, behind the finish, if asked");
            counted = true;
        } else if (!done) {
            must(!finished, "nothing of the choice follows its finish");
            finished = data.find(R"("finish_reason":null)") == std::string_view::npos;
        }
        rest.remove_prefix(end + 2);
    }
    must(done == result.failure.empty(), "a good end has [DONE], an error has none");
    must(!done || (finished && counted == wants_usage), "a good end has all its parts");
    must(result.failure.empty() || json::is_json(result.failure), "the nested message is JSON");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target chat = make_target(task::chat);
    static const target complete = make_target(task::completions);
    if (size < 2) return 0;
    const target& to = (data[0] & 1U) != 0 ? complete : chat;
    const bool wants_usage = (data[0] & 2U) != 0;
    const std::string stream(data + 2, data + size);
    const outcome whole = run(stream, to, wants_usage, 0);
    check_output(whole, wants_usage);
    must(run(stream, to, wants_usage, 1) == whole, "byte by byte gives the same");
    must(run(stream, to, wants_usage, 2U + data[1]) == whole, "any split gives the same");
    return 0;
}
