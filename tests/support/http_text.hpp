// HTTP messages as text, for tests: read leniently, because what is tested is the other side.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::support {

// One answer as a client saw it.
struct answer {
    int status = 0;        // 0: none came
    std::string head;      // with the blank line
    std::string body;      // chunks put together
    bool complete = false; // the body ended as its framing says
    bool chunked = false;

    [[nodiscard]] std::string field(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
};

// The value of the first field of that name in a head, or nullopt.
[[nodiscard]] std::optional<std::string> find_field(std::string_view head, std::string_view name);

// Takes one message body from the front of a growing input, as a head frames it. Made for one body; large
// ones come in linear time.
class body_reader {
public:
    explicit body_reader(std::string_view head);
    // Moves what is complete from `input` to body(). True when the body has ended. `to_end`: the connection
    // has ended, and with it a body without a length.
    bool take(std::string& input, bool to_end);
    [[nodiscard]] std::string& body() { return body_; }

private:
    bool take_chunks(std::string& input);

    bool chunked_ = false;
    std::optional<std::size_t> length_;
    std::string body_;
};

[[nodiscard]] std::size_t count(std::string_view text, std::string_view part);

// The payloads of the `data:` lines of an event stream.
[[nodiscard]] std::vector<std::string> event_data(std::string_view stream);

// "5\r\nhello\r\n".
[[nodiscard]] std::string chunk(std::string_view data);

} // namespace sluice::support
