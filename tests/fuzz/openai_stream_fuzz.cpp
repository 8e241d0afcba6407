// The decoder of OpenAI streams: any split of the bytes gives the same, and nothing but `data: …` events of
// one line of JSON goes to the client, with at most one [DONE], at the end.
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

target make_target(bool azure) {
    resolved_config config;
    config.secrets.emplace("openai_api_key", secret_string("sk-fuzz"));
    target to = openai_provider().resolve("gpt-4o", task::chat, config, "").value();
    to.is_azure = azure;
    return to;
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
    call.include_usage = wants_usage;
    const auto decoder = to.via->make_decoder(call, to);
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

void check_output(const outcome& result) {
    std::string_view rest = result.out;
    bool done = false;
    while (!rest.empty()) {
        must(!done, "nothing follows [DONE]");
        const std::size_t end = rest.find("\n\n");
        must(rest.starts_with("data: ") && end != std::string_view::npos, "an event");
        const std::string_view data = rest.substr(6, end - 6);
        must(data.find_first_of("\r\n") == std::string_view::npos, "one line");
        done = data == "[DONE]";
        must(done || json::is_json(data), "the data is JSON");
        rest.remove_prefix(end + 2);
    }
    must(done == result.failure.empty(), "a good end has [DONE], an error has none");
    must(result.failure.empty() || json::is_json(result.failure), "the nested message is JSON");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target openai = make_target(false);
    static const target azure = make_target(true);
    if (size < 2) return 0;
    const target& to = (data[0] & 1U) != 0 ? azure : openai;
    const bool wants_usage = (data[0] & 2U) != 0;
    const std::string stream(data + 2, data + size);
    const outcome whole = run(stream, to, wants_usage, 0);
    check_output(whole);
    must(run(stream, to, wants_usage, 1) == whole, "byte by byte gives the same");
    must(run(stream, to, wants_usage, 2U + data[1]) == whole, "any split gives the same");
    return 0;
}
