// Gemini's stream into OpenAI's (providers.md §7.8).
#include "providers/answer_images.hpp"
#include "providers/chunk_writer.hpp"
#include "providers/gemini_event.hpp"
#include "providers/list_parts.hpp"
#include "providers/slices.hpp"
#include "providers/sse_stream.hpp"
#include "providers/walk.hpp"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <optional>
#include <string>

namespace sluice::providers::gemini {

namespace {

// Real services send none; what stands before them may.
constexpr std::string_view done_mark = "[DONE]";

std::string decoded(std::string_view inside) {
    std::string text;
    walk::append_unescaped(text, inside);
    return text;
}

class sse_decoder final : public sse_stream {
public:
    sse_decoder(const unified::call& call, const target& to, const answer_context& context)
        : sse_stream(to, context.max_event_bytes)
        , kind_(call.kind)
        , wanted_choices_(count_choices(call))
        , ids_(context.id_stem)
        , chunks_(call.kind, context.created, call.include_usage) {}

    [[nodiscard]] bool finished() const noexcept override { return finished_; }
    [[nodiscard]] usage used() const noexcept override { return to_usage(used_.sum()); }

protected:
    [[nodiscard]] result<void> event(const http::sse_event& next, std::string& out) override;
    [[nodiscard]] bool is_whole(std::string_view data) const override {
        event_said ignored;
        return read_event(data, ignored);
    }
    // A stream has no event that ends it; what must have come is a reason for each choice (providers.md
    // §1.9).
    [[nodiscard]] result<void> cut_off(std::string& out) override;

private:
    struct choice_state {
        bool begun = false;
        std::optional<finish> reason;
    };

    void begin(const event_said& said);
    void note(const event_said& said, std::string& out);
    void part(const part_said& said, std::size_t choice, std::string& out);
    void called(const part_said& said, std::size_t choice, std::string& out);

    const task kind_;
    const std::size_t wanted_choices_;
    id_maker ids_;
    chunk_writer chunks_;
    counts used_;
    // Reasons go out with the end of the body: an event may still bring a call that makes another one of it.
    absl::InlinedVector<choice_state, 1> choices_;
    event_said said_; // keeps its memory from event to event
    std::string id_;
    std::string arguments_;
    bool is_blocked_ = false;
    bool finished_ = false;
};

result<void> sse_decoder::event(const http::sse_event& next, std::string& out) {
    const std::string_view data = next.data;
    if (data.starts_with(done_mark)) return {};
    said_.id = {};
    said_.model = {};
    said_.candidates.clear();
    said_.parts.clear();
    said_.used = counts();
    said_.is_blocked = false;
    said_.is_error = false;
    if (!read_event(data, said_)) return not_json(data);
    if (said_.used.known()) used_ = said_.used;
    if (said_.is_error) return fail(upstream_stream_error(to_, data));
    is_blocked_ = is_blocked_ || said_.is_blocked;
    begin(said_);
    note(said_, out);
    return {};
}

void sse_decoder::begin(const event_said& said) {
    if (chunks_.begun()) return;
    chunks_.begin(said.id.empty() ? ids_.answer_id(kind_) : decoded(said.id),
                  said.model.empty() ? to_.model : decoded(said.model));
}

void sse_decoder::note(const event_said& said, std::string& out) {
    std::size_t at = 0; // of the next part
    for (std::size_t i = 0; i < said.candidates.size(); ++i) {
        const candidate_said& one = said.candidates[i];
        if (one.index >= choices_.size()) choices_.resize(one.index + 1);
        choices_[one.index].begun = true;
        chunks_.role(out, one.index);
        for (; at < said.parts.size() && said.parts[at].candidate == i; ++at)
            part(said.parts[at], one.index, out);
        if (one.has_finish_reason) choices_[one.index].reason = finish_of(one.finish_reason);
    }
}

void sse_decoder::part(const part_said& said, std::size_t choice, std::string& out) {
    if (!said.name.empty()) return called(said, choice, out);
    const piece text = piece::json(said.text);
    if (said.is_thought) return chunks_.reasoning(out, text, choice); // drafts of images too
    chunks_.content(out, text, choice);
    const std::string image = image_url(said.media_type, said.data);
    chunks_.image(out, piece::json(image), choice);
}

void sse_decoder::called(const part_said& said, std::size_t choice, std::string& out) {
    id_.clear();
    if (said.id.empty()) {
        id_ = ids_.next_call_id();
    } else {
        walk::append_unescaped(id_, said.id);
    }
    if (!said.signature.empty()) {
        id_ += signature_mark;
        walk::append_unescaped(id_, said.signature);
    }
    arguments_.clear();
    append_minified(arguments_, said.arguments);
    chunks_.call_whole(out, piece::plain(id_), piece::json(said.name), piece::plain(arguments_), choice);
}

result<void> sse_decoder::cut_off(std::string& out) {
    if (is_blocked_) {
        if (choices_.empty()) choices_.emplace_back().begun = true;
        for (choice_state& each : choices_)
            each.reason = each.reason.value_or(finish::content_filter);
    }
    const auto begun = static_cast<std::size_t>(
        std::count_if(choices_.begin(), choices_.end(), [](const choice_state& each) { return each.begun; }));
    // Of what is blocked nothing more will come.
    const bool is_complete = !choices_.empty() && (is_blocked_ || begun >= wanted_choices_) &&
                             std::all_of(choices_.begin(), choices_.end(), [](const choice_state& each) {
                                 return !each.begun || each.reason.has_value();
                             });
    if (!is_complete) return sse_stream::cut_off(out);
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        if (choices_[i].begun) chunks_.finish(out, choices_[i].reason.value_or(finish::stop), i);
    }
    chunks_.end(out, used_.sum());
    finished_ = true;
    return {};
}

} // namespace

std::unique_ptr<decoder>
make_sse_decoder(const unified::call& call, const target& to, const answer_context& context) {
    return std::make_unique<sse_decoder>(call, to, context);
}

} // namespace sluice::providers::gemini
