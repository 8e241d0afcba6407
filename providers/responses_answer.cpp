// A whole chat answer as a Response.
#include "core/json/writer.hpp"
#include "providers/answers.hpp"
#include "providers/chat_answer.hpp"
#include "providers/client_texts.hpp"
#include "providers/responses.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>

namespace sluice::providers::responses {

namespace {

struct echoed {
    std::string_view name;
    std::string_view otherwise; // JSON
};

constexpr std::array<echoed, 10> echoes = {{{"instructions", "null"},
                                            {"max_output_tokens", "null"},
                                            {"metadata", "{}"},
                                            {"parallel_tool_calls", "true"},
                                            {"reasoning", R"({"effort":null,"summary":null})"},
                                            {"temperature", "null"},
                                            {"text", R"({"format":{"type":"text"}})"},
                                            {"tool_choice", R"("auto")"},
                                            {"tools", "[]"},
                                            {"top_p", "null"}}};

class output_writer {
public:
    output_writer(const chat_answer& from,
                  bool with_thoughts,
                  std::string_view stem,
                  std::string_view status,
                  std::string& out)
        : from_(from)
        , with_thoughts_(with_thoughts)
        , stem_(stem)
        , status_(status)
        , ids_(stem)
        , out_(out) {}

    void write() {
        from_.blocks.empty() ? parts() : blocks();
        if (out_.back() == ',') out_.pop_back();
    }

private:
    // As a chat has them.
    void parts() {
        reasoning(from_.reasoning, from_.thoughts);
        message(from_.content, from_.refusal);
        for (const chat_answer::call& each : from_.calls)
            call(each);
    }
    // As the model made them; thinking that stands together is one item.
    void blocks() {
        auto next = from_.calls.begin();
        std::string text;
        std::vector<chat_answer::thought> together;
        const auto end_thinking = [&] {
            reasoning(text, together);
            text.clear();
            together.clear();
        };
        for (const chat_answer::block& each : from_.blocks) {
            if (each.what == chat_answer::block::kind::thought) {
                text += each.thinking.text;
                const bool is_signed = !each.thinking.signature.empty() || !each.thinking.redacted.empty();
                if (is_signed) together.push_back(each.thinking);
                continue;
            }
            end_thinking();
            if (each.what == chat_answer::block::kind::text) message(each.text, {});
            if (each.what == chat_answer::block::kind::call && next != from_.calls.end()) call(*next++);
        }
        end_thinking();
    }
    std::string quoted(std::string_view inside) {
        std::string text;
        client::append_quoted(text, inside, scratch_);
        return text;
    }
    void reasoning(std::string_view text, const std::vector<chat_answer::thought>& thoughts) {
        const bool is_sealed = with_thoughts_ && !thoughts.empty();
        if (text.empty() && !is_sealed) return;
        std::string list;
        for (const chat_answer::thought& each : thoughts)
            append_thought(list, each.text, each.signature, each.redacted);
        append_reasoning_item(out_,
                              numbered_id("rs_", stem_, ++reasoning_items_),
                              text.empty() ? std::string() : quoted(text),
                              with_thoughts_ ? sealed_thoughts(list) : std::string());
        out_ += ',';
    }
    void message(std::string_view text, std::string_view refusal) {
        if (text.empty() && refusal.empty()) return;
        append_message_front(out_, numbered_id("msg_", stem_, ++messages_), status_);
        if (!text.empty()) {
            out_ += R"({"type":"output_text","annotations":[],"logprobs":[],"text":)";
            client::append_quoted(out_, text, scratch_);
            out_ += "},";
        }
        if (!refusal.empty()) {
            out_ += R"({"type":"refusal","refusal":)";
            client::append_quoted(out_, refusal, scratch_);
            out_ += "},";
        }
        out_.back() = ']';
        out_ += "},";
    }
    void call(const chat_answer::call& of) {
        const std::string call_id =
            of.id.empty() ? sentence({"\"", ids_.next_call_id(), "\""}) : quoted(of.id);
        const std::string arguments = of.arguments.empty() ? std::string(R"("{}")") : quoted(of.arguments);
        append_call_item(
            out_, numbered_id("fc_", stem_, ++calls_), status_, call_id, quoted(of.name), arguments);
        out_ += ',';
    }

    const chat_answer& from_;
    const bool with_thoughts_;
    std::string_view stem_;
    std::string_view status_;
    id_maker ids_;
    std::string& out_;
    std::string scratch_;
    // Items so far.
    unsigned reasoning_items_ = 0;
    unsigned messages_ = 0;
    unsigned calls_ = 0;
};

std::string_view status_of(ending how) noexcept {
    switch (how) {
    case ending::none: return "in_progress";
    case ending::completed: return "completed";
    case ending::max_tokens:
    case ending::filtered: return "incomplete";
    }
    return "completed";
}

void append_tokens(std::string& out, const tally& used) {
    const usage counts = to_usage(used);
    json::object_writer writer(out);
    writer.number("input_tokens", counts.prompt_tokens);
    writer.key("input_tokens_details");
    json::object_writer input(out);
    input.number("cached_tokens", counts.cached_tokens);
    input.number("cache_write_tokens", add_counts(used.cache_write.value_or(0), 0));
    input.close();
    writer.number("output_tokens", counts.completion_tokens);
    writer.key("output_tokens_details");
    json::object_writer output(out);
    output.number("reasoning_tokens", counts.reasoning_tokens);
    output.close();
    writer.number("total_tokens", counts.total_tokens);
    writer.close();
}

} // namespace

ending ending_of(std::string_view finish_reason) noexcept {
    if (finish_reason == "length") return ending::max_tokens;
    return finish_reason == "content_filter" ? ending::filtered : ending::completed;
}

void read_request(std::string_view request, frame& out) {
    slices tree;
    const bool good = tree.read(request, author::client).has_value();
    for (const echoed& each : echoes) {
        const slices::node given = good ? tree.root()[each.name] : slices::node();
        out.echo.append(",\"").append(each.name).append("\":");
        append_minified(out.echo, given ? given.raw() : each.otherwise);
    }
    if (good) client::append_member(out.echo, "user", tree.root()["user"]);
    out.echo += R"(,"background":false,"previous_response_id":null,"store":false,"truncation":"disabled")";
    const slices::range included = good ? tree.root()["include"].items() : slices::node().items();
    out.with_thoughts = std::any_of(included.begin(), included.end(), [](slices::node each) {
        return client::says(each, "reasoning.encrypted_content");
    });
}

void append_front(std::string& out, const frame& of, ending how) {
    out.append(R"({"id":)").append(of.id).append(R"(,"object":"response","created_at":)");
    json::append_number(out, of.created);
    out.append(R"(,"status":")").append(status_of(how)).append(R"(","error":null,"incomplete_details":)");
    if (how == ending::max_tokens) {
        out += R"({"reason":"max_output_tokens"})";
    } else if (how == ending::filtered) {
        out += R"({"reason":"content_filter"})";
    } else {
        out += "null";
    }
    out.append(R"(,"model":)").append(of.model).append(of.echo).append(R"(,"output":[)");
}

void append_back(std::string& out, ending how, const tally& used) {
    out += R"(],"usage":)";
    if (how == ending::none) {
        out += "null";
    } else {
        append_tokens(out, used);
    }
    out += '}';
}

std::string response_id(std::string_view id, std::string_view stem) {
    const bool is_theirs = id.starts_with("resp_") && id.find('\\') == std::string_view::npos;
    return is_theirs ? sentence({"\"", id, "\""}) : sentence({"\"resp_", stem, "0001\""});
}

void append_reasoning_item(std::string& out,
                           std::string_view id,
                           std::string_view text,
                           std::string_view sealed) {
    out.append(R"({"id":")").append(id).append(R"(","type":"reasoning","summary":[)");
    if (!text.empty()) out.append(R"({"type":"summary_text","text":)").append(text).append("}");
    out += ']';
    if (!sealed.empty()) out.append(R"(,"encrypted_content":)").append(sealed);
    out += '}';
}

void append_message_front(std::string& out, std::string_view id, std::string_view status) {
    out.append(R"({"id":")").append(id).append(R"(","type":"message","status":")").append(status);
    out += R"(","role":"assistant","content":[)";
}

void append_call_item(std::string& out,
                      std::string_view id,
                      std::string_view status,
                      std::string_view call_id,
                      std::string_view name,
                      std::string_view arguments) {
    out.append(R"({"id":")").append(id).append(R"(","type":"function_call","status":")").append(status);
    out.append(R"(","call_id":)").append(call_id).append(R"(,"name":)").append(name);
    out.append(R"(,"arguments":)").append(arguments).append("}");
}

result<std::string>
write_response(std::string_view request, std::string_view answer, const answer_context& context) {
    chat_answer from;
    if (auto good = read_chat_answer(answer, from); !good) return fail(std::move(good).error());
    frame around;
    std::string scratch;
    around.id = response_id(from.id, context.id_stem);
    client::append_quoted(around.model, from.model, scratch);
    around.created = from.created > 0 ? from.created : context.created;
    read_request(request, around);
    const ending how = ending_of(from.finish_reason);
    std::string out;
    out.reserve(answer.size() + around.echo.size() + 512);
    append_front(out, around, how);
    output_writer(from, around.with_thoughts, context.id_stem, status_of(how), out).write();
    append_back(out, how, from.used);
    return out;
}

} // namespace sluice::providers::responses
