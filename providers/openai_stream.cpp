#include "providers/databricks_agent.hpp"
#include "providers/list_parts.hpp"
#include "providers/openai.hpp"
#include "providers/openai_chunk.hpp"
#include "providers/openai_repaired_events.hpp"
#include "providers/sse_stream.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::providers::openai {

namespace {

constexpr std::string_view done_mark = "[DONE]";

// Passes an OpenAI stream on event by event (providers.md §2.3).
class stream_decoder final : public sse_stream {
public:
    stream_decoder(const unified::call& call, const target& to, std::size_t max_event_bytes)
        : sse_stream(to, max_event_bytes)
        , wants_usage_(call.include_usage)
        , is_translated_(call.is_translated)
        , wanted_choices_(count_choices(call)) {
        if (to.repairs != repair::none) repaired_.emplace(to.repairs, wants_usage_);
    }

    [[nodiscard]] bool finished() const noexcept override { return finished_; }
    [[nodiscard]] usage used() const noexcept override { return used_; }

protected:
    [[nodiscard]] result<void> event(const http::sse_event& next, std::string& out) override;
    [[nodiscard]] bool is_whole(std::string_view data) const override;
    [[nodiscard]] result<void> cut_off(std::string& out) override;

private:
    result<void> json_event(std::string_view data, std::string& out);
    result<void> lines(std::string_view data, std::string& out);
    result<void> agent_event(std::string_view data, const databricks::agent_said& said, std::string& out);
    // `is_said`: by the upstream, not only by the end of its body.
    result<void> done(std::string& out, bool is_said);
    bool is_dropped(const chunk& said) const noexcept;
    void forward(std::string_view data, const chunk& said, std::string& out) const;
    [[nodiscard]] bool is_terminal() const noexcept {
        return choices_.begun.count() >= wanted_choices_ && choices_.begun == choices_.ended;
    }

    const bool wants_usage_;
    const bool is_translated_;
    const std::size_t wanted_choices_;
    std::optional<repaired_events> repaired_;
    choice_state choices_;
    usage used_;
    bool counted_ = false; // a usage was there, whatever it says
    bool finished_ = false;
    bool is_agent_ = false; // it has sent events that are no chunks of a chat
    bool agent_may_end_ = false;
};

bool stream_decoder::is_whole(std::string_view data) const {
    chunk said;
    choice_state ignored;
    return data.starts_with(done_mark) || read_chunk(data, said, ignored);
}

result<void> stream_decoder::event(const http::sse_event& next, std::string& out) {
    if (next.data.starts_with(done_mark)) return done(out, true);
    return json_event(next.data, out);
}

result<void> stream_decoder::json_event(std::string_view data, std::string& out) {
    chunk said;
    if (!read_chunk(data, said, choices_)) {
        if (to_.repairs == repair::custom && data.find('\n') != std::string_view::npos)
            return lines(data, out);
        return not_json(data);
    }
    if (said.used.known) used_ = said.used;
    counted_ = counted_ || said.has_usage;
    const bool is_chunk = said.has_choices || said.has_usage;
    if (said.is_error || (said.is_other_error && !is_chunk)) return fail(upstream_stream_error(to_, data));
    if (to_.repairs == repair::databricks && !said.has_choices) {
        const databricks::agent_said agent = databricks::read_agent(data);
        if (agent.is_event) return agent_event(data, agent, out);
    }
    if (is_dropped(said)) return {};
    if (repaired_) {
        repaired_->put(data, said, out);
    } else {
        forward(data, said, out);
    }
    return {};
}

result<void>
stream_decoder::agent_event(std::string_view data, const databricks::agent_said& said, std::string& out) {
    if (said.used.known) used_ = said.used;
    if (said.is_failure) return fail(upstream_stream_error(to_, data));
    if (is_translated_) return fail(databricks::no_chat(to_));
    is_agent_ = true;
    agent_may_end_ = agent_may_end_ || said.is_end;
    out.append("data: ");
    append_one_line(out, data);
    out.append("\n\n");
    return {};
}

// Some servers put events together with one line end between them.
result<void> stream_decoder::lines(std::string_view data, std::string& out) {
    while (!data.empty() && !finished_) {
        const std::size_t size = std::min(data.find('\n'), data.size());
        const std::string_view line = data.substr(0, size);
        data.remove_prefix(std::min(size + 1, data.size()));
        if (line.starts_with(done_mark)) return done(out, true);
        if (line.find_first_not_of(' ') == std::string_view::npos) continue;
        if (auto good = json_event(line, out); !good) return good;
    }
    return {};
}

// A missing [DONE] alone is no harm, but the counts that the client has asked for come right before it. Small
// servers have none.
result<void> stream_decoder::cut_off(std::string& out) {
    const bool lacks_usage = wants_usage_ && !counted_ && !is_agent_ && to_.repairs != repair::custom;
    return lacks_usage ? sse_stream::cut_off(out) : done(out, false);
}

bool stream_decoder::is_dropped(const chunk& said) const noexcept {
    if (said.is_ping && !said.has_choices) return true;
    if (!wants_usage_ && !said.has_choice && (said.has_usage || !said.has_others)) return true;
    // Azure's content filter: a first event without choices, a late one whose choice has no delta.
    return to_.is_azure && said.has_choices && said.all_empty && !said.has_usage;
}

void stream_decoder::forward(std::string_view data, const chunk& said, std::string& out) const {
    out.append("data: ");
    std::size_t copied = 0;
    if (!wants_usage_) {
        for (const cut& each : said.cuts) {
            append_one_line(out, data.substr(copied, each.begin - copied));
            copied = each.end;
        }
    }
    append_one_line(out, data.substr(copied));
    out.append("\n\n");
}

result<void> stream_decoder::done(std::string& out, bool is_said) {
    if (is_agent_) {
        if (!is_said && !agent_may_end_) return sse_stream::cut_off(out);
    } else if (!is_terminal()) {
        // Small servers give one choice whatever `n` asks for.
        const bool has_all = to_.repairs == repair::custom || choices_.begun.count() >= wanted_choices_;
        const bool may_end = is_said && repaired_ && has_all && repaired_->may_end(choices_);
        if (!may_end) return sse_stream::cut_off(out);
        repaired_->end_choices(choices_, out);
    }
    if (repaired_) repaired_->put_usage(out);
    finished_ = true;
    out.append("data: [DONE]\n\n");
    return {};
}

} // namespace

std::unique_ptr<decoder>
make_stream_decoder(const unified::call& call, const target& to, std::size_t max_event_bytes) {
    return std::make_unique<stream_decoder>(call, to, max_event_bytes);
}

} // namespace sluice::providers::openai
