// Chat chunks into the events of a Response.
#include "core/json/writer.hpp"
#include "providers/answers.hpp"
#include "providers/client_texts.hpp"
#include "providers/held_calls.hpp"
#include "providers/responses.hpp"
#include "providers/sentence.hpp"

#include <array>

namespace sluice::providers::responses {

namespace {

enum class item : std::uint8_t { none, reasoning, text, refusal, call };

class response_events final : public event_translation {
public:
    response_events(std::string_view request, const answer_context& context)
        : stem_(context.id_stem)
        , created_(context.created)
        , most_bytes_(context.max_event_bytes)
        , ids_(context.id_stem) {
        read_request(request, frame_);
    }

    result<void> chunks(std::string_view chunks, std::string& out) override {
        while (!chunks.empty()) {
            const auto data = next_data(chunks);
            if (!data) return client::bad_answer("an event of its stream is cut");
            if (done_) return {};
            if (auto good = *data == "[DONE]" ? stop(out) : chunk(*data, out); !good) return good;
        }
        return {};
    }

private:
    result<void> chunk(std::string_view data, std::string& out);
    void thought(const thought_piece& piece, std::string& out);
    void end_thought();
    result<void> call(const call_piece& piece, std::string& out);
    result<void> stop(std::string& out);
    void start(std::string& out);
    void open(item kind, std::string& out);
    void open_call(const call_piece& piece, std::string& out);
    void delta(item kind, std::string_view inside, std::string& out);
    void close(std::string_view status, std::string& out);
    void close_calls(std::string_view status, std::string& out);
    void close_part(std::string& out);
    void append_part(std::string& out, std::string_view text) const;
    void append_item(std::string& out, std::string_view status) const;

    // `event: T`, `data: {"type":T,"sequence_number":n`; what follows ends in `}` and two line ends.
    void begin(std::string_view type, std::string& out);
    void begin_for_item(std::string_view type, std::string& out);

    std::string_view stem_;
    std::int64_t created_;
    std::size_t most_bytes_; // of all output, which the last event repeats
    id_maker ids_;
    frame frame_;
    chat_chunk said_;
    std::string scratch_;
    std::int64_t sequence_ = 0;
    std::string items_;              // those that are done, as JSON, with commas between them
    std::int64_t output_index_ = -1; // of the last item
    item open_ = item::none;
    std::array<unsigned, 5> numbers_{}; // of the ids of each kind
    std::string item_id_;
    std::string text_;                // of the open item, as JSON without the last quote
    std::string thoughts_;            // of the open item: the blocks that have ended
    std::string thought_;             // of the open block, as it stands in JSON
    std::string signature_;           // the same
    std::size_t thought_index_ = 0;   // of the open block
    std::string call_id_;             // JSON
    std::string name_;                // JSON
    std::optional<std::size_t> call_; // the last one
    std::size_t open_call_ = 0;
    held_calls held_;
    ending how_ = ending::none;
    bool done_ = false;
};

void response_events::begin(std::string_view type, std::string& out) {
    out.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
    out += R"(","sequence_number":)";
    json::append_number(out, sequence_++);
}

void response_events::begin_for_item(std::string_view type, std::string& out) {
    begin(type, out);
    out.append(R"(,"item_id":")").append(item_id_).append(R"(","output_index":)");
    json::append_number(out, output_index_);
    if (open_ == item::reasoning) out += R"(,"summary_index":0)";
    if (open_ == item::text || open_ == item::refusal) out += R"(,"content_index":0)";
}

result<void> response_events::chunk(std::string_view data, std::string& out) {
    if (!read_chat_chunk(data, said_) || said_.is_error)
        return client::bad_answer("an event of its stream is not a chunk of a chat");
    if (frame_.id.empty()) start(out);
    if (how_ != ending::none) return {}; // nothing but usage
    if (said_.thoughts.empty() && !said_.reasoning.empty()) delta(item::reasoning, said_.reasoning, out);
    for (const thought_piece& each : said_.thoughts)
        thought(each, out);
    if (!said_.content.empty()) delta(item::text, said_.content, out);
    if (!said_.refusal.empty()) delta(item::refusal, said_.refusal, out);
    for (const call_piece& each : said_.calls) {
        if (auto good = call(each, out); !good) return good;
        if (items_.size() + text_.size() > most_bytes_) break;
    }
    if (items_.size() + text_.size() + thoughts_.size() + thought_.size() + signature_.size() > most_bytes_)
        return client::bad_answer("it is too large");
    if (said_.finish_reason.empty()) return {};
    if (client::is_failure(said_.finish_reason)) return client::bad_answer(client::given_up);
    how_ = ending_of(said_.finish_reason);
    close_calls(how_ == ending::completed ? "completed" : "incomplete", out);
    return {};
}

// What is signed is kept until its item is done, for the model wants it back as it was.
void response_events::thought(const thought_piece& piece, std::string& out) {
    if (frame_.with_thoughts) {
        if (open_ != item::reasoning) open(item::reasoning, out);
        if (piece.index != thought_index_) end_thought();
        thought_index_ = piece.index;
        thought_ += piece.text;
        signature_ += piece.signature;
        if (!piece.redacted.empty()) append_thought(thoughts_, {}, {}, piece.redacted);
    }
    if (!piece.text.empty()) delta(item::reasoning, piece.text, out);
}

void response_events::end_thought() {
    if (!signature_.empty()) append_thought(thoughts_, thought_, signature_, {});
    thought_.clear();
    signature_.clear();
}

void response_events::start(std::string& out) {
    frame_.id = response_id(said_.id, stem_);
    client::append_quoted(frame_.model, said_.model, scratch_);
    frame_.created = said_.created > 0 ? said_.created : created_;
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
        begin(type, out);
        out += R"(,"response":)";
        append_front(out, frame_, ending::none);
        append_back(out, ending::none, said_.used);
        out += "}\n\n";
    }
}

// The open item with what has been said of it.
void response_events::append_item(std::string& out, std::string_view status) const {
    const bool is_new = status == "in_progress";
    const std::string text = sentence({text_, "\""});
    if (open_ == item::reasoning) {
        const bool is_sealed = !is_new && frame_.with_thoughts;
        append_reasoning_item(out,
                              item_id_,
                              is_new ? std::string_view() : text,
                              is_sealed ? sealed_thoughts(thoughts_) : std::string());
    } else if (open_ == item::call) {
        append_call_item(out, item_id_, status, call_id_, name_, text);
    } else {
        append_message_front(out, item_id_, status);
        if (!is_new) append_part(out, text);
        out += "]}";
    }
}

void response_events::append_part(std::string& out, std::string_view text) const {
    if (open_ == item::reasoning) out += R"({"type":"summary_text","text":)";
    if (open_ == item::text) out += R"({"type":"output_text","annotations":[],"logprobs":[],"text":)";
    if (open_ == item::refusal) out += R"({"type":"refusal","refusal":)";
    out.append(text).append("}");
}

void response_events::open(item kind, std::string& out) {
    constexpr std::array<std::string_view, 5> prefixes = {"", "rs_", "msg_", "msg_", "fc_"};
    if (kind == item::call) {
        close("completed", out);
    } else {
        close_calls("completed", out);
    }
    open_ = kind;
    ++output_index_;
    // Texts and refusals are messages both.
    unsigned& number = numbers_[static_cast<std::size_t>(kind == item::refusal ? item::text : kind)];
    item_id_ = numbered_id(prefixes[static_cast<std::size_t>(kind)], stem_, ++number);
    text_ = "\"";
    begin("response.output_item.added", out);
    out += R"(,"output_index":)";
    json::append_number(out, output_index_);
    out += R"(,"item":)";
    append_item(out, "in_progress");
    out += "}\n\n";
    if (kind == item::call) return;
    begin_for_item(kind == item::reasoning ? "response.reasoning_summary_part.added"
                                           : "response.content_part.added",
                   out);
    out += R"(,"part":)";
    append_part(out, R"("")");
    out += "}\n\n";
}

void response_events::delta(item kind, std::string_view inside, std::string& out) {
    if (open_ != kind) open(kind, out);
    switch (kind) {
    case item::reasoning: begin_for_item("response.reasoning_summary_text.delta", out); break;
    case item::call: begin_for_item("response.function_call_arguments.delta", out); break;
    case item::refusal: begin_for_item("response.refusal.delta", out); break;
    default:
        begin_for_item("response.output_text.delta", out);
        out += R"(,"logprobs":[])";
        break;
    }
    out += R"(,"delta":)";
    const std::size_t at = out.size() + 1;
    client::append_quoted(out, inside, scratch_);
    text_.append(out, at, out.size() - 1 - at);
    out += "}\n\n";
}

void response_events::close_part(std::string& out) {
    const std::string text = sentence({text_, "\""});
    switch (open_) {
    case item::reasoning:
        begin_for_item("response.reasoning_summary_text.done", out);
        out += R"(,"text":)";
        break;
    case item::text:
        begin_for_item("response.output_text.done", out);
        out += R"(,"logprobs":[],"text":)";
        break;
    case item::refusal:
        begin_for_item("response.refusal.done", out);
        out += R"(,"refusal":)";
        break;
    default:
        begin_for_item("response.function_call_arguments.done", out);
        out.append(R"(,"name":)").append(name_).append(R"(,"arguments":)").append(text).append("}\n\n");
        return;
    }
    out.append(text).append("}\n\n");
    begin_for_item(open_ == item::reasoning ? "response.reasoning_summary_part.done"
                                            : "response.content_part.done",
                   out);
    out += R"(,"part":)";
    append_part(out, text);
    out += "}\n\n";
}

void response_events::close(std::string_view status, std::string& out) {
    if (open_ == item::none) return;
    close_part(out);
    end_thought();
    begin("response.output_item.done", out);
    out += R"(,"output_index":)";
    json::append_number(out, output_index_);
    out += R"(,"item":)";
    const std::size_t at = out.size();
    append_item(out, status);
    if (!items_.empty()) items_ += ',';
    items_.append(out, at);
    out += "}\n\n";
    open_ = item::none;
    text_.clear();
    thoughts_.clear();
}

void response_events::open_call(const call_piece& piece, std::string& out) {
    close("completed", out); // it still has the name of the one before
    open_call_ = piece.index;
    name_.clear();
    client::append_quoted(name_, piece.name, scratch_);
    call_id_.clear();
    if (piece.id.empty()) {
        json::append_string(call_id_, ids_.next_call_id());
    } else {
        client::append_quoted(call_id_, piece.id, scratch_);
    }
    open(item::call, out);
    if (!piece.arguments.empty()) delta(item::call, piece.arguments, out);
}

// The open item, and the calls that wait for its end.
void response_events::close_calls(std::string_view status, std::string& out) {
    close(status, out);
    for (const held_calls::call& each : held_.take()) {
        open_call(each.piece(), out);
        close(status, out);
    }
}

// One item at a time is open, for clients put calls together in the order in which they come: a call that
// begins within another waits for the end of that.
result<void> response_events::call(const call_piece& piece, std::string& out) {
    constexpr std::string_view interleaved = "the tool calls of its stream are interleaved";
    if (!call_ || piece.index > *call_) {
        if (piece.name.empty()) return client::bad_answer("a tool call of its stream has no name");
        call_ = piece.index;
        const std::string_view arguments = std::string_view(text_).substr(text_.empty() ? 0 : 1);
        if (open_ == item::call && (!held_.empty() || may_go_on(arguments, scratch_))) {
            if (!held_.begin(piece)) return client::bad_answer(interleaved);
            return {};
        }
        open_call(piece, out);
    } else if (piece.arguments.empty() || held_.more(piece)) {
        return {};
    } else if (open_ != item::call || piece.index != open_call_) {
        return client::bad_answer(interleaved);
    } else {
        delta(item::call, piece.arguments, out);
    }
    return {};
}

result<void> response_events::stop(std::string& out) {
    if (how_ == ending::none) return client::bad_answer("its stream ended early");
    done_ = true;
    begin(how_ == ending::completed ? "response.completed" : "response.incomplete", out);
    out += R"(,"response":)";
    append_front(out, frame_, how_);
    out += items_;
    append_back(out, how_, said_.used);
    out += "}\n\n";
    return {};
}

} // namespace

std::unique_ptr<event_translation> make_events(std::string_view request, const answer_context& context) {
    return std::make_unique<response_events>(request, context);
}

} // namespace sluice::providers::responses
