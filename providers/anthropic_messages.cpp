// Turns into Anthropic's messages (providers.md §3.2).
#include "providers/anthropic_messages.hpp"

#include "core/json/writer.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::providers::anthropic {

namespace {

using neutral::part;
using neutral::part_kind;
using neutral::speaker;
using neutral::turn;

constexpr std::array<std::string_view, 4> image_types = {
    "image/jpeg", "image/png", "image/gif", "image/webp"};

// Consecutive turns of one role, which the API wants as one.
struct message {
    bool is_user = true;
    std::vector<const turn*> turns;
};

std::vector<message> merged(const std::vector<turn>& turns) {
    std::vector<message> all;
    for (const turn& each : turns) {
        const bool is_user = each.from != speaker::assistant;
        if (all.empty() || all.back().is_user != is_user) all.push_back({is_user, {}});
        all.back().turns.push_back(&each);
    }
    return all;
}

std::string_view without_end_blanks(std::string_view text) noexcept {
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

class message_writer {
public:
    message_writer(const flavour& of, bool with_thoughts, std::string& out)
        : of_(of)
        , with_thoughts_(with_thoughts)
        , out_(out) {}

    result<void> write(const message& one, bool is_last);

private:
    [[nodiscard]] const part* only_text(const message& one) const;
    void write_thought(const neutral::thought& one);
    result<void> write_part(const part& one);
    void write_text(std::string_view text);
    result<void> write_image(const part& one);
    result<void> write_file(const part& one);
    void write_source(std::string_view media_type, std::string_view data);
    void write_call(const neutral::tool_call& call);
    result<void> write_result(const neutral::tool_result& one);
    void next() {
        if (!first_) out_ += ',';
        first_ = false;
    }
    [[nodiscard]] neutral::dialect dialect() const noexcept { return dialect_of(of_); }

    const flavour& of_;
    const bool with_thoughts_;
    std::string& out_;
    bool first_ = true; // block of its list
};

// The only text of a message that has nothing else.
const part* message_writer::only_text(const message& one) const {
    if (one.turns.size() != 1) return nullptr;
    const turn& only = *one.turns.front();
    if (with_thoughts_ && !only.thoughts.empty()) return nullptr;
    const bool plain = only.parts.size() == 1 && only.calls.empty() && only.results.empty();
    return plain && only.parts.front().kind == part_kind::text ? &only.parts.front() : nullptr;
}

result<void> message_writer::write(const message& one, bool is_last) {
    json::object_writer writer(out_);
    writer.text("role", one.is_user ? "user" : "assistant");
    writer.key("content");
    const bool trims = is_last && !one.is_user; // an answer that is to be continued
    if (const part* const text = only_text(one)) {
        json::append_string(out_, trims ? without_end_blanks(text->text) : text->text);
        writer.close();
        return {};
    }
    out_ += '[';
    first_ = true;
    // Results first, whatever else the user says.
    for (const turn* const each : one.turns) {
        for (const neutral::tool_result& result : each->results) {
            if (auto good = write_result(result); !good) return good;
        }
    }
    for (const turn* const each : one.turns) {
        if (with_thoughts_) {
            for (const neutral::thought& thought : each->thoughts)
                write_thought(thought);
        }
        for (const part& piece : each->parts) {
            const bool ends = trims && each == one.turns.back() && &piece == &each->parts.back() &&
                              each->calls.empty() && piece.kind == part_kind::text;
            if (ends) {
                const std::string_view kept = without_end_blanks(piece.text);
                if (!kept.empty()) write_text(kept);
                continue;
            }
            if (auto good = write_part(piece); !good) return good;
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
    if (one.redacted.empty()) {
        block.text("type", "thinking");
        block.text("thinking", one.text);
        block.text("signature", one.signature);
    } else {
        block.text("type", "redacted_thinking");
        block.text("data", one.redacted);
    }
    block.close();
}

result<void> message_writer::write_part(const part& one) {
    switch (one.kind) {
    case part_kind::text: write_text(one.text); return {};
    case part_kind::image: return write_image(one);
    case part_kind::file: return write_file(one);
    case part_kind::audio: break;
    }
    return fail(neutral::not_supported("input_audio", dialect()));
}

void message_writer::write_text(std::string_view text) {
    next();
    json::object_writer block(out_);
    block.text("type", "text");
    block.text("text", text);
    block.close();
}

void message_writer::write_source(std::string_view media_type, std::string_view data) {
    json::object_writer source(out_);
    source.text("type", "base64");
    source.text("media_type", media_type);
    source.text("data", data);
    source.close();
}

result<void> message_writer::write_image(const part& one) {
    if (one.data.empty()) {
        const bool is_web = !one.url.starts_with("gs:") && !one.url.starts_with("GS:");
        if (!of_.takes_image_urls || !is_web)
            return fail(neutral::not_supported("image_url.url (other than data:)", dialect()));
    } else if (std::find(image_types.begin(), image_types.end(), one.media_type) == image_types.end()) {
        return fail(errc::bad_request,
                    "An image must be of type image/jpeg, image/png, image/gif or image/webp.");
    }
    next();
    json::object_writer block(out_);
    block.text("type", "image");
    block.key("source");
    if (one.data.empty()) {
        json::object_writer source(out_);
        source.text("type", "url");
        source.text("url", one.url);
        source.close();
    } else {
        write_source(one.media_type, one.data);
    }
    block.close();
    return {};
}

result<void> message_writer::write_file(const part& one) {
    if (one.media_type != "application/pdf")
        return fail(errc::bad_request, "A file must be of type application/pdf.");
    next();
    json::object_writer block(out_);
    block.text("type", "document");
    block.key("source");
    write_source(one.media_type, one.data);
    if (!one.name.empty()) block.text("title", one.name);
    block.close();
    return {};
}

void message_writer::write_call(const neutral::tool_call& call) {
    next();
    json::object_writer block(out_);
    block.text("type", "tool_use");
    block.text("id", usable_call_id(call.id));
    block.text("name", call.name);
    block.raw("input", call.arguments);
    block.close();
}

result<void> message_writer::write_result(const neutral::tool_result& one) {
    next();
    json::object_writer block(out_);
    block.text("type", "tool_result");
    block.text("tool_use_id", usable_call_id(one.call_id));
    block.key("content");
    const bool is_text = one.parts.size() == 1 && one.parts.front().kind == part_kind::text;
    if (one.parts.empty() || is_text) {
        json::append_string(out_, one.parts.empty() ? std::string_view() : one.parts.front().text);
    } else {
        out_ += '[';
        first_ = true;
        for (const part& each : one.parts) {
            if (auto good = write_part(each); !good) return good;
        }
        first_ = false;
        out_ += ']';
    }
    block.close();
    return {};
}

// Nothing of a last answer is left once its blanks at the end are taken off.
bool is_blank_answer(const message& one) {
    if (one.is_user) return false;
    return std::all_of(one.turns.begin(), one.turns.end(), [](const turn* each) {
        return each->calls.empty() &&
               std::all_of(each->parts.begin(), each->parts.end(), [](const part& piece) {
                   return piece.kind == part_kind::text && without_end_blanks(piece.text).empty();
               });
    });
}

} // namespace

std::string usable_call_id(std::string_view id) {
    std::string usable(id);
    std::replace_if(
        usable.begin(),
        usable.end(),
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '-');
        },
        '_');
    return usable;
}

result<void> append_messages(const std::vector<neutral::turn>& turns,
                             const flavour& of,
                             bool with_thoughts,
                             std::string& out) {
    std::vector<message> all = merged(turns);
    if (!all.empty() && is_blank_answer(all.back())) all.pop_back();
    message_writer writer(of, with_thoughts, out);
    out += '[';
    for (const message& each : all) {
        if (&each != &all.front()) out += ',';
        if (auto good = writer.write(each, &each == &all.back()); !good) return good;
    }
    out += ']';
    return {};
}

} // namespace sluice::providers::anthropic
