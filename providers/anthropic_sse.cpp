// Anthropic's events in the frames of server-sent events.
#include "providers/anthropic.hpp"
#include "providers/sse_stream.hpp"

namespace sluice::providers::anthropic {

namespace {

class sse_decoder final : public sse_stream {
public:
    sse_decoder(const unified::call& call, const target& to, const answer_context& context)
        : sse_stream(to, context.max_event_bytes)
        , translator_(call, to, context) {}

    [[nodiscard]] bool finished() const noexcept override { return translator_.finished(); }
    [[nodiscard]] usage used() const noexcept override { return translator_.used(); }

protected:
    [[nodiscard]] result<void> event(const http::sse_event& next, std::string& out) override {
        return translator_.event(next.data, out);
    }
    [[nodiscard]] bool is_whole(std::string_view data) const override {
        return event_translator::is_whole(data);
    }

private:
    event_translator translator_;
};

} // namespace

std::unique_ptr<decoder>
make_sse_decoder(const unified::call& call, const target& to, const answer_context& context) {
    return std::make_unique<sse_decoder>(call, to, context);
}

} // namespace sluice::providers::anthropic
