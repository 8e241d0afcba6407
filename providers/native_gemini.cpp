// Gemini's generateContent, for clients that speak it themselves (providers.md §7).
#include "providers/answer_pieces.hpp"
#include "providers/gemini_event.hpp"
#include "providers/native.hpp"
#include "providers/passing_decoder.hpp"
#include "providers/slices.hpp"
#include "providers/tally.hpp"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sluice::providers::native {

namespace {

// Neither an answer nor a part of one.
bool is_error(const gemini::event_said& said) noexcept {
    const bool says_something = !said.candidates.empty() || said.is_blocked || said.used.known();
    return said.is_error || (said.is_other_error && !says_something);
}

// How many candidates the client asks for.
std::size_t wanted_candidates(const unified::call& call) {
    for (const unified::member& each : call.members) {
        const std::string_view key = call.body.substr(each.begin + 1, each.key_end - each.begin - 2);
        if (key != "generationConfig" && key != "generation_config") continue;
        slices config;
        if (!config.read(call.body.substr(each.value_begin, each.value_end - each.value_begin),
                         author::upstream))
            break;
        const slices::node given = config.root()["candidateCount"];
        const auto count = (given ? given : config.root()["candidate_count"]).count().value_or(1);
        return static_cast<std::size_t>(std::clamp<std::int64_t>(count, 1, gemini::most_candidates));
    }
    return 1;
}

class gemini_decoder final : public passing_decoder {
public:
    gemini_decoder(const unified::call& call, const target& to, const answer_context& context)
        : passing_decoder(to, context)
        , wanted_(wanted_candidates(call)) {}
    [[nodiscard]] usage used() const noexcept override { return to_usage(used_.sum()); }

private:
    enum class candidate : std::uint8_t { absent, begun, finished };

    [[nodiscard]] result<passed> look(const http::sse_event& event) override;
    void note(const gemini::event_said& said);
    // Every candidate that was asked for, and every other that has begun, has its reason.
    [[nodiscard]] bool may_end() const noexcept;

    const std::size_t wanted_;
    gemini::event_said said_; // keeps its memory from event to event
    gemini::counts used_;
    absl::InlinedVector<candidate, 2> candidates_; // by their index
    bool is_blocked_ = false;
};

void gemini_decoder::note(const gemini::event_said& said) {
    for (const gemini::candidate_said& each : said.candidates) {
        if (each.index >= gemini::most_candidates) continue;
        if (each.index >= candidates_.size()) candidates_.resize(each.index + 1, candidate::absent);
        candidate& state = candidates_[each.index];
        if (state != candidate::finished)
            state = each.has_finish_reason ? candidate::finished : candidate::begun;
    }
    is_blocked_ = is_blocked_ || said.is_blocked;
}

bool gemini_decoder::may_end() const noexcept {
    if (is_blocked_) return true;
    const auto count = [this](candidate which) {
        return static_cast<std::size_t>(std::count(candidates_.begin(), candidates_.end(), which));
    };
    return count(candidate::finished) >= wanted_ && count(candidate::begun) == 0;
}

result<passed> gemini_decoder::look(const http::sse_event& event) {
    said_ = gemini::event_said();
    if (!gemini::read_event(event.data, said_)) return not_json(event.data);
    if (said_.used.known()) used_ = said_.used;
    if (is_error(said_)) return fail(upstream_stream_error(to_, event.data));
    note(said_);
    return may_end() ? passed::ended : passed::more;
}

class generate_content final : public upstream_api {
public:
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override {
        splice(call, to, {}, out); // the path names the model
        return {};
    }
    using upstream_api::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const override {
        return std::make_unique<gemini_decoder>(call, to, context);
    }
    using upstream_api::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call&,
                                             const target& to,
                                             const answer_context&,
                                             std::string_view body) const override;
};

result<answer> generate_content::read_answer(const unified::call&,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const {
    gemini::event_said said;
    const std::size_t begin = body.find_first_not_of(" \t\r\n");
    const bool is_list = begin != std::string_view::npos && body[begin] == '['; // an error may stand in one
    if (!is_list && !gemini::read_event(body, said)) return fail(upstream_error(to, 200, {}, body, 0));
    const bool is_answer = !said.candidates.empty() || said.is_blocked;
    if (said.is_error || !is_answer) return unusable(to, context, said.used.sum(), body);
    const bool has_end =
        said.is_blocked || std::all_of(said.candidates.begin(), said.candidates.end(), [](const auto& each) {
            return each.has_finish_reason;
        });
    if (!has_end) return without_end(to, context, said.used.sum());
    answer out;
    out.has_choices = true;
    out.used = to_usage(said.used.sum());
    return out;
}

} // namespace

const upstream_api& gemini_api() noexcept {
    static const generate_content instance;
    return instance;
}

} // namespace sluice::providers::native
