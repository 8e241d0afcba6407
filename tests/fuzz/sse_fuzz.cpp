// Server-sent events: any split of the input gives the same events as the whole, and reading stays inside the
// promised padding.
#include "core/http/sse.hpp"
#include "core/json/reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct seen {
    std::vector<std::pair<std::string, std::string>> events; // type, data
    bool failed = false;

    friend bool operator==(const seen&, const seen&) = default;
};

void keep(const sluice::http::sse_event& event, seen& out) {
    volatile char last = event.data.data()[event.data.size() + sluice::json::padding - 1];
    static_cast<void>(last);
    out.events.emplace_back(event.type, event.data);
}

// Pieces of `piece_sizes` bytes, used round and round; each has memory of its own, which is gone before the
// next.
seen decode(std::string_view in, std::string_view piece_sizes, std::size_t limit) {
    seen out;
    sluice::http::sse_decoder decoder(limit);
    for (std::size_t turn = 0; !in.empty(); ++turn) {
        const std::size_t wanted = static_cast<unsigned char>(piece_sizes[turn % piece_sizes.size()]);
        const std::size_t size = wanted == 0 ? in.size() : std::min(wanted, in.size());
        const auto memory = std::make_unique<char[]>(size + sluice::json::padding);
        in.copy(memory.get(), size);
        in.remove_prefix(size);
        decoder.feed({memory.get(), size});
        for (;;) {
            const auto event = decoder.next();
            out.failed = !event;
            if (out.failed) return out;
            if (!*event) break;
            keep(**event, out);
        }
    }
    if (const auto event = decoder.finish()) keep(*event, out);
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    const std::size_t limit = static_cast<std::size_t>(data[0]) + 1;
    const std::string_view text = in.substr(4);
    const seen whole = decode(text, std::string_view("\0", 1), limit);
    if (whole != decode(text, in.substr(1, 3), limit)) std::abort();
    if (whole != decode(text, "\x01", limit)) std::abort();
    return 0;
}
