// Server-sent events, reading side (WHATWG "event stream", plus finish() for streams that end without their
// last blank line): an incremental decoder that gives the same events for any split of the input. An event
// whose single data line lies whole in the input is handed out as a view of it (no copy); others are put
// together in the decoder's own buffer.
#pragma once

#include "core/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::http {

struct sse_event {
    std::string_view type; // value of "event:", empty when none was given
    std::string_view data; // data lines joined by LF
};

class sse_decoder {
public:
    // A line or the data of an event beyond `max_event_bytes` is an error (bad_upstream), and every later
    // next() repeats it.
    explicit sse_decoder(std::size_t max_event_bytes = std::size_t{16} * 1024 * 1024)
        : max_event_bytes_(max_event_bytes) {}

    // Gives the next piece of input. `in` must stay unchanged until next() has returned nullopt, and
    // json::padding bytes behind it must be readable memory (their content does not matter).
    void feed(std::string_view in);

    // The next event with at least one data line, or nullopt when the input is used up. The views are good
    // until the next call of next(), feed() or finish(), and json::padding bytes behind `data` are readable.
    [[nodiscard]] result<std::optional<sse_event>> next();

    // At the end of input, after next() has returned nullopt: the event that no blank line ended, if it has
    // data. It may have been cut; the caller accepts it only when its data is whole by itself.
    [[nodiscard]] std::optional<sse_event> finish();

private:
    enum class taken : std::uint8_t { nothing, event, too_long };

    void forget_event();
    [[nodiscard]] bool find_line_end();
    [[nodiscard]] taken take_line(std::string_view text, bool in_input);
    [[nodiscard]] taken take_data(std::string_view value, bool in_input);
    void keep_data();
    [[nodiscard]] sse_event hand_out();
    [[nodiscard]] tl::unexpected<error> too_long();

    std::string_view in_;      // the current input
    std::size_t at_ = 0;       // how far it has been read
    std::size_t line_end_ = 0; // where the current line ends, when find_line_end says so
    std::size_t next_lf_ = 0;  // the first LF at or behind at_, or the size of the input
    std::string partial_;      // a line that began in an earlier input
    std::string joined_;       // data put together here when it is not one whole line of the input
    std::string type_;
    std::string_view whole_; // the single data line, when it lies in the input
    std::size_t data_lines_ = 0;
    bool skip_lf_ = false;    // the last line ended in CR: an LF that follows belongs to it
    bool at_start_ = true;    // a byte order mark may still come
    bool handed_out_ = false; // the event is to be forgotten by the next call
    bool failed_ = false;
    std::size_t max_event_bytes_;
};

} // namespace sluice::http
