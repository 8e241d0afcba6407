// The decoder of a stream of server-sent events, but for what the events mean.
#pragma once

#include "core/http/sse.hpp"
#include "providers/provider.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::providers {

class sse_stream : public decoder {
public:
    [[nodiscard]] result<void> body(std::string_view in, std::string& out) final;
    [[nodiscard]] result<void> end(std::string& out) final;

protected:
    // `to` outlives the decoder.
    sse_stream(const target& to, std::size_t max_event_bytes)
        : to_(to)
        , events_(max_event_bytes) {}

    // One event, until finished(): neither blank nor an error by its type. json::padding bytes behind its
    // data are readable.
    [[nodiscard]] virtual result<void> event(const http::sse_event& next, std::string& out) = 0;

    // Is this one whole event? Asked for the last one when no blank line ended it (providers.md §14).
    [[nodiscard]] virtual bool is_whole(std::string_view data) const = 0;

    // The body has ended without the event that ends a stream; by default that is an error.
    [[nodiscard]] virtual result<void> cut_off(std::string& out);

    // Of an event that is no JSON object. In a list it may be an error, which is told then.
    [[nodiscard]] tl::unexpected<error> not_json(std::string_view data) const;

    const target& to_;

private:
    [[nodiscard]] result<void> take(const http::sse_event& next, std::string& out);

    http::sse_decoder events_;
};

} // namespace sluice::providers
