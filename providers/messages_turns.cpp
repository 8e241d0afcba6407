// The conversation of a Messages body as that of a chat.
#include "core/json/writer.hpp"
#include "providers/assistant_message.hpp"
#include "providers/client_texts.hpp"
#include "providers/messages.hpp"
#include "providers/sentence.hpp"

namespace sluice::providers::messages {

namespace {

using client::bad;
using client::indexed;
using client::inside;
using client::says;

result<void> not_a_block(std::string_view where) {
    return bad(sentence({"'", where, "' must be an object with a 'type'."}));
}

result<void> append_image(slices::node source, std::string_view where, std::string& out) {
    if (says(source["type"], "base64") && !inside(source["media_type"]).empty()) {
        out += R"({"type":"image_url","image_url":{"url":"data:)";
        out.append(inside(source["media_type"])).append(";base64,").append(inside(source["data"]));
        out += R"("}},)";
        return {};
    }
    if (says(source["type"], "url") && source["url"].is(walk::kind::string)) {
        out += R"({"type":"image_url","image_url":{"url":)";
        out += source["url"].raw();
        out += "}},";
        return {};
    }
    return bad(sentence({"'", where, ".source' must be an image in base64 or a URL."}));
}

result<void> append_text(slices::node text, std::string_view where, std::string& out) {
    if (!text.is(walk::kind::string)) return bad(sentence({"'", where, "' must be a text."}));
    if (inside(text).empty()) return {};
    out += R"({"type":"text","text":)";
    out += text.raw();
    out += "},";
    return {};
}

result<void> append_document(slices::node block, std::string_view where, std::string& out) {
    const slices::node source = block["source"];
    if (says(source["type"], "text"))
        return append_text(source["data"], sentence({where, ".source.data"}), out);
    if (!says(source["type"], "base64") || !says(source["media_type"], "application/pdf") ||
        inside(source["data"]).empty())
        return bad(sentence({"'", where, ".source' must be a text, or a PDF in base64."}));
    out += R"({"type":"file","file":{"filename":)";
    out += inside(block["title"]).empty() ? R"("document.pdf")" : block["title"].raw();
    out += R"(,"file_data":"data:application/pdf;base64,)";
    out += inside(source["data"]);
    out += R"("}},)";
    return {};
}

// A part of a user's message, with a comma behind it.
result<void> append_part(slices::node block, std::string_view where, std::string& out) {
    const slices::node type = block["type"];
    if (says(type, "text")) return append_text(block["text"], sentence({where, ".text"}), out);
    if (says(type, "image")) return append_image(block["source"], where, out);
    if (says(type, "document")) return append_document(block, where, out);
    if (inside(type).empty()) return not_a_block(where);
    return client::not_supported(sentence({where, " (", inside(type).substr(0, 64), ")"}));
}

result<void> append_result(slices::node block, std::string_view where, std::string& out) {
    const slices::node id = block["tool_use_id"];
    if (inside(id).empty()) return bad(sentence({"'", where, ".tool_use_id' is missing."}));
    out += R"({"role":"tool","tool_call_id":)";
    out += id.raw();
    out += R"(,"content":)";
    const bool failed = block["is_error"].boolean().value_or(false);
    const std::string_view front = failed ? "Error: " : "";
    const std::string inner = sentence({where, ".content"});
    if (auto good = append_text_of_blocks(block["content"], inner, front, out); !good) return good;
    out += "},";
    return {};
}

// What a user says; results go before the rest.
result<void> append_user(slices::node content, std::string_view where, std::string& out) {
    if (!content.is(walk::kind::array)) return bad(sentence({"'", where, "' must be a text or a list."}));
    std::string parts;
    std::size_t index = 0;
    std::size_t texts = 0;
    std::size_t others = 0;
    std::string_view only;
    for (const slices::node each : content.items()) {
        const std::string name = indexed(where, index++);
        if (says(each["type"], "tool_result")) {
            if (auto good = append_result(each, name, out); !good) return good;
            continue;
        }
        if (auto good = append_part(each, name, parts); !good) return good;
        const bool is_text = says(each["type"], "text");
        if (is_text && !inside(each["text"]).empty()) only = each["text"].raw();
        texts += is_text ? 1U : 0U;
        others += is_text ? 0U : 1U;
    }
    if (parts.empty()) return {};
    out += R"({"role":"user","content":)";
    if (texts == 1 && others == 0) {
        out += only;
    } else {
        parts.back() = ']';
        out.append("[").append(parts);
    }
    out += "},";
    return {};
}

result<void> append_call(slices::node block, std::string_view where, std::string& out) {
    if (inside(block["id"]).empty()) return bad(sentence({"'", where, ".id' is missing."}));
    if (inside(block["name"]).empty()) return bad(sentence({"'", where, ".name' is missing."}));
    if (!block["input"].is(walk::kind::object))
        return bad(sentence({"'", where, ".input' must be an object."}));
    std::string arguments;
    append_minified(arguments, block["input"].raw());
    out += R"({"id":)";
    out += block["id"].raw();
    out += R"(,"type":"function","function":{"name":)";
    out += block["name"].raw();
    out += R"(,"arguments":)";
    json::append_string(out, arguments);
    out += "}},";
    return {};
}

// Thinking without a signature is of a model that wants none of it back.
result<void> append_thought(slices::node block, std::string_view where, std::string& out) {
    if (says(block["type"], "redacted_thinking")) {
        if (inside(block["data"]).empty()) return bad(sentence({"'", where, ".data' is missing."}));
        out += R"({"type":"redacted_thinking","data":)";
        out.append(block["data"].raw()).append("},");
        return {};
    }
    if (inside(block["signature"]).empty()) return {};
    if (!block["thinking"].is(walk::kind::string))
        return bad(sentence({"'", where, ".thinking' must be a text."}));
    out += R"({"type":"thinking","thinking":)";
    out.append(block["thinking"].raw()).append(R"(,"signature":)").append(block["signature"].raw());
    out += "},";
    return {};
}

// What an assistant says: a message of thinking, texts, then calls. Thinking that comes later begins another,
// so that its place is kept.
result<void>
append_assistant(slices::node content, std::string_view where, bool with_thoughts, std::string& out) {
    if (!content.is(walk::kind::array)) return bad(sentence({"'", where, "' must be a text or a list."}));
    assistant_message answer;
    std::size_t index = 0;
    for (const slices::node each : content.items()) {
        const std::string name = indexed(where, index++);
        const slices::node type = each["type"];
        if (says(type, "thinking") || says(type, "redacted_thinking")) {
            if (!with_thoughts) continue;
            answer.end(out);
            if (auto good = append_thought(each, name, answer.thoughts); !good) return good;
        } else if (says(type, "text")) {
            answer.text += inside(each["text"]);
        } else if (says(type, "tool_use")) {
            if (auto good = append_call(each, name, answer.calls); !good) return good;
        } else if (inside(type).empty()) {
            return not_a_block(name);
        } else {
            return client::not_supported(sentence({name, " (", inside(type).substr(0, 64), ")"}));
        }
    }
    answer.end(out);
    return {};
}

} // namespace

result<void> append_text_of_blocks(slices::node content,
                                   std::string_view where,
                                   std::string_view front,
                                   std::string& out) {
    out += '"';
    out += front;
    if (content.is(walk::kind::array)) {
        bool first = true;
        for (const slices::node each : content.items()) {
            if (!says(each["type"], "text") || !each["text"].is(walk::kind::string))
                return bad(sentence({"'", where, "' must be a text or a list of text blocks."}));
            if (!first) out += "\\n";
            first = false;
            out += inside(each["text"]);
        }
    } else if (content && !content.is(walk::kind::string)) {
        return bad(sentence({"'", where, "' must be a text or a list of text blocks."}));
    } else {
        out += inside(content);
    }
    out += '"';
    return {};
}

result<void> append_turns(slices::node list, bool with_thoughts, std::string& chat) {
    std::size_t index = 0;
    for (const slices::node each : list.items()) {
        const std::string name = indexed("messages", index++);
        const std::string where = sentence({name, ".content"});
        const slices::node content = each["content"];
        const bool is_user = says(each["role"], "user");
        const bool is_assistant = says(each["role"], "assistant");
        if (!is_user && !is_assistant && !says(each["role"], "system"))
            return bad(sentence({"'", name, ".role' must be user, assistant or system."}));
        if (content.is(walk::kind::string) || !(is_user || is_assistant)) {
            chat.append(R"({"role":")").append(is_user ? "user" : is_assistant ? "assistant" : "system");
            chat += R"(","content":)";
            if (auto good = append_text_of_blocks(content, where, {}, chat); !good) return good;
            chat += "},";
            continue;
        }
        auto good = is_user ? append_user(content, where, chat)
                            : append_assistant(content, where, with_thoughts, chat);
        if (!good) return good;
    }
    return {};
}

} // namespace sluice::providers::messages
