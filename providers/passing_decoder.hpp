// A stream of server-sent events that goes to the client as it came: whole events, looked at in passing.
#pragma once

#include "core/http/sse.hpp"
#include "providers/provider.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::providers::native {

enum class passed : std::uint8_t {
    more,  // there is more to come
    last,  // the stream is complete; what follows is not sent
    ended, // the stream may end with this event, and may go on
};

class passing_decoder : public decoder {
public:
    // `to` outlives it.
    passing_decoder(const target& to, const answer_context& context)
        : to_(to)
        , events_(context.max_event_bytes) {}

    [[nodiscard]] result<void> body(std::string_view in, std::string& out) final;
    [[nodiscard]] result<void> end(std::string& out) final;
    [[nodiscard]] bool finished() const noexcept final { return finished_; }

protected:
    // What one event means; its data is not blank. Error: it is an error, or not of the dialect.
    [[nodiscard]] virtual result<passed> look(const http::sse_event& event) = 0;

    [[nodiscard]] const target& to() const noexcept { return to_; }
    [[nodiscard]] tl::unexpected<error> not_json() const;

private:
    [[nodiscard]] result<void> pass(const http::sse_event& event, std::string& out);

    const target& to_;
    http::sse_decoder events_;
    bool may_end_ = false;
    bool finished_ = false;
};

} // namespace sluice::providers::native
