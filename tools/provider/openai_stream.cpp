// The OpenAI dialect's streams: chat.completion.chunk and text_completion events, one after the other.
#include "tools/provider/openai.hpp"
#include "tools/provider/text.hpp"

#include <cstdint>
#include <utility>

namespace sluice::sim {

namespace {

class chunk_stream final : public event_source {
public:
    chunk_stream(const call& c, const knobs& k, std::vector<generated> choices);

    event_kind next(std::string& out) override;

private:
    enum class stage : std::uint8_t { roles, content, finishes, usage, done, over };

    struct speaker {
        generated said;
        std::size_t at = 0; // how much of the text has been sent
    };

    bool next_content(std::string& out);
    bool append_usage(std::string& out);
    void append_delta(std::string& out, std::size_t choice, std::string_view piece);
    void append_finish(std::string& out, std::size_t choice);
    void append_choice_chunk(std::string& out, std::string_view choice_json, std::string_view usage_member);

    std::vector<speaker> speakers_;
    std::string prefix_; // everything of a chunk up to its choices
    std::string usage_;
    std::string choice_; // scratch
    std::string chunk_;  // scratch
    knobs knobs_;
    bool chat_;
    bool include_usage_;
    stage stage_ = stage::roles;
    std::size_t turn_ = 0; // the choice whose event comes next
    std::size_t contents_ = 0;
};

chunk_stream::chunk_stream(const call& c, const knobs& k, std::vector<generated> choices)
    : usage_(usage_json(c, choices, true))
    , knobs_(k)
    , chat_(c.task == task_kind::chat)
    , include_usage_(c.include_usage && !k.no_usage) {
    prefix_ = R"({"id":")" + completion_id(c);
    prefix_ += chat_ ? R"(","object":"chat.completion.chunk","created":)"
                     : R"(","object":"text_completion","created":)";
    prefix_ += created_at;
    prefix_ += R"(,"model":)";
    append_quoted(prefix_, c.model);
    prefix_ += R"(,"system_fingerprint":")";
    prefix_ += fingerprint;
    prefix_ += R"(","choices":[)";
    speakers_.reserve(choices.size());
    for (generated& choice : choices)
        speakers_.push_back(speaker{std::move(choice), 0});
    if (!chat_) stage_ = stage::content;
}

event_kind chunk_stream::next(std::string& out) {
    switch (stage_) {
    case stage::roles:
        choice_ = R"({"index":)";
        append_number(choice_, turn_);
        choice_ +=
            R"(,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null})";
        append_choice_chunk(out, choice_, R"(,"usage":null)");
        if (++turn_ < speakers_.size()) return event_kind::other;
        turn_ = 0;
        stage_ = stage::content;
        return event_kind::other;
    case stage::content:
        if (knobs_.error_after && contents_ >= *knobs_.error_after) {
            append_event(out, error_body(simulated_error(500)), {knobs_.crlf, knobs_.comments});
            stage_ = stage::over;
            return event_kind::other;
        }
        if (next_content(out)) return event_kind::content;
        turn_ = 0;
        stage_ = stage::finishes;
        return next(out);
    case stage::finishes:
        if (turn_ < speakers_.size() && !knobs_.no_finish) {
            append_finish(out, turn_++);
            return event_kind::other;
        }
        stage_ = stage::usage;
        return next(out);
    case stage::usage: stage_ = stage::done; return append_usage(out) ? event_kind::other : next(out);
    case stage::done:
        stage_ = stage::over;
        if (knobs_.no_done) return event_kind::none;
        append_event(out, "[DONE]", {knobs_.crlf, knobs_.comments});
        return event_kind::other;
    case stage::over: break;
    }
    return event_kind::none;
}

// The choices take turns; one that has said everything is passed over.
bool chunk_stream::next_content(std::string& out) {
    for (std::size_t tried = 0; tried < speakers_.size(); ++tried) {
        const std::size_t choice = turn_;
        turn_ = (turn_ + 1) % speakers_.size();
        speaker& s = speakers_[choice];
        const std::string_view text = s.said.text;
        if (s.at == text.size()) continue;
        const std::size_t end =
            s.at == 0 && s.said.first_piece > 0 ? s.said.first_piece : token_end(text, s.at);
        append_delta(out, choice, text.substr(s.at, end - s.at));
        s.at = end;
        ++contents_;
        return true;
    }
    return false;
}

void chunk_stream::append_delta(std::string& out, std::size_t choice, std::string_view piece) {
    if (knobs_.bad_json && contents_ == 0) {
        append_event(out, prefix_, {knobs_.crlf, knobs_.comments});
        return;
    }
    choice_ = R"({"index":)";
    append_number(choice_, choice);
    choice_ += chat_ ? R"(,"delta":{"content":)" : R"(,"text":)";
    append_quoted(choice_, piece);
    choice_ +=
        chat_ ? R"(},"logprobs":null,"finish_reason":null})" : R"(,"logprobs":null,"finish_reason":null})";
    append_choice_chunk(out, choice_, R"(,"usage":null)");
}

void chunk_stream::append_finish(std::string& out, std::size_t choice) {
    choice_ = R"({"index":)";
    append_number(choice_, choice);
    choice_ += chat_ ? R"(,"delta":{},"logprobs":null,"finish_reason":)"
                     : R"(,"text":"","logprobs":null,"finish_reason":)";
    choice_ += speakers_[choice].said.by_length ? R"("length"})" : R"("stop"})";
    append_choice_chunk(out, choice_, R"(,"usage":null)");
}

bool chunk_stream::append_usage(std::string& out) {
    if (!include_usage_) return false;
    append_choice_chunk(out, {}, R"(,"usage":)" + usage_);
    return true;
}

void chunk_stream::append_choice_chunk(std::string& out,
                                       std::string_view choice_json,
                                       std::string_view usage_member) {
    chunk_.clear();
    if (knobs_.array) chunk_ += '[';
    chunk_ += prefix_;
    chunk_ += choice_json;
    chunk_ += ']';
    if (include_usage_) chunk_ += usage_member;
    chunk_ += '}';
    if (knobs_.array) chunk_ += ']';
    append_event(out, chunk_, {knobs_.crlf, knobs_.comments});
}

} // namespace

std::unique_ptr<event_source>
completion_stream(const call& c, const knobs& k, std::vector<generated> choices) {
    return std::make_unique<chunk_stream>(c, k, std::move(choices));
}

} // namespace sluice::sim
