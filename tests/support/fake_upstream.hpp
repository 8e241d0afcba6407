// A provider that does what a test's script says, well or badly, over TCP or TLS on a free loopback port, and
// remembers what it was sent. Every connection has a thread of its own; scripts run there.
//
//     upstream.when("marker").stream_head().send_chunk(event("a")).hold().reset();
//     upstream.always().answer_json(chat_answer("hello"));
#pragma once

#include "tests/support/certificates.hpp"
#include "tests/support/waiting.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::support {

// One request as it came.
struct received {
    std::size_t connection = 0; // counted from 0 in the order of accepting
    std::string head;           // with the blank line
    std::string body;

    [[nodiscard]] std::string field(std::string_view name) const;
};

// The connection that a script step talks on.
class upstream_link {
public:
    virtual ~upstream_link() = default;
    // False: the gateway has gone.
    virtual bool send(std::string_view bytes) = 0;
    // Both end early, with false, when the gateway has gone.
    virtual bool pause(std::chrono::milliseconds time) = 0;
    virtual bool hold() = 0; // until one release() is there for it
    virtual void wait_gone() = 0;
    virtual void cork(bool on) = 0;           // while on, what is sent waits, to leave in one piece
    virtual void finish() = 0;                // FIN; TLS: a close_notify first
    virtual void finish_without_notice() = 0; // FIN alone
    virtual void reset() = 0;                 // RST
};

// What is done about a request: its steps in turn. After the last one the connection waits for its next
// request, unless a step ended it.
class script {
public:
    using step = std::function<bool(upstream_link&, const received&)>; // false: the connection is over

    // The script holds for so many requests only.
    script& times(std::size_t n);

    script& answer(int status, std::string_view fields, std::string_view body); // `fields`: whole lines
    script& answer_json(std::string_view body, int status = 200);
    script& send(std::string bytes);
    // Several sends (TLS: records) that arrive together.
    script& send_together(std::vector<std::string> all);
    // A whole event stream, chunked, with pauses between the events. Its end comes with the last event, so
    // that the connection is free for the next request once the client has the whole answer.
    script& stream(std::vector<std::string> events,
                   std::chrono::milliseconds between = std::chrono::milliseconds(0));
    script& stream_head();
    script& send_chunk(std::string_view data);
    script& end_chunks();
    script& pause(std::chrono::milliseconds time);
    script& hold();
    script& stall(); // until the gateway goes
    script& close();
    script& reset();
    script& run(step what);

private:
    friend class fake_upstream;
    std::string part_;
    std::size_t left_ = SIZE_MAX;
    std::vector<step> steps_;
};

// What a TLS client asked for.
struct handshake {
    bool done = false;
    bool resumed = false;
    std::string server_name; // SNI
};

class fake_upstream {
public:
    fake_upstream();
    explicit fake_upstream(const identity& tls);
    fake_upstream(const fake_upstream&) = delete;
    fake_upstream& operator=(const fake_upstream&) = delete;
    ~fake_upstream();

    // For the requests that contain this text, in the request line or the body. The first script that holds
    // is taken. References are good until clear().
    script& when(std::string_view part);
    script& always() { return when(""); }
    // Run on every new connection, before anything is read.
    script& on_accept();
    // Forgets all scripts.
    void clear();
    // Lets one hold() end, now or later.
    void release(std::size_t n = 1);

    [[nodiscard]] std::uint16_t port() const;
    // "http://127.0.0.1:1234/v1"; https with `host` for TLS.
    [[nodiscard]] std::string base_url(std::string_view host = "127.0.0.1") const;

    [[nodiscard]] std::vector<received> requests() const;
    [[nodiscard]] std::size_t request_count() const;
    [[nodiscard]] std::size_t accepted() const;
    [[nodiscard]] std::size_t open() const; // connections that neither side has ended
    [[nodiscard]] std::uint64_t bytes_sent() const;
    [[nodiscard]] std::vector<handshake> handshakes() const;

    [[nodiscard]] bool wait_requests(std::size_t n) const;
    [[nodiscard]] bool wait_open(std::size_t n) const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

// --- texts of the OpenAI dialect
// ---------------------------------------------------------------------------------------

[[nodiscard]] std::string chat_answer(std::string_view content);
// One chunk of a chat stream as an event, with its blank line.
[[nodiscard]] std::string event(std::string_view content);
// The chunk that finishes the choice.
[[nodiscard]] std::string last_event();
inline constexpr std::string_view done_event = "data: [DONE]\n\n";
// A whole stream: one event for each content, the finish and [DONE].
[[nodiscard]] std::vector<std::string> chat_stream(const std::vector<std::string>& contents);

} // namespace sluice::support
