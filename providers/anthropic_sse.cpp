// Anthropic's events in the frames of server-sent events.
#include "core/http/sse.hpp"
#include "providers/anthropic.hpp"

#include <optional>

namespace sluice::providers::anthropic {

namespace {

class sse_decoder final : public decoder {
public:
    sse_decoder(const unified::call& call, const target& to, const answer_context& context)
        : to_(to)
        , events_(context.max_event_bytes)
        , translator_(call, to, context) {}

    [[nodiscard]] result<void> body(std::string_view in, std::string& out) override;
    [[nodiscard]] result<void> end(std::string& out) override;
    [[nodiscard]] bool finished() const noexcept override { return translator_.finished(); }
    [[nodiscard]] usage used() const noexcept override { return translator_.used(); }

private:
    result<void> event(const http::sse_event& next, std::string& out);

    const target& to_;
    http::sse_decoder events_;
    event_translator translator_;
};

result<void> sse_decoder::body(std::string_view in, std::string& out) {
    if (finished()) return {};
    events_.feed(in);
    while (!finished()) {
        auto next = events_.next();
        if (!next) return fail(upstream_failure(to_, next.error().code, next.error().message));
        const std::optional<http::sse_event>& one = *next;
        if (!one) return {};
        if (auto good = event(*one, out); !good) return good;
    }
    return {};
}

result<void> sse_decoder::event(const http::sse_event& next, std::string& out) {
    if (next.data.find_first_not_of(" \n") == std::string_view::npos) return {};
    if (next.type == "error") return fail(upstream_stream_error(to_, next.data));
    return translator_.event(next.data, out);
}

result<void> sse_decoder::end(std::string& out) {
    if (finished()) return {};
    // An event that no blank line ended counts if it is whole (providers.md §14).
    const auto last = events_.finish();
    if (last && event_translator::is_whole(last->data)) {
        if (auto good = event(*last, out); !good || finished()) return good;
    }
    return fail(translator_.ended_too_early());
}

} // namespace

std::unique_ptr<decoder>
make_sse_decoder(const unified::call& call, const target& to, const answer_context& context) {
    return std::make_unique<sse_decoder>(call, to, context);
}

} // namespace sluice::providers::anthropic
