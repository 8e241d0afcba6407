// Turns into Converse's (providers.md §6.3).
#include "providers/bedrock_turns.hpp"

#include "core/json/writer.hpp"

#include <algorithm>

namespace sluice::providers::bedrock {

namespace {

using neutral::part;
using neutral::part_kind;
using neutral::speaker;
using neutral::turn;

constexpr std::string_view image_prefix = "image/";

// Consecutive turns of one role, which the API wants as one.
struct message {
    bool is_user = true;
    std::vector<const turn*> turns;
};

std::string_view without_end_blanks(std::string_view text) noexcept {
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

// Refused upstream.
bool is_blank_text(const part& one) noexcept {
    return one.kind == part_kind::text && without_end_blanks(one.text).empty();
}

bool says_nothing(const turn& one) noexcept {
    return one.calls.empty() && one.results.empty() &&
           std::all_of(one.parts.begin(), one.parts.end(), is_blank_text);
}

std::vector<message> merged(const std::vector<turn>& turns) {
    std::vector<message> all;
    for (const turn& each : turns) {
        if (says_nothing(each)) continue;
        const bool is_user = each.from != speaker::assistant;
        if (all.empty() || all.back().is_user != is_user) all.push_back({is_user, {}});
        all.back().turns.push_back(&each);
    }
    return all;
}

bool is_format(std::string_view type) noexcept {
    return type == "png" || type == "jpeg" || type == "gif" || type == "webp";
}

class message_writer {
public:
    message_writer(const neutral::dialect& of, bool with_thoughts, std::string& out)
        : of_(of)
        , with_thoughts_(with_thoughts)
        , out_(out) {}

    result<void> write(const message& one, bool is_last);

private:
    void write_thought(const neutral::thought& one);
    result<void> write_part(const part& one, bool trims = false);
    result<void> write_image(const part& one);
    void write_call(const neutral::tool_call& call);
    result<void> write_result(const neutral::tool_result& one);
    void next() {
        if (!first_) out_ += ',';
        first_ = false;
    }

    const neutral::dialect& of_;
    const bool with_thoughts_;
    std::string& out_;
    bool first_ = true; // block of its list
};

result<void> message_writer::write(const message& one, bool is_last) {
    json::object_writer writer(out_);
    writer.text("role", one.is_user ? "user" : "assistant");
    writer.key("content");
    out_ += '[';
    first_ = true;
    // Results first, whatever else the user says.
    for (const turn* const each : one.turns) {
        for (const neutral::tool_result& result : each->results) {
            if (auto good = write_result(result); !good) return good;
        }
    }
    for (const turn* const each : one.turns) {
        // Of an answer that is to be continued.
        const bool trims = is_last && !one.is_user && each == one.turns.back() && each->calls.empty();
        if (with_thoughts_) {
            for (const neutral::thought& thought : each->thoughts)
                write_thought(thought);
        }
        for (const part& piece : each->parts) {
            if (is_blank_text(piece)) continue;
            if (auto good = write_part(piece, trims && &piece == &each->parts.back()); !good) return good;
        }
        for (const neutral::tool_call& call : each->calls)
            write_call(call);
    }
    out_ += ']';
    writer.close();
    return {};
}

void message_writer::write_thought(const neutral::thought& one) {
    next();
    json::object_writer block(out_);
    block.key("reasoningContent");
    json::object_writer content(out_);
    if (one.redacted.empty()) {
        content.key("reasoningText");
        json::object_writer text(out_);
        text.text("text", one.text);
        text.text("signature", one.signature);
        text.close();
    } else {
        content.text("redactedContent", one.redacted);
    }
    content.close();
    block.close();
}

result<void> message_writer::write_part(const part& one, bool trims) {
    switch (one.kind) {
    case part_kind::text: {
        next();
        json::object_writer block(out_);
        block.text("text", trims ? without_end_blanks(one.text) : one.text);
        block.close();
        return {};
    }
    case part_kind::image: return write_image(one);
    case part_kind::file: return fail(neutral::not_supported("file", of_));
    case part_kind::audio: break;
    }
    return fail(neutral::not_supported("input_audio", of_));
}

result<void> message_writer::write_image(const part& one) {
    if (one.data.empty()) return fail(neutral::not_supported("image_url.url (other than data:)", of_));
    const bool is_image = one.media_type.starts_with(image_prefix);
    const std::string_view format =
        is_image ? one.media_type.substr(image_prefix.size()) : std::string_view();
    if (!is_format(format)) {
        return fail(errc::bad_request,
                    "An image must be of type image/jpeg, image/png, image/gif or image/webp.");
    }
    next();
    json::object_writer block(out_);
    block.key("image");
    json::object_writer image(out_);
    image.text("format", format);
    image.key("source");
    json::object_writer source(out_);
    source.text("bytes", one.data);
    source.close();
    image.close();
    block.close();
    return {};
}

void message_writer::write_call(const neutral::tool_call& call) {
    next();
    json::object_writer block(out_);
    block.key("toolUse");
    json::object_writer use(out_);
    use.text("toolUseId", usable_call_id(call.id));
    use.text("name", call.name);
    use.raw("input", call.arguments);
    use.close();
    block.close();
}

result<void> message_writer::write_result(const neutral::tool_result& one) {
    next();
    json::object_writer block(out_);
    block.key("toolResult");
    json::object_writer answer(out_);
    answer.text("toolUseId", usable_call_id(one.call_id));
    answer.key("content");
    out_ += '[';
    first_ = true;
    for (const part& each : one.parts) {
        if (is_blank_text(each)) continue;
        if (auto good = write_part(each); !good) return good;
    }
    first_ = false;
    out_ += ']';
    answer.close();
    block.close();
    return {};
}

} // namespace

result<void> append_messages(const std::vector<turn>& turns,
                             const neutral::dialect& of,
                             bool with_thoughts,
                             std::string& out) {
    const std::vector<message> all = merged(turns);
    message_writer writer(of, with_thoughts, out);
    out += '[';
    for (const message& each : all) {
        if (&each != &all.front()) out += ',';
        if (auto good = writer.write(each, &each == &all.back()); !good) return good;
    }
    out += ']';
    return {};
}

} // namespace sluice::providers::bedrock
