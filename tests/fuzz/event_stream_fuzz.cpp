// The reader of Amazon's frames: any split gives the same frames, every frame is what its bytes say, and a
// stream that was written well is read to its end.
#include "core/base/crc32.hpp"
#include "core/json/reader.hpp"
#include "providers/event_stream.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/support/event_frames.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::providers;

constexpr std::size_t most_payload = 4096;

// Every frame as a text, and how the stream ended. Step 0 feeds it whole.
std::string read_all(std::string_view stream, unsigned step) {
    event_stream::reader from(most_payload);
    std::string out;
    unsigned state = step;
    while (!stream.empty()) {
        state = state * 1103515245U + 12345U;
        const std::size_t size =
            step == 0 ? stream.size() : std::min<std::size_t>(stream.size(), 1 + (state >> 16U) % step);
        const auto bytes = std::make_unique<char[]>(size + json::padding);
        std::copy_n(stream.data(), size, bytes.get());
        std::fill_n(bytes.get() + size, json::padding, '}');
        stream.remove_prefix(size);
        from.feed({bytes.get(), size});
        while (true) {
            const auto next = from.next();
            if (!next) {
                must(!from.next(), "an error stays");
                return out + "failed: " + next.error().message;
            }
            const event_stream::frame* const one = *next;
            if (one == nullptr) break;
            must(one->payload.size() <= most_payload, "the payload has a limit");
            must(one->headers.size() <= event_stream::most_headers, "headers have a limit");
            for (const event_stream::header& each : one->headers) {
                must(!each.name.empty(), "a header has a name");
                out.append(each.name).append("=").append(each.value);
                out.append(std::to_string(each.integer())).append(";");
                const auto is_same = [&each](const auto& other) { return other.name == each.name; };
                must(std::count_if(one->headers.begin(), one->headers.end(), is_same) == 1,
                     "names are unique");
            }
            out.append(one->payload).append("\n");
            // What lies behind the payload is readable.
            const std::string_view behind(one->payload.data(), one->payload.size() + json::padding);
            out.append(crc32(behind) == 0 ? "" : "");
        }
    }
    return out + (from.in_frame() ? "cut" : "ended");
}

} // namespace

// The first byte chooses: the bytes as they are, or frames with good checksums whose headers and payloads
// they are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view given(reinterpret_cast<const char*>(data + 2), size - 2);
    std::string stream(given);
    if ((data[0] & 1U) != 0) {
        const std::size_t headers = std::min<std::size_t>(data[0] >> 1U, given.size());
        const std::string one = test::framed(given.substr(0, headers), given.substr(headers));
        stream = one + one + test::event_frame("x", given.substr(0, most_payload));
    }
    const std::string whole = read_all(stream, 0);
    must(read_all(stream, 1) == whole, "byte by byte gives the same");
    must(read_all(stream, 2U + data[1]) == whole, "any split gives the same");
    const std::string good = test::event_frame("x", given.substr(0, most_payload));
    must(read_all(good, 0).ends_with("ended"), "a good frame is read");
    return 0;
}
