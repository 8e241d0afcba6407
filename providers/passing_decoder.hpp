// A stream of server-sent events that goes to the client as it came: whole events, looked at in passing; or
// their data as one JSON list.
#pragma once

#include "providers/sse_stream.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::providers::native {

enum class passed : std::uint8_t {
    more,   // there is more to come
    last,   // the stream is complete; what follows is not sent
    ended,  // the stream may end with this event, and may go on
    failed, // as last, and the event tells of a failure
};

class passing_decoder : public sse_stream {
public:
    // `to` outlives it.
    passing_decoder(const target& to, const answer_context& context)
        : sse_stream(to, context.max_event_bytes)
        , as_list_(context.as_list) {}

    [[nodiscard]] bool finished() const noexcept final { return finished_; }
    [[nodiscard]] const error* failure() const noexcept final { return failure_ ? &*failure_ : nullptr; }

protected:
    // What one event means; its data is not blank. Error: it is an error, or not of the dialect.
    [[nodiscard]] virtual result<passed> look(const http::sse_event& event) = 0;
    // The same of the event that ends the stream and tells what went wrong: it is passed without keys.
    [[nodiscard]] passed told(error failed) {
        failure_ = std::move(failed);
        return passed::failed;
    }

    [[nodiscard]] result<void> event(const http::sse_event& next, std::string& out) final;
    [[nodiscard]] bool is_whole(std::string_view data) const final;
    [[nodiscard]] result<void> cut_off(std::string& out) final;

private:
    void append(std::string& out, const http::sse_event& event);
    [[nodiscard]] bool append_safely(std::string& out, const http::sse_event& event);

    const bool as_list_; // the data of each event is an element of a JSON list
    bool begun_ = false; // it has one
    std::optional<error> failure_;
    bool may_end_ = false;
    bool finished_ = false;
};

} // namespace sluice::providers::native
