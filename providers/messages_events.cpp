// Chat chunks into the events of a Message.
#include "core/json/writer.hpp"
#include "providers/answers.hpp"
#include "providers/client_texts.hpp"
#include "providers/held_calls.hpp"
#include "providers/messages.hpp"

namespace sluice::providers::messages {

namespace {

enum class block : std::uint8_t { none, thinking, redacted, text, tool_use };

class message_events final : public event_translation {
public:
    explicit message_events(const answer_context& context)
        : stem_(context.id_stem)
        , most_bytes_(context.max_event_bytes)
        , ids_(context.id_stem) {}

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
    result<void> call(const call_piece& piece, std::string& out);
    result<void> stop(std::string& out);
    void start(std::string& out);
    void open(block kind, std::string& out);
    void open_call(const call_piece& piece, std::string& out);
    void close(std::string& out);
    void close_calls(std::string& out);
    void begin_delta(std::string_view front, std::string& out);
    void delta(block kind, std::string_view text, std::string& out);
    void quoted(std::string_view inside, std::string& out) { client::append_quoted(out, inside, scratch_); }

    std::string_view stem_;
    std::size_t most_bytes_; // of a call's arguments
    id_maker ids_;
    chat_chunk said_;
    std::string scratch_;
    std::int64_t index_ = -1; // of the last block
    block open_ = block::none;
    std::size_t thought_ = 0;         // index of the last one
    std::optional<std::size_t> call_; // the last one
    std::size_t open_call_ = 0;
    std::string arguments_; // of the open one, as they stand in the chunks
    held_calls held_;
    bool is_cut_ = false;     // by the limit of tokens, maybe in a call
    bool is_broken_ = false;  // a call has ended whose arguments are no object
    std::string_view reason_; // once a finish reason has come; one of the literals
    bool refused_ = false;
    bool started_ = false;
    bool done_ = false;
};

result<void> message_events::chunk(std::string_view data, std::string& out) {
    if (!read_chat_chunk(data, said_) || said_.is_error)
        return client::bad_answer("an event of its stream is not a chunk of a chat");
    start(out);
    if (!reason_.empty()) return {}; // nothing but usage
    if (said_.thoughts.empty() && !said_.reasoning.empty()) delta(block::thinking, said_.reasoning, out);
    for (const thought_piece& each : said_.thoughts)
        thought(each, out);
    if (!said_.content.empty()) delta(block::text, said_.content, out);
    if (!said_.refusal.empty()) {
        refused_ = true;
        delta(block::text, said_.refusal, out);
    }
    for (const call_piece& each : said_.calls) {
        if (auto good = call(each, out); !good) return good;
    }
    if (client::is_failure(said_.finish_reason)) return client::bad_answer(client::given_up);
    is_cut_ = said_.finish_reason == "length"; // which is told by the stop reason
    if (!said_.finish_reason.empty()) close_calls(out);
    if (is_broken_) return client::bad_answer(client::bad_arguments);
    if (arguments_.size() > most_bytes_) return client::bad_answer("it is too large");
    if (said_.finish_reason.empty()) return {};
    reason_ = stop_reason_of(said_.finish_reason, call_.has_value(), refused_);
    return {};
}

void message_events::thought(const thought_piece& piece, std::string& out) {
    if (open_ == block::thinking && piece.index != thought_) close(out);
    thought_ = piece.index;
    if (!piece.redacted.empty()) {
        open(block::redacted, out);
        out += R"(,"content_block":{"type":"redacted_thinking","data":)";
        quoted(piece.redacted, out);
        out += "}}\n\n";
        close(out);
        return;
    }
    if (!piece.text.empty()) delta(block::thinking, piece.text, out);
    if (piece.signature.empty()) return;
    if (open_ != block::thinking) open(block::thinking, out); // of a text that is not shown
    begin_delta(R"({"type":"signature_delta","signature":)", out);
    quoted(piece.signature, out);
    out += "}}\n\n";
}

void message_events::start(std::string& out) {
    if (started_) return;
    started_ = true;
    out += "event: message_start\ndata: ";
    out += R"({"type":"message_start","message":{"id":)";
    append_message_id(out, said_.id, stem_);
    out += R"(,"type":"message","role":"assistant","model":)";
    quoted(said_.model, out);
    out += R"(,"content":[],"stop_reason":null,"stop_sequence":null,"usage":)";
    append_counts(out, said_.used);
    out += "}}\n\n";
}

void message_events::open(block kind, std::string& out) {
    if (kind == block::tool_use) {
        close(out);
    } else {
        close_calls(out);
    }
    open_ = kind;
    out += "event: content_block_start\ndata: ";
    out += R"({"type":"content_block_start","index":)";
    json::append_number(out, ++index_);
    if (kind == block::text) out += R"(,"content_block":{"type":"text","text":""}})";
    if (kind == block::thinking)
        out += R"(,"content_block":{"type":"thinking","thinking":"","signature":""}})";
    if (kind == block::text || kind == block::thinking) out += "\n\n";
}

void message_events::open_call(const call_piece& piece, std::string& out) {
    open(block::tool_use, out);
    open_call_ = piece.index;
    out += R"(,"content_block":{"type":"tool_use","id":)";
    if (piece.id.empty()) {
        json::append_string(out, ids_.next_call_id());
    } else {
        quoted(piece.id, out);
    }
    out += R"(,"name":)";
    quoted(piece.name, out);
    out += ",\"input\":{}}}\n\n";
    if (piece.arguments.empty()) return;
    arguments_ += piece.arguments;
    delta(block::tool_use, piece.arguments, out);
}

void message_events::close(std::string& out) {
    if (open_ == block::none) return;
    is_broken_ =
        is_broken_ || (open_ == block::tool_use && !is_cut_ && !client::read_arguments(arguments_, scratch_));
    arguments_.clear();
    open_ = block::none;
    if (is_broken_) return;
    out += "event: content_block_stop\ndata: ";
    out += R"({"type":"content_block_stop","index":)";
    json::append_number(out, index_);
    out += "}\n\n";
}

// The open block, and the calls that wait for its end.
void message_events::close_calls(std::string& out) {
    close(out);
    for (const held_calls::call& each : held_.take()) {
        if (is_broken_) return;
        open_call(each.piece(), out);
        close(out);
    }
}

void message_events::begin_delta(std::string_view front, std::string& out) {
    out += "event: content_block_delta\ndata: ";
    out += R"({"type":"content_block_delta","index":)";
    json::append_number(out, index_);
    out.append(R"(,"delta":)").append(front);
}

void message_events::delta(block kind, std::string_view text, std::string& out) {
    if (open_ != kind) open(kind, out);
    switch (kind) {
    case block::thinking: begin_delta(R"({"type":"thinking_delta","thinking":)", out); break;
    case block::tool_use: begin_delta(R"({"type":"input_json_delta","partial_json":)", out); break;
    default: begin_delta(R"({"type":"text_delta","text":)", out); break;
    }
    quoted(text, out);
    out += "}}\n\n";
}

// Blocks of a Message do not overlap: a call that begins within another waits for the end of that.
result<void> message_events::call(const call_piece& piece, std::string& out) {
    constexpr std::string_view interleaved = "the tool calls of its stream are interleaved";
    if (!call_ || piece.index > *call_) {
        if (piece.name.empty()) return client::bad_answer("a tool call of its stream has no name");
        call_ = piece.index;
        if (open_ == block::tool_use && (!held_.empty() || may_go_on(arguments_, scratch_))) {
            if (!held_.begin(piece)) return client::bad_answer(interleaved);
            return {};
        }
        open_call(piece, out);
    } else if (piece.arguments.empty() || held_.more(piece)) {
        return {};
    } else if (open_ != block::tool_use || piece.index != open_call_) {
        return client::bad_answer(interleaved);
    } else {
        arguments_ += piece.arguments;
        delta(block::tool_use, piece.arguments, out);
    }
    return {};
}

result<void> message_events::stop(std::string& out) {
    if (reason_.empty()) return client::bad_answer("its stream ended early");
    done_ = true;
    out += "event: message_delta\ndata: ";
    out += R"({"type":"message_delta","delta":{"stop_reason":")";
    out += reason_;
    out += R"(","stop_sequence":null},"usage":)";
    append_counts(out, said_.used);
    out += "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    return {};
}

} // namespace

std::unique_ptr<event_translation> make_events(const answer_context& context) {
    return std::make_unique<message_events>(context);
}

} // namespace sluice::providers::messages
