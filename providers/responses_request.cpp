// A body of OpenAI's Responses as a chat.
#include "providers/client_texts.hpp"
#include "providers/responses.hpp"
#include "providers/sentence.hpp"

#include <array>

namespace sluice::providers::responses {

namespace {

using client::append_member;
using client::bad;
using client::inside;
using client::says;

result<void> append_tool(slices::node tool, std::string_view where, std::string& out) {
    const slices::node type = tool["type"];
    if (!says(type, "function")) {
        return client::bad_tool(
            where, type, "is not supported for this endpoint's provider: it takes functions only.");
    }
    if (inside(tool["name"]).empty()) return bad(sentence({"'", where, ".name' is missing."}));
    client::append_function(out, tool, tool["parameters"]);
    return {};
}

class chat_writer {
public:
    chat_writer(slices::node root, bool with_thoughts, std::string& out)
        : root_(root)
        , with_thoughts_(with_thoughts)
        , out_(out) {}

    result<void> write();

private:
    using step = result<void> (chat_writer::*)();

    result<void> refuse_what_no_chat_does();
    result<void> conversation();
    result<void> sampling();
    result<void> tools();
    result<void> tool_choice();
    result<void> format();
    result<void> stream() { return client::append_stream(out_, root_); }

    slices::node root_;
    const bool with_thoughts_;
    std::string& out_;
};

result<void> chat_writer::write() {
    constexpr std::array<step, 6> steps = {&chat_writer::refuse_what_no_chat_does,
                                           &chat_writer::conversation,
                                           &chat_writer::sampling,
                                           &chat_writer::tools,
                                           &chat_writer::format,
                                           &chat_writer::stream};
    for (const step each : steps) {
        if (auto good = (this->*each)(); !good) return good;
    }
    client::append_own_members(out_, root_);
    out_ += '}';
    return {};
}

// What the gateway keeps nothing for: earlier responses, work without a client, templates.
result<void> chat_writer::refuse_what_no_chat_does() {
    for (const std::string_view name : {"previous_response_id", "conversation", "prompt", "moderation"}) {
        if (root_[name]) return client::not_supported(name);
    }
    for (const std::string_view name : {"background", "store"}) {
        if (root_[name].boolean().value_or(false)) return client::not_supported(name);
    }
    return {};
}

result<void> chat_writer::conversation() {
    out_ += R"({"messages":[)";
    const slices::node instructions = root_["instructions"];
    if (instructions && !instructions.is(walk::kind::string)) return bad("'instructions' must be a text.");
    if (!inside(instructions).empty())
        out_.append(R"({"role":"system","content":)").append(instructions.raw()).append("},");
    const slices::node input = root_["input"];
    if (input.is(walk::kind::string)) {
        out_.append(R"({"role":"user","content":)").append(input.raw()).append("},");
    } else if (input.is(walk::kind::array)) {
        if (auto good = append_items(input, with_thoughts_, out_); !good) return good;
    } else {
        return bad("'input' must be a text or a list of items.");
    }
    if (out_.back() == ',') out_.pop_back();
    out_ += ']';
    append_member(out_, "model", root_["model"]);
    return {};
}

result<void> chat_writer::sampling() {
    const slices::node most = root_["max_output_tokens"];
    if (most && most.integer().value_or(0) < 1)
        return bad("'max_output_tokens' must be an integer of at least 1.");
    append_member(out_, "max_completion_tokens", most);
    append_member(out_, "temperature", root_["temperature"]);
    append_member(out_, "top_p", root_["top_p"]);
    append_member(out_, "user", root_["user"]);
    append_member(out_, "reasoning_effort", root_["reasoning"]["effort"]);
    append_member(out_, "verbosity", root_["text"]["verbosity"]);
    return {};
}

result<void> chat_writer::tools() {
    const auto any = client::append_tools(out_, root_["tools"], append_tool);
    if (!any) return fail(any.error());
    if (!*any) return {};
    const slices::node parallel = root_["parallel_tool_calls"];
    if (parallel && !parallel.boolean()) return bad("'parallel_tool_calls' must be true or false.");
    append_member(out_, "parallel_tool_calls", parallel);
    return tool_choice();
}

result<void> chat_writer::tool_choice() {
    const slices::node choice = root_["tool_choice"];
    if (!choice) return {};
    if (says(choice, "auto") || says(choice, "none") || says(choice, "required")) {
        append_member(out_, "tool_choice", choice);
    } else if (says(choice["type"], "function") && !inside(choice["name"]).empty()) {
        client::append_named_choice(out_, choice["name"]);
    } else if (!inside(choice["type"]).empty()) {
        return client::not_supported(
            sentence({"tool_choice of type '", inside(choice["type"]).substr(0, 64), "'"}));
    } else {
        return bad("'tool_choice' must be auto, none, required or name a function.");
    }
    return {};
}

result<void> chat_writer::format() {
    const slices::node format = root_["text"]["format"];
    if (!format || says(format["type"], "text")) return {};
    if (says(format["type"], "json_object")) {
        out_ += R"(,"response_format":{"type":"json_object"})";
        return {};
    }
    if (!says(format["type"], "json_schema") || !format["schema"].is(walk::kind::object))
        return bad("'text.format' must be of type text, json_object or json_schema, with a schema.");
    if (inside(format["name"]).empty()) return bad("'text.format.name' is missing.");
    out_ += R"(,"response_format":{"type":"json_schema","json_schema":{"name":)";
    out_ += format["name"].raw();
    for (const std::string_view name : {"description", "schema", "strict"})
        append_member(out_, name, format[name]);
    out_ += "}}";
    return {};
}

} // namespace

result<void> write_chat(std::string_view body, bool with_thoughts, std::string& chat) {
    slices tree;
    if (auto good = tree.read(body, author::client); !good) return good;
    chat.reserve(chat.size() + body.size() + body.size() / 4 + 256);
    return chat_writer(tree.root(), with_thoughts, chat).write();
}

} // namespace sluice::providers::responses
