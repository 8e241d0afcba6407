// A whole chat answer as a Message.
#include "core/json/writer.hpp"
#include "providers/answers.hpp"
#include "providers/chat_answer.hpp"
#include "providers/client_texts.hpp"
#include "providers/messages.hpp"

#include <algorithm>

namespace sluice::providers::messages {

namespace {

std::int64_t count_of(const std::optional<std::int64_t>& reported) noexcept {
    return std::max<std::int64_t>(reported.value_or(0), 0);
}

class message_writer {
public:
    message_writer(const chat_answer& from, const answer_context& context, std::string& out)
        : from_(from)
        , context_(context)
        , ids_(context.id_stem)
        , out_(out) {}

    void write() {
        out_ += R"({"id":)";
        append_message_id(out_, from_.id, context_.id_stem);
        out_ += R"(,"type":"message","role":"assistant","model":)";
        quoted(from_.model);
        out_ += R"(,"content":[)";
        thinking();
        text(from_.content);
        text(from_.refusal);
        for (const chat_answer::call& each : from_.calls)
            tool_use(each);
        if (out_.back() == ',') out_.pop_back();
        out_ += R"(],"stop_reason":")";
        out_ += stop_reason_of(from_.finish_reason, !from_.calls.empty(), !from_.refusal.empty());
        out_ += R"(","stop_sequence":null,"usage":)";
        append_counts(out_, from_.used);
        out_ += '}';
    }

private:
    void quoted(std::string_view inside) { client::append_quoted(out_, inside, scratch_); }
    void thinking() {
        if (from_.reasoning.empty()) return;
        out_ += R"({"type":"thinking","thinking":)";
        quoted(from_.reasoning);
        out_ += R"(,"signature":""},)";
    }
    void text(std::string_view inside) {
        if (inside.empty()) return;
        out_ += R"({"type":"text","text":)";
        quoted(inside);
        out_ += "},";
    }
    void tool_use(const chat_answer::call& call) {
        out_ += R"({"type":"tool_use","id":)";
        if (call.id.empty()) {
            json::append_string(out_, ids_.next_call_id());
        } else {
            quoted(call.id);
        }
        out_ += R"(,"name":)";
        quoted(call.name);
        out_ += R"(,"input":)";
        client::append_arguments_object(out_, call.arguments, scratch_);
        out_ += "},";
    }

    const chat_answer& from_;
    const answer_context& context_;
    id_maker ids_;
    std::string& out_;
    std::string scratch_;
};

} // namespace

void append_counts(std::string& out, const tally& used) {
    const std::int64_t read = count_of(used.cached);
    const std::int64_t written = count_of(used.cache_write);
    json::object_writer counts(out);
    counts.number("input_tokens",
                  std::max<std::int64_t>(count_of(used.prompt) - add_counts(read, written), 0));
    counts.number("cache_creation_input_tokens", written);
    counts.number("cache_read_input_tokens", read);
    counts.number("output_tokens", count_of(used.completion));
    if (used.reasoning) {
        counts.key("output_tokens_details");
        json::object_writer details(out);
        details.number("thinking_tokens", count_of(used.reasoning));
        details.close();
    }
    counts.close();
}

std::string_view stop_reason_of(std::string_view finish_reason, bool has_calls, bool refused) noexcept {
    if (finish_reason == "length") return "max_tokens";
    if (refused || finish_reason == "content_filter") return "refusal";
    return has_calls ? "tool_use" : "end_turn";
}

void append_message_id(std::string& out, std::string_view id, std::string_view stem) {
    const bool is_theirs = id.starts_with("msg_") && id.find('\\') == std::string_view::npos;
    if (is_theirs) {
        out.append("\"").append(id).append("\"");
    } else {
        out.append("\"msg_").append(stem).append("0001\"");
    }
}

result<std::string> write_message(std::string_view answer, const answer_context& context) {
    chat_answer from;
    if (auto good = read_chat_answer(answer, from); !good) return fail(std::move(good).error());
    std::string out;
    out.reserve(answer.size() + 256);
    message_writer(from, context, out).write();
    return out;
}

} // namespace sluice::providers::messages
