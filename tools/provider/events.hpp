// A stream of server-sent events as a value that is asked for one event after the other, and how one event is
// written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sim {

enum class event_kind : std::uint8_t {
    none,    // the stream is over; nothing was appended
    content, // a piece of the answer: what pace and the counted faults count
    other,   // roles, finish reasons, usage, [DONE]
};

class event_source {
public:
    event_source() = default;
    event_source(const event_source&) = delete;
    event_source& operator=(const event_source&) = delete;
    virtual ~event_source() = default;

    // Appends the next event, ready to be sent, and says what it is.
    [[nodiscard]] virtual event_kind next(std::string& out) = 0;
};

struct event_style {
    bool crlf = false;     // lines end in CR LF
    bool comments = false; // a comment line stands before the event
};

// Appends "data: …" and a blank line. `data` has no line end.
void append_event(std::string& out, std::string_view data, event_style style);
// The same with a line "event: …" before it.
void append_named_event(std::string& out, std::string_view type, std::string_view data, event_style style);

} // namespace sluice::sim
