// What holds for the decoder of every provider's streams: any split of the bytes gives the same, and nothing
// but `data: …` events of one line of JSON goes to the client, with at most one [DONE], at the end.
#pragma once

#include "core/json/reader.hpp"
#include "providers/provider.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers {

struct stream_outcome {
    std::string out;
    std::string failure; // the error's message, or empty
    usage used;

    friend bool operator==(const stream_outcome&, const stream_outcome&) = default;
};

// Feeds the stream in pieces whose sizes a small generator makes; step 0 feeds it whole.
inline stream_outcome run_stream(std::string_view stream, const target& to, bool wants_usage, unsigned step) {
    unified::call call;
    call.kind = to.kind;
    call.include_usage = wants_usage;
    answer_context context;
    context.created = 7;
    context.id_stem = "fuzz";
    const auto decoder = to.via->make_decoder(call, to, context);
    stream_outcome result;
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

// visit(data) for every event but [DONE].
template <class Visit>
void check_events(const stream_outcome& result, Visit&& visit) {
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
        if (!done) visit(data);
        rest.remove_prefix(end + 2);
    }
    must(done == result.failure.empty(), "a good end has [DONE], an error has none");
    must(result.failure.empty() || json::is_json(result.failure), "the nested message is JSON");
}

// One input of a fuzzer: two bytes that choose, and the stream. check(outcome, wants_usage).
template <class Check>
void fuzz_stream(const std::uint8_t* data, std::size_t size, const target& to, Check&& check) {
    const bool wants_usage = (data[0] & 2U) != 0;
    const std::string stream(data + 2, data + size);
    const stream_outcome whole = run_stream(stream, to, wants_usage, 0);
    check(whole, wants_usage);
    must(run_stream(stream, to, wants_usage, 1) == whole, "byte by byte gives the same");
    must(run_stream(stream, to, wants_usage, 2U + data[1]) == whole, "any split gives the same");
}

} // namespace sluice::providers
