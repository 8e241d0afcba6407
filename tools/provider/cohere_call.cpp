// A request of Cohere's v2 chat.
#include "tools/provider/cohere.hpp"
#include "tools/provider/schema.hpp"

#include <array>
#include <set>
#include <string>
#include <string_view>

namespace sluice::sim::cohere {

namespace {

constexpr std::array<rule, 20> chat_rules = {{{"model", want::text, true},
                                              {"messages", want::list, true, 1},
                                              {"tools", want::list},
                                              {"strict_tools", want::boolean},
                                              {"tool_choice", want::text},
                                              {"documents", want::list},
                                              {"citation_options", want::object},
                                              {"response_format", want::object},
                                              {"safety_mode", want::text},
                                              {"max_tokens", want::integer, false, 1},
                                              {"stop_sequences", want::texts, false, 0, 5},
                                              {"temperature", want::number, false, 0},
                                              {"seed", want::integer, false, 0},
                                              {"k", want::integer, false, 0, 500},
                                              {"p", want::number, false, 0.01, 0.99},
                                              {"logprobs", want::boolean},
                                              {"thinking", want::object},
                                              {"stream", want::boolean},
                                              {"frequency_penalty", want::number, false, 0, 1},
                                              {"presence_penalty", want::number, false, 0, 1}}};

// Reads the messages of a v2 chat one after the other.
class history {
public:
    explicit history(call& out)
        : said_(out) {}

    api_result<void> message(const json::value& item);
    api_result<void> end();

private:
    api_result<std::string> content(const json::object& of, std::string_view role) const;
    api_result<void> calls(const json::object& of);

    conversation said_;
    std::set<std::string, std::less<>> open_calls_;
};

api_result<std::string> history::content(const json::object& of, std::string_view role) const {
    const json::value* found = member(of, "content");
    if (found == nullptr) return refuse_cohere("invalid request: all elements in messages need content.");
    if (found->is_string()) return std::string(view(found->get_string()));
    std::string text;
    if (!found->is_array() || found->get_array().empty())
        return refuse_cohere("invalid request: content must be a string or a list.");
    for (const json::value& each : found->get_array()) {
        const json::object* block = each.if_object();
        const std::string_view type = block == nullptr ? std::string_view() : text_member(*block, "type");
        if (type == "text") {
            text += text_member(*block, "text");
        } else if (type == "image_url" && role == "user") {
            const json::object* url = object_member(*block, "image_url");
            if (url == nullptr || text_member(*url, "url").empty())
                return refuse_cohere("invalid request: image_url needs a url.");
        } else {
            return refuse_cohere("invalid request: unknown type of content.");
        }
    }
    return text;
}

api_result<void> history::calls(const json::object& of) {
    const json::array* list = list_member(of, "tool_calls");
    if (list == nullptr || list->empty()) return refuse_cohere("invalid request: tool_calls must be a list.");
    for (const json::value& each : *list) {
        const json::object* one = each.if_object();
        const json::object* function = one == nullptr ? nullptr : object_member(*one, "function");
        const bool good = function != nullptr && text_member(*one, "type") == "function" &&
                          !text_member(*one, "id").empty() && !text_member(*function, "name").empty() &&
                          parse_object(text_member(*function, "arguments"));
        if (!good) return refuse_cohere("invalid request: malformed tool call.");
        open_calls_.emplace(text_member(*one, "id"));
    }
    return {};
}

api_result<void> history::message(const json::value& item) {
    constexpr std::array<rule, 6> rules = {{{"role", want::text, true},
                                            {"content"},
                                            {"tool_calls", want::list},
                                            {"tool_plan", want::text},
                                            {"tool_call_id", want::text},
                                            {"citations", want::list}}};
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse_cohere("invalid request: messages must be objects.");
    if (auto good = cohere_checked(*of, rules, "messages"); !good) return good;
    const std::string_view role = text_member(*of, "role");
    if (role == "assistant" && member(*of, "tool_calls") != nullptr) {
        said_.said(false, text_member(*of, "tool_plan"));
        return calls(*of);
    }
    auto text = content(*of, role);
    if (!text) return tl::unexpected<api_error>(text.error());
    if (role == "tool") {
        if (open_calls_.erase(std::string(text_member(*of, "tool_call_id"))) == 0)
            return refuse_cohere("invalid request: tool_call_id does not match a tool call.");
    } else if (role != "user" && role != "assistant" && role != "system") {
        return refuse_cohere("invalid request: unknown role.");
    } else if (!open_calls_.empty()) {
        return refuse_cohere("invalid request: tool calls need their results next.");
    }
    said_.said(role == "user", *text);
    return {};
}

api_result<void> history::end() {
    said_.end();
    if (!open_calls_.empty()) return refuse_cohere("invalid request: tool calls need their results.");
    return {};
}

api_result<void> check_tools(const json::object& body) {
    const json::array* tools = list_member(body, "tools");
    const std::string_view choice = text_member(body, "tool_choice");
    if (member(body, "tool_choice") != nullptr &&
        ((choice != "NONE" && choice != "REQUIRED") || tools == nullptr || tools->empty()))
        return refuse_cohere("invalid request: tool_choice must be NONE or REQUIRED, beside tools.");
    if (tools == nullptr) return {};
    for (const json::value& each : *tools) {
        const json::object* tool = each.if_object();
        const json::object* function = tool == nullptr ? nullptr : object_member(*tool, "function");
        if (function == nullptr || text_member(*tool, "type") != "function")
            return refuse_cohere("invalid request: a tool must be a function.");
        constexpr std::array<rule, 3> rules = {
            {{"name", want::text, true}, {"description", want::text}, {"parameters", want::object, true}}};
        if (auto good = cohere_checked(*function, rules, "tools.function"); !good) return good;
    }
    return {};
}

api_result<void> check_others(const json::object& body) {
    if (member(body, "frequency_penalty") != nullptr && member(body, "presence_penalty") != nullptr)
        return refuse_cohere(
            "invalid request: frequency_penalty and presence_penalty cannot be used together.");
    if (const json::object* format = object_member(body, "response_format")) {
        constexpr std::array<rule, 2> rules = {{{"type", want::text, true}, {"json_schema", want::object}}};
        if (auto good = cohere_checked(*format, rules, "response_format"); !good) return good;
        const std::string_view type = text_member(*format, "type");
        if (type != "json_object" && type != "text")
            return refuse_cohere("invalid request: response_format.type must be text or json_object.");
    }
    if (const json::object* thinking = object_member(body, "thinking")) {
        const std::string_view type = text_member(*thinking, "type");
        if (type != "enabled" && type != "disabled")
            return refuse_cohere("invalid request: thinking.type must be enabled or disabled.");
    }
    return check_tools(body);
}

} // namespace

api_result<void> read_chat(const json::object& body, call& out) {
    if (auto good = cohere_checked(body, chat_rules); !good) return good;
    out.model = text_member(body, "model");
    out.stream = bool_member(body, "stream");
    out.max_tokens = count_member(body, "max_tokens");
    history turns(out);
    for (const json::value& each : *list_member(body, "messages")) {
        if (auto good = turns.message(each); !good) return good;
    }
    if (auto good = turns.end(); !good) return good;
    return check_others(body);
}

} // namespace sluice::sim::cohere
