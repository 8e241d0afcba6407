// Frames of application/vnd.amazon.eventstream (providers.md §12), reading side: an incremental reader that
// gives the same frames for any split of the input. A frame that lies whole in the input is handed out as
// views of it (no copy); others are put together in the reader's own buffer.
#pragma once

#include "core/base/error.hpp"

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::event_stream {

enum class header_type : std::uint8_t {
    true_value,
    false_value,
    int8,
    int16,
    int32,
    int64,
    bytes,
    text,
    timestamp, // milliseconds since 1970
    uuid
};

struct header {
    std::string_view name;
    header_type type = header_type::text;
    std::string_view value; // as it stands in the frame; of bytes and text without the length

    // Of integers and timestamps, big-endian two's complement; 0 for all others.
    [[nodiscard]] std::int64_t integer() const noexcept;
};

struct frame {
    absl::InlinedVector<header, 4> headers;
    std::string_view payload; // json::padding bytes behind it are readable

    // The value of a text header; empty when there is none of that name.
    [[nodiscard]] std::string_view text(std::string_view name) const noexcept;
};

inline constexpr std::size_t most_header_bytes = std::size_t{128} * 1024;
// Services send three or four; more than this would only cost time.
inline constexpr std::size_t most_headers = 64;

class reader {
public:
    // A payload beyond `most_payload_bytes` is an error, and so is everything else that makes a frame
    // unreadable (bad_upstream, with a plain sentence); every later next() repeats it.
    explicit reader(std::size_t most_payload_bytes)
        : most_payload_bytes_(most_payload_bytes) {}
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;

    // Gives the next piece of input. `in` must stay unchanged until next() has returned null, and
    // json::padding bytes behind it must be readable memory (their content does not matter).
    void feed(std::string_view in);

    // The next frame, or null when the input is used up. It is good until the next call of next() or feed().
    [[nodiscard]] result<const frame*> next();

    // Is a frame begun and not ended? At the end of input: it was cut.
    [[nodiscard]] bool in_frame() const noexcept { return !partial_.empty() && !handed_out_; }

private:
    [[nodiscard]] bool gather(std::size_t wanted);
    [[nodiscard]] std::string_view front() const noexcept { return partial_.empty() ? in_ : partial_; }
    [[nodiscard]] bool check_prelude(std::string_view prelude);
    [[nodiscard]] bool read_frame(std::string_view whole);
    [[nodiscard]] bool read_header(std::string_view& rest);
    bool failed(std::string_view why) noexcept {
        failure_ = why;
        return false;
    }

    std::size_t most_payload_bytes_;
    std::string_view in_;   // what of the current input is not read yet
    std::string partial_;   // a frame that began in an earlier input
    std::size_t total_ = 0; // size of the frame whose prelude is checked; 0: not yet
    std::size_t header_bytes_ = 0;
    bool handed_out_ = false; // the frame in partial_ is to be forgotten by the next call
    std::string_view failure_;
    frame frame_;
};

} // namespace sluice::providers::event_stream
