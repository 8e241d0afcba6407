// Counts the events of a server-sent event stream and watches for its end, without keeping it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::load {

class sse_counter {
public:
    // The next bytes, split anywhere.
    void feed(std::string_view bytes);

    [[nodiscard]] std::uint64_t events() const noexcept { return events_; } // data lines but for [DONE]
    [[nodiscard]] bool done() const noexcept { return done_; }              // [DONE] was seen
    [[nodiscard]] bool failed() const noexcept { return failed_; }          // an event began with {"error"

private:
    void line_end();

    std::string start_; // the first bytes of the current line
    std::uint64_t events_ = 0;
    bool done_ = false;
    bool failed_ = false;
};

} // namespace sluice::load
