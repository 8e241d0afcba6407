// The items of a Responses body as the messages of a chat.
#include "providers/assistant_message.hpp"
#include "providers/client_texts.hpp"
#include "providers/responses.hpp"
#include "providers/sentence.hpp"

namespace sluice::providers::responses {

namespace {

using client::append_member;
using client::bad;
using client::indexed;
using client::inside;
using client::says;

class item_writer {
public:
    item_writer(bool with_thoughts, std::string& out)
        : with_thoughts_(with_thoughts)
        , out_(out) {}

    result<void> item(slices::node one, std::string_view where);
    // Calls that follow each other, or an answer's text, are one message, with the thinking before them.
    void end_assistant() { said_.end(out_); }

private:
    // Somebody else speaks: thinking that led to nothing is left out.
    void end_answer() {
        end_assistant();
        said_.thoughts.clear();
    }
    result<void> message(slices::node one, std::string_view where);
    result<void> parts(slices::node list, std::string_view where);
    result<void> one_part(slices::node part, std::string_view where);
    result<void> assistant(slices::node content, std::string_view where);
    result<void> reasoning(slices::node one, std::string_view where);
    result<void> call(slices::node one, std::string_view where);
    result<void> output(slices::node one, std::string_view where);

    const bool with_thoughts_;
    std::string& out_;
    assistant_message said_; // not yet written
};

result<void> item_writer::item(slices::node one, std::string_view where) {
    const slices::node type = one["type"];
    if (!one.is(walk::kind::object)) return bad(sentence({"'", where, "' must be an object."}));
    if (says(type, "message") || (!type && one["role"])) return message(one, where);
    if (says(type, "function_call")) return call(one, where);
    if (says(type, "function_call_output")) return output(one, where);
    if (says(type, "reasoning")) return reasoning(one, where);
    const std::string_view name = type ? inside(type).substr(0, 64) : std::string_view("item_reference");
    return client::not_supported(sentence({where, " (", name, ")"}));
}

result<void> item_writer::message(slices::node one, std::string_view where) {
    const slices::node role = one["role"];
    const slices::node content = one["content"];
    const std::string name = sentence({where, ".content"});
    if (!content.is(walk::kind::string) && !content.is(walk::kind::array))
        return bad(sentence({"'", name, "' must be a text or a list of parts."}));
    if (says(role, "assistant")) return assistant(content, name);
    if (!says(role, "user") && !says(role, "system") && !says(role, "developer"))
        return bad(sentence({"'", where, ".role' must be user, assistant, system or developer."}));
    end_answer();
    out_ += says(role, "user") ? R"({"role":"user","content":)" : R"({"role":"system","content":)";
    if (content.is(walk::kind::string)) {
        out_ += content.raw();
    } else if (auto good = parts(content, name); !good) {
        return good;
    }
    out_ += "},";
    return {};
}

// One text stands alone, which simple servers know better than a list.
result<void> item_writer::parts(slices::node list, std::string_view where) {
    std::size_t count = 0;
    slices::node last;
    for (const slices::node each : list.items()) {
        last = each;
        ++count;
    }
    if (count == 0 || (count == 1 && says(last["type"], "input_text"))) {
        if (count == 1 && !last["text"].is(walk::kind::string))
            return bad(sentence({"'", where, "[0].text' must be a text."}));
        out_ += count == 0 ? R"("")" : last["text"].raw();
        return {};
    }
    out_ += '[';
    std::size_t index = 0;
    for (const slices::node each : list.items()) {
        if (auto good = one_part(each, indexed(where, index++)); !good) return good;
    }
    out_.back() = ']';
    return {};
}

result<void> item_writer::one_part(slices::node part, std::string_view where) {
    const slices::node type = part["type"];
    if (says(type, "input_text")) {
        if (!part["text"].is(walk::kind::string))
            return bad(sentence({"'", where, ".text' must be a text."}));
        out_.append(R"({"type":"text","text":)").append(part["text"].raw()).append("},");
        return {};
    }
    if (says(type, "input_image")) {
        if (inside(part["image_url"]).empty())
            return bad(sentence({"'", where, "' needs 'image_url': files of OpenAI are not supported."}));
        out_.append(R"({"type":"image_url","image_url":{"url":)").append(part["image_url"].raw());
        append_member(out_, "detail", part["detail"]);
        out_ += "}},";
        return {};
    }
    if (says(type, "input_file")) {
        if (inside(part["file_data"]).empty())
            return bad(sentence({"'", where, "' needs 'file_data': files of OpenAI are not supported."}));
        out_.append(R"({"type":"file","file":{"file_data":)").append(part["file_data"].raw());
        append_member(out_, "filename", part["filename"]);
        out_ += "}},";
        return {};
    }
    if (inside(type).empty()) return bad(sentence({"'", where, "' must be an object with a 'type'."}));
    return client::not_supported(sentence({where, " (", inside(type).substr(0, 64), ")"}));
}

result<void> item_writer::assistant(slices::node content, std::string_view where) {
    end_assistant();
    if (content.is(walk::kind::string)) {
        said_.text += inside(content);
        return {};
    }
    std::size_t index = 0;
    for (const slices::node each : content.items()) {
        const std::string name = indexed(where, index++);
        const slices::node type = each["type"];
        const bool is_text = says(type, "output_text") || says(type, "input_text");
        if (!is_text && !says(type, "refusal"))
            return client::not_supported(sentence({name, " (", inside(type).substr(0, 64), ")"}));
        said_.text += inside(each[is_text ? "text" : "refusal"]);
    }
    return {};
}

// Only the model that wrote it can go on from it.
result<void> item_writer::reasoning(slices::node one, std::string_view where) {
    if (!with_thoughts_) return {};
    auto list = opened_thoughts(one, where);
    if (!list) return fail(std::move(list).error());
    if (list->empty()) return {};
    end_assistant();
    said_.thoughts.append(*list).append(",");
    return {};
}

result<void> item_writer::call(slices::node one, std::string_view where) {
    for (const std::string_view name : {"call_id", "name"}) {
        if (inside(one[name]).empty()) return bad(sentence({"'", where, ".", name, "' is missing."}));
    }
    if (!one["arguments"].is(walk::kind::string))
        return bad(sentence({"'", where, ".arguments' must be a text."}));
    said_.calls.append(R"({"id":)").append(one["call_id"].raw());
    said_.calls.append(R"(,"type":"function","function":{"name":)").append(one["name"].raw());
    said_.calls.append(R"(,"arguments":)").append(one["arguments"].raw()).append("}},");
    return {};
}

result<void> item_writer::output(slices::node one, std::string_view where) {
    if (inside(one["call_id"]).empty()) return bad(sentence({"'", where, ".call_id' is missing."}));
    end_answer();
    out_.append(R"({"role":"tool","tool_call_id":)").append(one["call_id"].raw());
    out_ += R"(,"content":")";
    const slices::node said = one["output"];
    const std::string name = sentence({where, ".output"});
    if (!said.is(walk::kind::string) && !said.is(walk::kind::array))
        return bad(sentence({"'", name, "' must be a text or a list of texts."}));
    out_ += inside(said);
    bool first = true;
    for (const slices::node each : said.items()) {
        if (!says(each["type"], "input_text") || !each["text"].is(walk::kind::string))
            return bad(sentence({"'", name, "' must be a text or a list of texts."}));
        if (!first) out_ += "\\n";
        first = false;
        out_ += inside(each["text"]);
    }
    out_ += "\"},";
    return {};
}

} // namespace

result<void> append_items(slices::node list, bool with_thoughts, std::string& chat) {
    if (list.items().empty()) return bad("'input' must have at least one item.");
    item_writer writer(with_thoughts, chat);
    std::size_t index = 0;
    for (const slices::node each : list.items()) {
        if (auto good = writer.item(each, indexed("input", index++)); !good) return good;
    }
    writer.end_assistant();
    return {};
}

} // namespace sluice::providers::responses
