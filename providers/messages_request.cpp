// A body of Anthropic's Messages as a chat.
#include "core/json/writer.hpp"
#include "providers/client_texts.hpp"
#include "providers/messages.hpp"
#include "providers/sentence.hpp"

#include <array>

namespace sluice::providers::messages {

namespace {

using client::append_member;
using client::bad;
using client::inside;
using client::says;

result<void> append_tool(slices::node tool, std::string_view where, std::string& out) {
    const slices::node type = tool["type"];
    if (type && !says(type, "custom")) {
        return client::bad_tool(
            where, type, "is Anthropic's own and is not supported for this endpoint's provider.");
    }
    if (inside(tool["name"]).empty()) return bad(sentence({"'", where, ".name' is missing."}));
    const slices::node schema = tool["input_schema"];
    if (!schema.is(walk::kind::object))
        return bad(sentence({"'", where, ".input_schema' must be an object."}));
    client::append_function(out, tool, schema);
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
    result<void> thinking();
    result<void> format();
    result<void> stream() { return client::append_stream(out_, root_); }

    slices::node root_;
    const bool with_thoughts_;
    std::string& out_;
};

result<void> chat_writer::write() {
    constexpr std::array<step, 7> steps = {&chat_writer::refuse_what_no_chat_does,
                                           &chat_writer::conversation,
                                           &chat_writer::sampling,
                                           &chat_writer::tools,
                                           &chat_writer::thinking,
                                           &chat_writer::format,
                                           &chat_writer::stream};
    for (const step each : steps) {
        if (auto good = (this->*each)(); !good) return good;
    }
    client::append_own_members(out_, root_);
    out_ += '}';
    return {};
}

result<void> chat_writer::refuse_what_no_chat_does() {
    for (const std::string_view name : {"mcp_servers", "container"}) {
        const slices::node given = root_[name];
        if (given && !(given.is(walk::kind::array) && given.items().empty()))
            return client::not_supported(name);
    }
    return {};
}

result<void> chat_writer::conversation() {
    out_ += R"({"messages":[)";
    if (const slices::node system = root_["system"]) {
        const bool is_empty = system.raw() == R"("")" || system.raw() == "[]";
        if (!is_empty) {
            out_ += R"({"role":"system","content":)";
            if (auto good = append_text_of_blocks(system, "system", {}, out_); !good) return good;
            out_ += "},";
        }
    }
    const slices::node list = root_["messages"];
    if (!list.is(walk::kind::array) || list.items().empty())
        return bad("'messages' must be a list of at least one message.");
    if (auto good = append_turns(list, with_thoughts_, out_); !good) return good;
    if (out_.back() == ',') out_.pop_back();
    out_ += ']';
    append_member(out_, "model", root_["model"]);
    return {};
}

result<void> chat_writer::sampling() {
    const slices::node most = root_["max_tokens"];
    if (!most) return bad("'max_tokens' is missing.");
    append_member(out_, "max_tokens", most);
    append_member(out_, "temperature", root_["temperature"]);
    append_member(out_, "top_p", root_["top_p"]);
    append_member(out_, "top_k", root_["top_k"]);
    if (const slices::node stops = root_["stop_sequences"]) {
        bool good = stops.is(walk::kind::array);
        for (const slices::node each : stops.items())
            good = good && each.is(walk::kind::string);
        if (!good) return bad("'stop_sequences' must be a list of texts.");
        if (!stops.items().empty()) append_member(out_, "stop", stops);
    }
    const slices::node user = root_["metadata"]["user_id"];
    if (user && !user.is(walk::kind::string)) return bad("'metadata.user_id' must be a text.");
    append_member(out_, "user", user);
    return {};
}

result<void> chat_writer::tools() {
    const auto any = client::append_tools(out_, root_["tools"], append_tool);
    if (!any) return fail(any.error());
    return *any ? tool_choice() : result<void>();
}

result<void> chat_writer::tool_choice() {
    const slices::node choice = root_["tool_choice"];
    if (!choice) return {};
    if (says(choice["type"], "auto")) {
        out_ += R"(,"tool_choice":"auto")";
    } else if (says(choice["type"], "any")) {
        out_ += R"(,"tool_choice":"required")";
    } else if (says(choice["type"], "none")) {
        out_ += R"(,"tool_choice":"none")";
    } else if (says(choice["type"], "tool") && choice["name"].is(walk::kind::string)) {
        client::append_named_choice(out_, choice["name"]);
    } else {
        return bad("'tool_choice' must be of type auto, any, none or tool with a name.");
    }
    if (choice["disable_parallel_tool_use"].boolean().value_or(false))
        out_ += R"(,"parallel_tool_calls":false)";
    return {};
}

result<void> chat_writer::thinking() {
    const slices::node thinking = root_["thinking"];
    if (says(thinking["type"], "enabled")) {
        const auto budget = thinking["budget_tokens"].integer();
        if (!budget || *budget < 1) return bad("'thinking.budget_tokens' must be an integer of at least 1.");
        const std::string_view effort = *budget < 2048 ? "low" : *budget < 4096 ? "medium" : "high";
        out_.append(R"(,"reasoning_effort":")").append(effort).append("\"");
    } else if (!thinking || says(thinking["type"], "adaptive")) {
        append_member(out_, "reasoning_effort", root_["output_config"]["effort"]);
    } else if (!says(thinking["type"], "disabled")) {
        return bad("'thinking.type' must be enabled, adaptive or disabled.");
    }
    return {};
}

result<void> chat_writer::format() {
    const slices::node format = root_["output_config"]["format"];
    if (!format) return {};
    if (!says(format["type"], "json_schema") || !format["schema"].is(walk::kind::object))
        return bad("'output_config.format' must be of type json_schema, with a schema.");
    out_ += R"(,"response_format":{"type":"json_schema","json_schema":{"name":"answer")";
    append_member(out_, "schema", format["schema"]);
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

} // namespace sluice::providers::messages
