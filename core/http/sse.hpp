// Server-sent events, reading side (WHATWG "event stream", with the lenient end of providers.md §14): an incremental decoder that
// gives the same events for any split of the input. An event whose single data line lies whole in the input is handed out
// as a view of it (no copy); others are put together in the decoder's own buffer.
#pragma once

#include "core/base/error.hpp"

#include <cstddef>
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
    // Events beyond `max_event_bytes` are an error (bad_upstream). 16 MiB: reliability.md §7.
    explicit sse_decoder(std::size_t max_event_bytes = std::size_t{16} * 1024 * 1024) : max_event_bytes_(max_event_bytes) {}

    // Gives the next piece of input. `in` must stay unchanged until next() has returned nullopt, and json::padding bytes
    // behind it must be readable memory (their content does not matter).
    void feed(std::string_view in);

    // The next event with at least one data line, or nullopt when the input is used up. The views are good until the next call
    // of next(), feed() or finish(), and json::padding bytes behind `data` are readable.
    [[nodiscard]] result<std::optional<sse_event>> next();

    // At the end of input: the event that no blank line ended, if it has data.
    [[nodiscard]] std::optional<sse_event> finish();

private:
    void line(std::string_view text);

    std::string_view in_;          // not yet read part of the current input
    std::string partial_;          // a line that began in an earlier input
    std::string joined_;           // data put together here when it is not one whole line of the input
    std::string type_;
    std::string_view whole_;       // the single data line, when it lies in the input
    int data_lines_ = 0;
    bool joined_in_use_ = false;
    bool skip_lf_ = false;         // the last input ended in CR
    bool at_start_ = true;         // a byte order mark may still come
    bool handed_out_ = false;      // the event state is to be cleared by the next call
    std::size_t max_event_bytes_;
};

} // namespace sluice::http
