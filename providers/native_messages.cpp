// Anthropic's Messages, for clients that speak it themselves (providers.md §3, §7.10).
#include "providers/answer_pieces.hpp"
#include "providers/anthropic.hpp"
#include "providers/anthropic_event.hpp"
#include "providers/failures.hpp"
#include "providers/native.hpp"
#include "providers/passing_decoder.hpp"

#include <utility>

namespace sluice::providers::native {

namespace {

constexpr flavour native_direct;
constexpr flavour vertex = {.sends_model = false, .body_version = "vertex-2023-10-16"};

// What a call's whole answer must have.
enum class wanted : std::uint8_t { message, count };

// Anthropic's own form, or that of a service around Claude.
bool is_error(const anthropic::event_said& said) noexcept {
    return said.kind == anthropic::event_kind::error || said.has_error;
}

class messages_decoder final : public passing_decoder {
public:
    using passing_decoder::passing_decoder;
    [[nodiscard]] usage used() const noexcept override { return to_usage(used_.sum()); }

private:
    [[nodiscard]] result<passed> look(const http::sse_event& event) override;

    anthropic::counts used_;
    bool has_reason_ = false; // why the Message ended
};

result<passed> messages_decoder::look(const http::sse_event& event) {
    anthropic::event_said said;
    if (!anthropic::read_event(event.data, said, used_)) return not_json(event.data);
    if (is_error(said) || !said.has_type) return fail(upstream_stream_error(to_, event.data));
    has_reason_ = has_reason_ || (said.has_stop_reason && !said.stop_reason.empty());
    if (said.kind != anthropic::event_kind::message_stop) return passed::more;
    // An end without a reason may be that of half a Message.
    if (!has_reason_) return fail(upstream_failure(to_, errc::bad_upstream, ended_early));
    return passed::last;
}

class messages final : public upstream_api {
public:
    explicit messages(const flavour& of, wanted what = wanted::message)
        : of_(of)
        , what_(what) {}

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
    wanted what_;
};

result<answer> messages::read_answer(const unified::call&,
                                     const target& to,
                                     const answer_context& context,
                                     std::string_view body) const {
    anthropic::event_said said;
    anthropic::counts used;
    if (!anthropic::read_event(body, said, used)) return fail(upstream_error(to, 200, {}, body, 0));
    const bool is_answer = what_ == wanted::count ? said.has_input_tokens : said.has_content;
    if (is_error(said) || !is_answer) return unusable(to, context, used.sum(), body);
    if (what_ == wanted::message && said.stop_reason.empty()) return without_end(to, context, used.sum());
    answer out;
    out.has_choices = true;
    out.used = to_usage(used.sum());
    return out;
}

} // namespace

const upstream_api& messages_api() noexcept {
    static const messages instance(native_direct);
    return instance;
}

const upstream_api& vertex_messages_api() noexcept {
    static const messages instance(vertex);
    return instance;
}

const upstream_api& count_tokens_api() noexcept {
    static const messages instance(native_direct, wanted::count); // its answer counts nothing that was used
    return instance;
}

} // namespace sluice::providers::native
