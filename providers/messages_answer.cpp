// A whole chat answer as a Message.
#include "core/json/writer.hpp"
#include "providers/answers.hpp"
#include "providers/chat_answer.hpp"
#include "providers/client_texts.hpp"
#include "providers/messages.hpp"

#include <algorithm>

namespace sluice::providers::messages {

namespace {

class message_writer {
public:
    message_writer(const chat_answer& from, const answer_context& context, std::string& out)
        : from_(from)
        , context_(context)
        , ids_(context.id_stem)
        , out_(out) {}

    // False: a call cannot be told.
    [[nodiscard]] bool write() {
        out_ += R"({"id":)";
        append_message_id(out_, from_.id, context_.id_stem);
        out_ += R"(,"type":"message","role":"assistant","model":)";
        quoted(from_.model);
        out_ += R"(,"content":[)";
        if (!(from_.blocks.empty() ? parts() : blocks())) return false;
        if (out_.back() == ',') out_.pop_back();
        out_ += R"(],"stop_reason":")";
        out_ += stop_reason_of(from_.finish_reason, !from_.calls.empty(), !from_.refusal.empty());
        out_ += R"(","stop_sequence":null,"usage":)";
        append_counts(out_, from_.used);
        out_ += '}';
        return true;
    }

private:
    // As a chat has them.
    [[nodiscard]] bool parts() {
        thinking();
        text(from_.content);
        text(from_.refusal);
        return std::all_of(from_.calls.begin(), from_.calls.end(), [this](const chat_answer::call& each) {
            return tool_use(each);
        });
    }
    // As the model made them.
    [[nodiscard]] bool blocks() {
        auto next = from_.calls.begin();
        for (const chat_answer::block& each : from_.blocks) {
            switch (each.what) {
            case chat_answer::block::kind::text: text(each.text); break;
            case chat_answer::block::kind::thought: thinking(each.thinking); break;
            case chat_answer::block::kind::call:
                if (next == from_.calls.end() || !tool_use(*next)) return false;
                ++next;
                break;
            }
        }
        return true;
    }
    void quoted(std::string_view inside) { client::append_quoted(out_, inside, scratch_); }
    void thinking() {
        const bool has_text = std::any_of(from_.thoughts.begin(), from_.thoughts.end(), [](const auto& each) {
            return !each.text.empty();
        });
        if (!has_text && !from_.reasoning.empty()) thinking({from_.reasoning, {}, {}});
        for (const chat_answer::thought& each : from_.thoughts)
            thinking(each);
    }
    void thinking(const chat_answer::thought& one) {
        if (one.redacted.empty()) {
            out_ += R"({"type":"thinking","thinking":)";
            quoted(one.text);
            out_ += R"(,"signature":)";
            quoted(one.signature);
        } else {
            out_ += R"({"type":"redacted_thinking","data":)";
            quoted(one.redacted);
        }
        out_ += "},";
    }
    void text(std::string_view inside) {
        if (inside.empty()) return;
        out_ += R"({"type":"text","text":)";
        quoted(inside);
        out_ += "},";
    }
    [[nodiscard]] bool tool_use(const chat_answer::call& call) {
        // An answer that the limit of tokens has cut, maybe in a call, says so by its stop reason.
        if (!client::read_arguments(call.arguments, arguments_)) return from_.finish_reason == "length";
        out_ += R"({"type":"tool_use","id":)";
        if (call.id.empty()) {
            json::append_string(out_, ids_.next_call_id());
        } else {
            quoted(call.id);
        }
        out_ += R"(,"name":)";
        quoted(call.name);
        out_ += R"(,"input":)";
        append_minified(out_, arguments_);
        out_ += "},";
        return true;
    }

    const chat_answer& from_;
    const answer_context& context_;
    id_maker ids_;
    std::string& out_;
    std::string scratch_;
    std::string arguments_; // reused
};

} // namespace

void append_counts(std::string& out, const tally& reported) {
    const tally used = reported.plausible();
    const std::int64_t read = used.cached.value_or(0);
    const std::int64_t written = used.cache_write.value_or(0);
    json::object_writer counts(out);
    counts.number("input_tokens",
                  std::max<std::int64_t>(used.prompt.value_or(0) - add_counts(read, written), 0));
    counts.number("cache_creation_input_tokens", written);
    counts.number("cache_read_input_tokens", read);
    counts.number("output_tokens", used.completion.value_or(0));
    if (used.reasoning) {
        counts.key("output_tokens_details");
        json::object_writer details(out);
        details.number("thinking_tokens", *used.reasoning);
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
    if (!message_writer(from, context, out).write()) return client::bad_answer(client::bad_arguments);
    return out;
}

} // namespace sluice::providers::messages
