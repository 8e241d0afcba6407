// An answer as a script: what to write, when to wait and how it ends, step by step. All framing and all
// faults are here, with neither socket nor clock; the shell in connection.cpp does what the steps say.
#pragma once

#include "tools/provider/events.hpp"
#include "tools/provider/knobs.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::sim {

// What the service wants to say, before any fault.
struct answer {
    int status = 200;
    std::string content_type = "application/json";
    std::string fields; // more head lines, each with CR LF
    std::string body;
    std::unique_ptr<event_source> events; // not null: a stream, `body` is not used
    bool keep_alive = true;               // as the client asked for
    bool http_1_0 = false;
};

// What does the shell do next?
enum class action : std::uint8_t {
    more,  // bytes were appended; they may be written together with what follows
    wait,  // write what there is, then wait until `pause` after the last wait was due
    keep,  // write; the answer is over and the connection serves the next request
    close, // write, then close
    reset, // write, then close with a TCP reset
    hang,  // write, then do nothing until the peer has left
};

struct step {
    action what = action::more;
    std::chrono::milliseconds pause{0};
    bool content = false; // the bytes are one content chunk of a stream
};

class script {
public:
    script(answer a, knobs k);

    // Appends what is to be written next. Not to be called again after keep, close, reset or hang.
    [[nodiscard]] step next(std::string& out);

    [[nodiscard]] const knobs& settings() const noexcept { return knobs_; }
    [[nodiscard]] bool is_stream() const noexcept { return answer_.events != nullptr; }

private:
    enum class framing : std::uint8_t { none, length, chunked, until_close };
    enum class stage : std::uint8_t { latency, head, body, events };

    step produce(std::string& out);
    step drip(std::string& out, std::chrono::milliseconds pause);
    step head(std::string& out);
    step body(std::string& out);
    step event(std::string& out);
    step end(std::string& out);
    [[nodiscard]] step cut() const noexcept;
    void append_head(std::string& out) const;
    void append_chunk(std::string& out, std::string_view bytes) const;
    void append_event_bytes(std::string& out);
    [[nodiscard]] bool stop_at_event(event_kind kind) const noexcept;

    answer answer_;
    knobs knobs_;
    framing framing_ = framing::length;
    stage stage_ = stage::latency;
    bool closes_ = false; // the connection does not outlive the answer
    std::string event_;   // an event that waits for its time
    bool event_held_ = false;
    bool broken_ = false;      // the broken chunk was sent
    std::size_t contents_ = 0; // content chunks so far
    std::string dripping_;     // bytes to be written one by one
    std::size_t dripped_ = 0;
    step after_drip_;
    bool drip_pause_ = false;
};

} // namespace sluice::sim
