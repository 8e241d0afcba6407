// AI21's chunks into OpenAI's (providers.md §5): each of them says in one what there are several chunks for.
#include "providers/ai21.hpp"
#include "providers/ai21_event.hpp"
#include "providers/chunk_writer.hpp"
#include "providers/list_parts.hpp"
#include "providers/sse_stream.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <string>

namespace sluice::providers::ai21 {

namespace {

constexpr std::string_view done_mark = "[DONE]";
constexpr std::size_t most_choices = 128; // of chunk_writer

class chat_decoder final : public sse_stream {
public:
    chat_decoder(const unified::call& call, const target& to, const answer_context& context)
        : sse_stream(to, context.max_event_bytes)
        , ids_(context.id_stem)
        , kind_(call.kind)
        , wanted_choices_(std::min(count_choices(call), most_choices))
        , chunks_(call.kind, context.created, call.include_usage) {}

    [[nodiscard]] bool finished() const noexcept override { return finished_; }
    [[nodiscard]] usage used() const noexcept override { return used_; }

protected:
    [[nodiscard]] result<void> event(const http::sse_event& next, std::string& out) override;
    [[nodiscard]] bool is_whole(std::string_view data) const override;
    // Good without [DONE], once all choices have their reasons.
    [[nodiscard]] result<void> cut_off(std::string& out) override;

private:
    // The call of a choice whose arguments come.
    struct choice_state {
        bool begun = false;
        bool in_call = false;
        std::size_t index = 0;
        std::string id; // as it stands in the event
    };

    [[nodiscard]] result<void> choice(const choice_said& said, std::string& out);
    [[nodiscard]] result<void> call(const call_said& said, std::size_t of, std::string& out);
    [[nodiscard]] bool is_complete() const noexcept;
    [[nodiscard]] tally counted() const noexcept;

    id_maker ids_;
    task kind_;
    std::size_t wanted_choices_;
    chunk_writer chunks_;
    absl::InlinedVector<choice_state, 1> choices_;
    usage used_;
    bool finished_ = false;
};

bool chat_decoder::is_whole(std::string_view data) const {
    event_said ignored;
    usage unused;
    return data.starts_with(done_mark) || read_event(data, ignored, unused);
}

result<void> chat_decoder::event(const http::sse_event& next, std::string& out) {
    const std::string_view data = next.data;
    if (data.starts_with(done_mark)) return cut_off(out);
    event_said said;
    if (!read_event(data, said, used_)) return not_json(data);
    if (said.is_error || (said.is_other_error && !said.has_choices))
        return fail(upstream_stream_error(to_, data));
    if (!chunks_.begun() && !said.choices.empty()) {
        std::string own;
        walk::append_unescaped(own, said.id);
        chunks_.begin(own.empty() ? ids_.answer_id(kind_) : own, to_.model);
    }
    for (const choice_said& each : said.choices) {
        if (auto good = choice(each, out); !good) return good;
    }
    return {};
}

result<void> chat_decoder::choice(const choice_said& said, std::string& out) {
    const std::size_t index = std::min(said.index, most_choices - 1);
    if (index >= choices_.size()) choices_.resize(index + 1);
    choices_[index].begun = true;
    chunks_.role(out, index);
    chunks_.content(out, piece::json(said.content), index);
    for (const call_said& each : said.calls) {
        if (auto good = call(each, index, out); !good) return good;
    }
    if (said.is_finished) chunks_.finish(out, finish_of(said.finish_reason), index);
    return {};
}

// Some servers repeat id and name with every piece, others send them once.
result<void> chat_decoder::call(const call_said& said, std::size_t of, std::string& out) {
    choice_state& state = choices_[of];
    const bool is_next = said.has_index ? said.index > state.index : !said.id.empty() && said.id != state.id;
    if (!state.in_call || is_next) {
        state.in_call = true;
        state.index = said.index;
        state.id = said.id;
        if (said.id.empty()) {
            chunks_.call_start(out, piece::plain(ids_.next_call_id()), piece::json(said.name), of);
        } else {
            chunks_.call_start(out, piece::json(said.id), piece::json(said.name), of);
        }
    } else if (said.has_index && said.index < state.index) {
        return fail(upstream_failure(to_, errc::bad_upstream, "the pieces of tool calls are mixed"));
    }
    chunks_.call_arguments(out, piece::json(said.arguments), of);
    return {};
}

bool chat_decoder::is_complete() const noexcept {
    if (choices_.size() < wanted_choices_) return false;
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        if ((i < wanted_choices_ || choices_[i].begun) && !chunks_.is_finished(i)) return false;
    }
    return true;
}

tally chat_decoder::counted() const noexcept {
    tally out;
    if (!used_.known) return out;
    out.prompt = used_.prompt_tokens;
    out.completion = used_.completion_tokens;
    out.total = used_.total_tokens;
    if (used_.cached_tokens > 0) out.cached = used_.cached_tokens;
    if (used_.reasoning_tokens > 0) out.reasoning = used_.reasoning_tokens;
    return out;
}

result<void> chat_decoder::cut_off(std::string& out) {
    if (!is_complete()) return sse_stream::cut_off(out);
    chunks_.end(out, counted());
    finished_ = true;
    return {};
}

} // namespace

std::unique_ptr<decoder>
make_chat_decoder(const unified::call& call, const target& to, const answer_context& context) {
    return std::make_unique<chat_decoder>(call, to, context);
}

} // namespace sluice::providers::ai21
