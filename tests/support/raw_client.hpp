// A client that sends exactly the bytes it is told to and reads what comes. Blocking, on the test's thread;
// every read gives up after `patience`.
#pragma once

#include "tests/support/descriptor.hpp"
#include "tests/support/http_text.hpp"
#include "tests/support/waiting.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::support {

class raw_client {
public:
    // Connects to loopback. `receive_buffer`: bytes of SO_RCVBUF, 0 for the system's choice.
    explicit raw_client(std::uint16_t port, int receive_buffer = 0);

    // All of it; false when the peer takes no more.
    bool send(std::string_view bytes);

    // The next whole answer. `to_head`: the request was a HEAD, so there is no body whatever the head says.
    [[nodiscard]] answer read_answer(bool to_head = false);
    // The head of the next answer only.
    [[nodiscard]] answer read_head();
    // Until `mark` has come (it is in the result), or the end.
    [[nodiscard]] std::string read_until(std::string_view mark);
    // Everything up to the end of the connection.
    [[nodiscard]] std::string read_to_end();
    // Everything that has come before `within` is over, or the end.
    [[nodiscard]] std::string read_for(std::chrono::milliseconds within);

    // The peer has ended the connection (FIN or RST), before or within `within`; what came before is kept.
    [[nodiscard]] bool is_closed(std::chrono::milliseconds within = patience);

    void half_close();
    // Ends with an RST.
    void reset();
    void close() { socket_.close(); }

private:
    // False at the end of the connection or of the time.
    [[nodiscard]] bool read_more(std::chrono::steady_clock::time_point until);

    descriptor socket_;
    std::string input_;
    bool ended_ = false;
};

} // namespace sluice::support
