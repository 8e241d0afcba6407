// Anthropic's Messages, for clients that speak it themselves (providers.md §3, §7.10).
#include "providers/anthropic.hpp"
#include "providers/anthropic_event.hpp"
#include "providers/native.hpp"
#include "providers/passing_decoder.hpp"

#include <utility>

namespace sluice::providers::native {

namespace {

constexpr flavour direct;
constexpr flavour vertex = {.sends_model = false, .body_version = "vertex-2023-10-16"};

// Anthropic's own form, or that of a service around Claude.
bool is_error(const anthropic::event_said& said) noexcept {
    return said.kind == anthropic::event_kind::error ||
           (said.kind == anthropic::event_kind::other && said.has_error);
}

class messages_decoder final : public passing_decoder {
public:
    using passing_decoder::passing_decoder;
    [[nodiscard]] usage used() const noexcept override { return to_usage(used_.sum()); }

private:
    [[nodiscard]] result<passed> look(const http::sse_event& event) override;

    anthropic::counts used_;
};

result<passed> messages_decoder::look(const http::sse_event& event) {
    anthropic::event_said said;
    if (!anthropic::read_event(event.data, said, used_)) return not_json();
    if (is_error(said)) return fail(upstream_stream_error(to_, event.data));
    return said.kind == anthropic::event_kind::message_stop ? passed::last : passed::more;
}

class messages final : public upstream_api {
public:
    explicit messages(const flavour& of)
        : of_(of) {}

    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override {
        splice(call, to, of_, out);
        return {};
    }
    using upstream_api::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call&, const target& to, const answer_context& context) const override {
        return std::make_unique<messages_decoder>(to, context);
    }
    using upstream_api::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call&,
                                             const target& to,
                                             const answer_context&,
                                             std::string_view body) const override;

private:
    const flavour& of_;
};

result<answer> messages::read_answer(const unified::call&,
                                     const target& to,
                                     const answer_context&,
                                     std::string_view body) const {
    anthropic::event_said said;
    anthropic::counts used;
    if (!anthropic::read_event(body, said, used)) return fail(upstream_error(to, 200, {}, body, 0));
    if (is_error(said)) return fail(upstream_stream_error(to, body));
    answer out;
    out.used = to_usage(used.sum());
    return out;
}

} // namespace

const upstream_api& messages_api() noexcept {
    static const messages instance(direct);
    return instance;
}

const upstream_api& vertex_messages_api() noexcept {
    static const messages instance(vertex);
    return instance;
}

const upstream_api& count_tokens_api() noexcept {
    return messages_api(); // its answer counts nothing that was used
}

} // namespace sluice::providers::native
