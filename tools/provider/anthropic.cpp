#include "tools/provider/anthropic.hpp"

#include "tools/provider/text.hpp"
#include "tools/provider/thinking.hpp"

#include <cstdint>
#include <utility>

namespace sluice::sim::anthropic {

namespace {

std::string_view type_of(int status) {
    switch (status) {
    case 401: return "authentication_error";
    case 402: return "billing_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 413: return "request_too_large";
    case 429: return "rate_limit_error";
    case 504: return "timeout_error";
    case 529: return "overloaded_error";
    default: return status >= 500 ? "api_error" : "invalid_request_error";
    }
}

// Up to the content of the message.
std::string opening(const call& c) {
    std::string out = R"({"id":"msg_sim)";
    append_hex(out, hash_text(c.model, c.seed));
    out += R"(","type":"message","role":"assistant","model":)";
    append_quoted(out, c.model);
    out += R"(,"content":[)";
    return out;
}

std::string_view anthropic_reason_of(const generated& said, const knobs& k) {
    if (k.no_finish) return "null";
    return said.by_length ? R"("max_tokens")" : R"("end_turn")";
}

void append_anthropic_usage(std::string& out, const call& c, std::size_t output) {
    out += R"({"input_tokens":)";
    append_number(out, c.prompt_tokens);
    out += R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":)";
    append_number(out, output);
    out += '}';
}

std::string plain_body(const call& c, const knobs& k, const generated& said) {
    std::string out = opening(c);
    if (c.thinks) {
        const std::string thought = thinking::text_of(c);
        out += R"({"type":"thinking","thinking":)";
        append_quoted(out, thought);
        out.append(R"(,"signature":")").append(thinking::signature_of(thought));
        out.append(R"("},{"type":"redacted_thinking","data":")").append(thinking::redacted_of(c));
        out += said.text.empty() ? R"("})" : R"("},)";
    }
    if (!said.text.empty()) {
        out += R"({"type":"text","text":)";
        append_quoted(out, said.text);
        out += '}';
    }
    out += R"(],"stop_reason":)";
    out += anthropic_reason_of(said, k);
    out += R"(,"stop_sequence":null)";
    if (!k.no_usage) {
        out += R"(,"usage":)";
        append_anthropic_usage(out, c, said.tokens);
    }
    out += '}';
    return out;
}

class message_events final : public event_source {
public:
    message_events(const call& c, const knobs& k, generated said)
        : call_(c)
        , knobs_(k)
        , said_(std::move(said)) {}

    event_kind next(std::string& out) override;

private:
    enum class stage : std::uint8_t {
        start,
        thinking,
        block_start,
        ping,
        content,
        block_stop,
        delta,
        stop,
        over
    };

    event_kind write(std::string& out, std::string_view type, std::string_view data);
    event_kind content(std::string& out);
    event_kind thinking(std::string& out);
    void start_data();
    // `"type":…,"index":n`, of the text.
    void block_data(std::string_view type);
    void delta_data();

    call call_;
    knobs knobs_;
    generated said_;
    std::string data_; // scratch
    stage stage_ = stage::start;
    std::size_t at_ = 0;
    std::size_t contents_ = 0;
    std::size_t thoughts_ = 0; // events of thinking so far
};

event_kind message_events::write(std::string& out, std::string_view type, std::string_view data) {
    append_named_event(out, type, data, {knobs_.crlf, knobs_.comments});
    return event_kind::other;
}

void message_events::start_data() {
    data_ = R"({"type":"message_start","message":)" + opening(call_) +
            R"(],"stop_reason":null,"stop_sequence":null)";
    if (!knobs_.no_usage) {
        data_ += R"(,"usage":)";
        append_anthropic_usage(data_, call_, 1);
    }
    data_ += "}}";
}

void message_events::delta_data() {
    data_ = R"({"type":"message_delta","delta":{"stop_reason":)";
    data_ += anthropic_reason_of(said_, knobs_);
    data_ += R"(,"stop_sequence":null})";
    if (!knobs_.no_usage) {
        data_ += R"(,"usage":{"output_tokens":)";
        append_number(data_, said_.tokens);
        data_ += '}';
    }
    data_ += '}';
}

// A block in two pieces with its signature, and one that nobody may read.
event_kind message_events::thinking(std::string& out) {
    const std::string thought = thinking::text_of(call_);
    const std::size_t middle = token_end(thought, 0);
    const auto delta = [this](std::string_view type, std::string_view name, std::string_view text) {
        data_ = R"({"type":"content_block_delta","index":0,"delta":{"type":")";
        data_.append(type).append(R"(",")").append(name).append(R"(":)");
        append_quoted(data_, text);
        data_ += "}}";
    };
    switch (thoughts_++) {
    case 0:
        data_ =
            R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})";
        return write(out, "content_block_start", data_);
    case 1: delta("thinking_delta", "thinking", std::string_view(thought).substr(0, middle)); break;
    case 2: delta("thinking_delta", "thinking", std::string_view(thought).substr(middle)); break;
    case 3: delta("signature_delta", "signature", thinking::signature_of(thought)); break;
    case 4: return write(out, "content_block_stop", R"({"type":"content_block_stop","index":0})");
    case 5:
        data_ =
            R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":")";
        data_ += thinking::redacted_of(call_) + "\"}}";
        return write(out, "content_block_start", data_);
    default:
        stage_ = stage::block_start;
        return write(out, "content_block_stop", R"({"type":"content_block_stop","index":1})");
    }
    return write(out, "content_block_delta", data_);
}

void message_events::block_data(std::string_view type) {
    data_ = R"({"type":")";
    data_.append(type).append(call_.thinks ? R"(","index":2)" : R"(","index":0)");
}

event_kind message_events::content(std::string& out) {
    const std::string_view text = said_.text;
    const std::size_t end = at_ == 0 && said_.first_piece > 0 ? said_.first_piece : token_end(text, at_);
    block_data("content_block_delta");
    data_ += R"(,"delta":{"type":"text_delta","text":)";
    append_quoted(data_, text.substr(at_, end - at_));
    data_ += knobs_.bad_json && contents_ == 0 ? "}" : "}}";
    if (knobs_.array) data_ = '[' + data_ + ']';
    at_ = end;
    ++contents_;
    write(out, "content_block_delta", data_);
    return event_kind::content;
}

event_kind message_events::next(std::string& out) {
    switch (stage_) {
    case stage::start:
        stage_ = call_.thinks ? stage::thinking : stage::block_start;
        start_data();
        return write(out, "message_start", data_);
    case stage::thinking: return thinking(out);
    case stage::block_start:
        stage_ = stage::ping;
        block_data("content_block_start");
        return write(out, "content_block_start", data_ + R"(,"content_block":{"type":"text","text":""}})");
    case stage::ping: stage_ = stage::content; return write(out, "ping", R"({"type":"ping"})");
    case stage::content:
        if (knobs_.error_after && contents_ >= *knobs_.error_after) {
            stage_ = stage::over;
            return write(out,
                         "error",
                         R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
        }
        if (at_ < said_.text.size()) return content(out);
        stage_ = stage::block_stop;
        return next(out);
    case stage::block_stop:
        stage_ = knobs_.no_finish ? stage::stop : stage::delta;
        block_data("content_block_stop");
        return write(out, "content_block_stop", data_ + '}');
    case stage::delta:
        stage_ = stage::stop;
        delta_data();
        return write(out, "message_delta", data_);
    case stage::stop:
        stage_ = stage::over;
        if (knobs_.no_done) return event_kind::none;
        return write(out, "message_stop", R"({"type":"message_stop"})");
    case stage::over: break;
    }
    return event_kind::none;
}

} // namespace

std::string error_body(const api_error& e) {
    std::string out = R"({"type":"error","error":{"type":)";
    append_quoted(out, type_of(e.status));
    out += R"(,"message":)";
    append_quoted(out, e.message);
    out += R"(},"request_id":"req_sim"})";
    return out;
}

std::string message_body(const call& c, const knobs& k, generated said) {
    std::string body = plain_body(c, k, said);
    if (!k.body_bytes || k.echo != echo_kind::none || k.big_kib) return body;
    // The token count in the body depends on the length of the text: a few rounds find the text that fits.
    constexpr int most_rounds = 4;
    said.by_length = false;
    for (int round = 0; round < most_rounds && body.size() != *k.body_bytes; ++round) {
        const std::size_t overhead = body.size() - said.text.size();
        if (*k.body_bytes <= overhead) break;
        said.text = filler_text(c.seed, *k.body_bytes - overhead);
        said.tokens = count_tokens(said.text);
        body = plain_body(c, k, said);
    }
    return body;
}

std::unique_ptr<event_source> message_stream(const call& c, const knobs& k, generated said) {
    return std::make_unique<message_events>(c, k, std::move(said));
}

} // namespace sluice::sim::anthropic
