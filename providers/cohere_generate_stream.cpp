// Events of v1 generate into OpenAI's (providers.md §4.6).
#include "providers/cohere_event.hpp"
#include "providers/failures.hpp"
#include "providers/json_lines.hpp"
#include "providers/list_parts.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <string>

namespace sluice::providers::cohere {

namespace {

class lines_decoder final : public decoder {
public:
    lines_decoder(const unified::call& call, const target& to, const answer_context& context)
        : to_(to)
        , lines_(context.max_event_bytes)
        , translator_(call, to, context) {}

    [[nodiscard]] result<void> body(std::string_view in, std::string& out) override;
    [[nodiscard]] result<void> end(std::string& out) override;
    [[nodiscard]] bool finished() const noexcept override { return translator_.finished(); }
    [[nodiscard]] usage used() const noexcept override { return translator_.used(); }

private:
    const target& to_;
    json_lines lines_;
    generate_translator translator_;
};

result<void> lines_decoder::body(std::string_view in, std::string& out) {
    if (finished()) return {};
    lines_.feed(in);
    while (!finished()) {
        auto next = lines_.next();
        if (!next) return fail(upstream_failure(to_, next.error().code, next.error().message));
        const std::optional<std::string_view>& line = *next;
        if (!line) return {};
        if (auto good = translator_.event(*line, out); !good) return good;
    }
    return {};
}

result<void> lines_decoder::end(std::string& out) {
    if (finished()) return {};
    const auto last = lines_.finish();
    if (last && generate_translator::is_whole(*last)) {
        if (auto good = translator_.event(*last, out); !good || finished()) return good;
    }
    return fail(translator_.ended_too_early());
}

} // namespace

generate_translator::generate_translator(const unified::call& call,
                                         const target& to,
                                         const answer_context& context)
    : to_(to)
    , ids_(context.id_stem)
    , kind_(call.kind)
    , chunks_(call.kind, context.created, call.include_usage)
    , choices_(count_choices(call)) {}

bool generate_translator::is_whole(std::string_view data) {
    generated ignored;
    counts unused;
    return read_generated(data, ignored, unused);
}

error generate_translator::ended_too_early() const {
    return upstream_failure(to_, errc::bad_upstream, ended_early);
}

result<void> generate_translator::event(std::string_view data, std::string& out) {
    if (finished_) return {};
    generated said;
    if (!read_generated(data, said, counts_))
        return fail(upstream_failure(to_, errc::bad_upstream, "an event of the stream is not a JSON object"));
    const bool failed =
        is_failure(said.finish_reason) || std::any_of(said.reasons.begin(), said.reasons.end(), is_failure);
    if (said.is_error || failed) return fail(upstream_stream_error(to_, data));
    if (!chunks_.begun()) {
        std::string own;
        walk::append_unescaped(own, said.id);
        chunks_.begin(own.empty() ? ids_.answer_id(kind_) : own, to_.model);
    }
    const std::size_t index = std::min(said.index, choices_ - 1);
    // The end repeats all texts.
    if (!said.is_end) chunks_.content(out, piece::json(said.text), index);
    const bool ends_one = said.is_finished && !chunks_.is_finished(index) && !said.is_end;
    if (ends_one) chunks_.finish(out, finish_of(said.finish_reason), index);
    finished_choices_ += ends_one ? 1 : 0;
    if (!is_last(said)) return {};
    finish_choices(said, out);
    chunks_.end(out, counts_.of_meta());
    finished_ = true;
    return {};
}

// Of several generations each tells its own end.
bool generate_translator::is_last(const generated& said) const noexcept {
    if (said.is_end) return true;
    return said.is_finished && (!said.has_index || finished_choices_ >= choices_);
}

void generate_translator::finish_choices(const generated& said, std::string& out) {
    const std::size_t choices = std::clamp<std::size_t>(said.reasons.size(), 1, choices_);
    for (std::size_t i = 0; i < choices; ++i) {
        const bool has_own = i < said.reasons.size() && !said.reasons[i].empty();
        chunks_.finish(out, finish_of(has_own ? said.reasons[i] : said.finish_reason), i);
    }
}

std::unique_ptr<decoder>
make_lines_decoder(const unified::call& call, const target& to, const answer_context& context) {
    return std::make_unique<lines_decoder>(call, to, context);
}

} // namespace sluice::providers::cohere
