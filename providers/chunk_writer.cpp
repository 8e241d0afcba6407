#include "providers/chunk_writer.hpp"

#include "core/json/writer.hpp"
#include "providers/answer_images.hpp"
#include "providers/walk.hpp"

namespace sluice::providers {

namespace {

// An upstream that names more choices than any API gives gets no memory for them.
constexpr std::size_t most_choices = 128;
// What stands in every chunk: an upstream's longest event may not be repeated with each of its shortest.
constexpr std::size_t longest_id = 256;
constexpr std::size_t longest_model = 512;

// The beginning, with no part of a character at its end.
std::string_view beginning(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U)
        --most;
    return text.substr(0, most);
}

} // namespace

chunk_writer::chunk_writer(task kind, std::int64_t created, bool wants_usage)
    : kind_(kind)
    , created_(created)
    , wants_usage_(wants_usage)
    , back_(wants_usage ? "],\"usage\":null}\n\n" : "]}\n\n") {}

void chunk_writer::begin(std::string_view id, std::string_view model) {
    front_ = R"(data: {"id":)";
    json::append_string(front_, beginning(id, longest_id));
    front_ += is_chat() ? R"(,"object":"chat.completion.chunk","created":)"
                        : R"(,"object":"text_completion","created":)";
    json::append_number(front_, created_);
    front_ += R"(,"model":)";
    json::append_string(front_, beginning(model, longest_model));
    front_ += R"(,"choices":[)";
}

chunk_writer::choice_state& chunk_writer::state(std::size_t choice) {
    choice = choice < most_choices ? choice : most_choices - 1;
    if (choice >= choices_.size()) choices_.resize(choice + 1);
    return choices_[choice];
}

// Up to the value of `delta`, or of `text`.
void chunk_writer::open(std::string& out, std::size_t choice) {
    out.append(front_).append(R"({"index":)");
    json::append_number(out, static_cast<std::int64_t>(choice));
    out += is_chat() ? R"(,"delta":)" : R"(,"text":)";
}

void chunk_writer::close(std::string& out, std::string_view finish_reason) {
    out += is_chat() ? R"(,"finish_reason":)" : R"(,"logprobs":null,"finish_reason":)";
    if (finish_reason.empty()) {
        out += "null}";
    } else {
        out.append("\"").append(finish_reason).append("\"}");
    }
    out += back_;
}

void chunk_writer::append(std::string& out, piece text) {
    if (!text.is_json) return json::append_string(out, text.bytes);
    // Half a surrogate pair may stand in an escape; all other text is as good here as there.
    if (text.bytes.find("\\u") == std::string_view::npos) {
        out += '"';
        out += text.bytes;
        out += '"';
        return;
    }
    scratch_.clear();
    walk::append_unescaped(scratch_, text.bytes);
    json::append_string(out, scratch_);
}

void chunk_writer::role(std::string& out, std::size_t choice) {
    choice_state& of = state(choice);
    if (of.has_role || of.finished || !is_chat()) return;
    of.has_role = true;
    open(out, choice);
    out += R"({"role":"assistant","content":""})";
    close(out, {});
}

void chunk_writer::content(std::string& out, piece text, std::size_t choice) {
    if (text.empty() || state(choice).finished) return;
    role(out, choice);
    open(out, choice);
    if (is_chat()) {
        out += R"({"content":)";
        append(out, text);
        out += '}';
    } else {
        append(out, text);
    }
    close(out, {});
}

void chunk_writer::reasoning(std::string& out, piece text, std::size_t choice) {
    if (text.empty() || !is_chat() || state(choice).finished) return;
    role(out, choice);
    open(out, choice);
    out += R"({"reasoning_content":)";
    append(out, text);
    out += '}';
    close(out, {});
}

void chunk_writer::thought_front(std::string& out, std::string_view type, std::size_t choice) {
    out += R"("thinking_blocks":[{"index":)";
    json::append_number(out, static_cast<std::int64_t>(state(choice).thoughts));
    out.append(R"(,"type":")").append(type).append("\",");
}

void chunk_writer::thought(std::string& out, piece text, std::size_t choice) {
    if (text.empty() || !is_chat() || state(choice).finished) return;
    role(out, choice);
    state(choice).in_thought = true;
    open(out, choice);
    out += R"({"reasoning_content":)";
    append(out, text);
    out += ',';
    thought_front(out, "thinking", choice);
    out += R"("thinking":)";
    append(out, text);
    out += "}]}";
    close(out, {});
}

void chunk_writer::thought_signature(std::string& out, piece signature, std::size_t choice) {
    if (signature.empty() || !is_chat() || state(choice).finished) return;
    role(out, choice);
    state(choice).in_thought = true;
    open(out, choice);
    out += '{';
    thought_front(out, "thinking", choice);
    out += R"("thinking":"","signature":)";
    append(out, signature);
    out += "}]}";
    close(out, {});
}

void chunk_writer::thought_end(std::size_t choice) {
    choice_state& of = state(choice);
    if (of.in_thought) ++of.thoughts;
    of.in_thought = false;
}

void chunk_writer::redacted_thought(std::string& out, piece data, std::size_t choice) {
    if (data.empty() || !is_chat() || state(choice).finished) return;
    thought_end(choice);
    role(out, choice);
    open(out, choice);
    out += '{';
    thought_front(out, "redacted_thinking", choice);
    out += R"("data":)";
    append(out, data);
    out += "}]}";
    close(out, {});
    ++state(choice).thoughts;
}

void chunk_writer::call_head(std::string& out, piece id, piece name, std::size_t choice) {
    choice_state& of = state(choice);
    role(out, choice);
    of.in_call = true;
    of.has_arguments = false;
    open(out, choice);
    out += R"({"tool_calls":[{"index":)";
    json::append_number(out, static_cast<std::int64_t>(of.calls++));
    out += R"(,"id":)";
    append(out, id);
    out += R"(,"type":"function","function":{"name":)";
    append(out, name);
    out += R"(,"arguments":)";
}

void chunk_writer::call_start(std::string& out, piece id, piece name, std::size_t choice) {
    if (!is_chat() || state(choice).finished) return;
    call_end(out, choice);
    call_head(out, id, name, choice);
    out += R"(""}}]})";
    close(out, {});
}

void chunk_writer::call_arguments(std::string& out, piece text, std::size_t choice) {
    choice_state& of = state(choice);
    if (text.empty() || !of.in_call || of.finished) return;
    of.has_arguments = true;
    open(out, choice);
    out += R"({"tool_calls":[{"index":)";
    json::append_number(out, static_cast<std::int64_t>(of.calls - 1));
    out += R"(,"function":{"arguments":)";
    append(out, text);
    out += R"(}}]})";
    close(out, {});
}

void chunk_writer::call_end(std::string& out, std::size_t choice) {
    choice_state& of = state(choice);
    if (of.in_call && !of.has_arguments) call_arguments(out, piece::plain("{}"), choice);
    of.in_call = false;
}

void chunk_writer::call_whole(std::string& out, piece id, piece name, piece arguments, std::size_t choice) {
    if (!is_chat() || state(choice).finished) return;
    call_end(out, choice);
    call_head(out, id, name, choice);
    append(out, arguments.empty() ? piece::plain("{}") : arguments);
    out += R"(}}]})";
    close(out, {});
    state(choice).in_call = false;
}

void chunk_writer::image(std::string& out, piece url, std::size_t choice) {
    if (url.empty() || !is_chat() || state(choice).finished) return;
    role(out, choice);
    std::string text;
    append(text, url);
    std::string list;
    append_image(list, state(choice).images++, text);
    open(out, choice);
    out.append(R"({"images":[)").append(list).append("]}");
    close(out, {});
}

void chunk_writer::finish(std::string& out, providers::finish reason, std::size_t choice) {
    if (state(choice).finished) return;
    call_end(out, choice);
    role(out, choice);
    choice_state& of = state(choice);
    of.finished = true;
    open(out, choice);
    out += is_chat() ? "{}" : R"("")";
    const bool calls = reason == providers::finish::stop && of.calls > 0;
    close(out, to_string(calls ? providers::finish::tool_calls : reason));
}

bool chunk_writer::is_finished(std::size_t choice) const noexcept {
    return choice < choices_.size() && choices_[choice].finished;
}

void chunk_writer::end(std::string& out, const tally& used) {
    if (wants_usage_) {
        out.append(front_).append(R"(],"usage":)");
        append_usage(out, used);
        out += "}\n\n";
    }
    end_uncounted(out);
}

void chunk_writer::end_uncounted(std::string& out) {
    out += "data: [DONE]\n\n";
}

} // namespace sluice::providers
