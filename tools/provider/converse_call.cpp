// A request of Converse.
#include "tools/provider/bedrock.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/thinking.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace sluice::sim::aws {

namespace {

constexpr std::array<rule, 12> request_rules = {{{"messages", want::list, true, 1},
                                                 {"system", want::list, false, 1},
                                                 {"inferenceConfig", want::object},
                                                 {"toolConfig", want::object},
                                                 {"guardrailConfig", want::object},
                                                 {"additionalModelRequestFields", want::object},
                                                 {"additionalModelResponseFieldPaths", want::texts},
                                                 {"outputConfig", want::object},
                                                 {"performanceConfig", want::object},
                                                 {"promptVariables", want::object},
                                                 {"requestMetadata", want::object},
                                                 {"serviceTier", want::object}}};
constexpr std::array<rule, 4> inference_rules = {{{"maxTokens", want::integer, false, 1},
                                                  {"temperature", want::number, false, 0, 1},
                                                  {"topP", want::number, false, 0, 1},
                                                  {"stopSequences", want::texts}}};
constexpr std::array<rule, 9> block_rules = {{{"text", want::text},
                                              {"image", want::object},
                                              {"document", want::object},
                                              {"video", want::object},
                                              {"toolUse", want::object},
                                              {"toolResult", want::object},
                                              {"guardContent", want::object},
                                              {"cachePoint", want::object},
                                              {"reasoningContent", want::object}}};

template <class Rules>
api_result<void> converse_checked(const json::object& body, const Rules& rules, std::string_view where = {}) {
    if (const auto found = check_members(body, rules, where)) return refuse_aws(sentence_of(*found));
    return {};
}

bool is_id(std::string_view id, std::string_view more) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [more](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

// Reads the messages one after the other.
class history {
public:
    explicit history(call& out)
        : said_(out) {}

    api_result<void> message(const json::value& item);
    api_result<void> end();
    [[nodiscard]] bool has_tools() const noexcept { return has_tools_; }
    [[nodiscard]] bool calls_without_thinking() const noexcept { return thinking_.is_broken(); }

private:
    api_result<void> block(const json::value& item);
    api_result<void> use(const json::object& of);
    api_result<void> result_of(const json::object& of);
    api_result<void> thought(const json::object& of) const;

    conversation said_;
    std::set<std::string, std::less<>> open_calls_; // of the message before
    std::set<std::string, std::less<>> new_calls_;
    std::string text_;
    bool is_user_ = false;
    bool has_tools_ = false;
    thinking::rule thinking_;
};

api_result<void> history::thought(const json::object& of) const {
    constexpr std::array<rule, 2> rules = {
        {{"reasoningText", want::object}, {"redactedContent", want::text}}};
    constexpr std::array<rule, 2> text_rules = {{{"text", want::text, true}, {"signature", want::text}}};
    if (auto good = converse_checked(of, rules, "reasoningContent"); !good) return good;
    if (is_user_ || of.size() != 1) return refuse_aws("The reasoning content is malformed.");
    const json::object* text = object_member(of, "reasoningText");
    if (text == nullptr) {
        if (thinking::is_redacted(text_member(of, "redactedContent"))) return {};
        return refuse_aws("The model returned: Invalid `data` in `redacted_thinking` block");
    }
    if (auto good = converse_checked(*text, text_rules, "reasoningText"); !good) return good;
    if (thinking::is_signed(text_member(*text, "text"), text_member(*text, "signature"))) return {};
    return refuse_aws("The model returned: Invalid `signature` in `thinking` block");
}

api_result<void> history::use(const json::object& of) {
    constexpr std::array<rule, 3> rules = {
        {{"toolUseId", want::text, true}, {"name", want::text, true}, {"input", want::object, true}}};
    if (auto good = converse_checked(of, rules, "toolUse"); !good) return good;
    if (is_user_ || !is_id(text_member(of, "toolUseId"), "_.:-") || !is_id(text_member(of, "name"), "_-"))
        return refuse_aws("The tool use is malformed.");
    has_tools_ = true;
    new_calls_.emplace(text_member(of, "toolUseId"));
    return {};
}

api_result<void> history::result_of(const json::object& of) {
    constexpr std::array<rule, 3> rules = {
        {{"toolUseId", want::text, true}, {"content", want::list, true}, {"status", want::text}}};
    if (auto good = converse_checked(of, rules, "toolResult"); !good) return good;
    if (!is_user_ || open_calls_.erase(std::string(text_member(of, "toolUseId"))) == 0)
        return refuse_aws("The number of toolResult blocks exceeds the number of toolUse blocks.");
    return {};
}

api_result<void> history::block(const json::value& item) {
    const json::object* of = item.if_object();
    if (of == nullptr || of->size() != 1) return refuse_aws("A content block must have one member.");
    if (auto good = converse_checked(*of, block_rules, "content"); !good) return good;
    if (member(*of, "text") != nullptr) {
        if (text_member(*of, "text").find_first_not_of(" \t\r\n") == std::string_view::npos)
            return refuse_aws("The text field in the ContentBlock object is blank.");
        text_ += text_member(*of, "text");
    }
    if (const json::object* image = object_member(*of, "image")) {
        constexpr std::array<std::string_view, 4> formats = {"png", "jpeg", "gif", "webp"};
        const json::object* source = object_member(*image, "source");
        const bool good =
            source != nullptr && !text_member(*source, "bytes").empty() &&
            !text_member(*source, "bytes").starts_with("data:") &&
            std::find(formats.begin(), formats.end(), text_member(*image, "format")) != formats.end();
        if (!good) return refuse_aws("The image is malformed.");
    }
    if (const json::object* content = object_member(*of, "reasoningContent")) return thought(*content);
    if (const json::object* tool = object_member(*of, "toolUse")) return use(*tool);
    if (const json::object* tool = object_member(*of, "toolResult")) return result_of(*tool);
    return {};
}

api_result<void> history::message(const json::value& item) {
    constexpr std::array<rule, 2> rules = {{{"role", want::text, true}, {"content", want::list, true, 1}}};
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse_aws("messages must be objects.");
    if (auto good = converse_checked(*of, rules, "messages"); !good) return good;
    const std::string_view role = text_member(*of, "role");
    if (role != "user" && role != "assistant") return refuse_aws("The role must be user or assistant.");
    if (is_user_ == (role == "user"))
        return refuse_aws("A conversation must start with a user message and alternate.");
    is_user_ = role == "user";
    text_.clear();
    new_calls_.clear();
    for (const json::value& each : *list_member(*of, "content")) {
        if (auto good = block(each); !good) return good;
    }
    if (!open_calls_.empty()) return refuse_aws("Expected toolResult blocks for all toolUse blocks.");
    if (is_user_) {
        thinking_.user(!text_.empty());
    } else {
        const json::object& first = list_member(*of, "content")->front().get_object();
        thinking_.assistant(member(first, "reasoningContent") != nullptr, !new_calls_.empty());
    }
    open_calls_.swap(new_calls_);
    said_.said(is_user_, text_);
    return {};
}

api_result<void> history::end() {
    said_.end();
    if (!open_calls_.empty()) return refuse_aws("Expected toolResult blocks for all toolUse blocks.");
    return {};
}

api_result<void> check_tool(const json::value& item) {
    const json::object* tool = item.if_object();
    const json::object* spec = tool == nullptr ? nullptr : object_member(*tool, "toolSpec");
    if (spec == nullptr) return refuse_aws("A tool must have a toolSpec.");
    constexpr std::array<rule, 4> rules = {{{"name", want::text, true},
                                            {"description", want::text},
                                            {"inputSchema", want::object, true},
                                            {"strict", want::boolean}}};
    if (auto good = converse_checked(*spec, rules, "toolSpec"); !good) return good;
    const json::object* schema = object_member(*object_member(*spec, "inputSchema"), "json");
    const bool is_blank =
        member(*spec, "description") != nullptr && text_member(*spec, "description").empty();
    if (schema == nullptr || is_blank || !is_id(text_member(*spec, "name"), "_-"))
        return refuse_aws("The toolSpec is malformed.");
    return {};
}

api_result<void> check_tools(const json::object& body, bool are_needed) {
    const json::object* config = object_member(body, "toolConfig");
    if (config == nullptr) {
        if (are_needed)
            return refuse_aws("The toolConfig field must be defined when using toolUse and toolResult.");
        return {};
    }
    constexpr std::array<rule, 2> rules = {{{"tools", want::list, true, 1}, {"toolChoice", want::object}}};
    if (auto good = converse_checked(*config, rules, "toolConfig"); !good) return good;
    for (const json::value& each : *list_member(*config, "tools")) {
        if (auto good = check_tool(each); !good) return good;
    }
    const json::object* choice = object_member(*config, "toolChoice");
    if (choice == nullptr) return {};
    constexpr std::array<rule, 3> choices = {
        {{"auto", want::object}, {"any", want::object}, {"tool", want::object}}};
    if (choice->size() != 1) return refuse_aws("toolChoice must have one member.");
    return converse_checked(*choice, choices, "toolChoice");
}

api_result<void> check_inference(const json::object& body, call& out) {
    const json::object* config = object_member(body, "inferenceConfig");
    if (config == nullptr) return {};
    if (auto good = converse_checked(*config, inference_rules, "inferenceConfig"); !good) return good;
    out.max_tokens = count_member(*config, "maxTokens");
    const json::array* stops = list_member(*config, "stopSequences");
    if (stops == nullptr) return {};
    for (const json::value& each : *stops) {
        if (view(each.get_string()).empty()) return refuse_aws("A stop sequence must not be empty.");
    }
    return {};
}

} // namespace

api_result<void> read_converse(const json::object& body, call& out) {
    if (auto good = converse_checked(body, request_rules); !good) return good;
    history turns(out);
    for (const json::value& each : *list_member(body, "messages")) {
        if (auto good = turns.message(each); !good) return good;
    }
    if (auto good = turns.end(); !good) return good;
    if (const json::array* system = list_member(body, "system")) {
        for (const json::value& each : *system) {
            if (!each.is_object() || (text_member(each.get_object(), "text").empty() &&
                                      member(each.get_object(), "cachePoint") == nullptr))
                return refuse_aws("The text field in the SystemContentBlock is blank.");
        }
    }
    if (auto good = check_inference(body, out); !good) return good;
    const json::object* more = object_member(body, "additionalModelRequestFields");
    const json::object* thinking = more == nullptr ? nullptr : object_member(*more, "thinking");
    out.thinks = thinking != nullptr && text_member(*thinking, "type") != "disabled";
    if (out.thinks && member(*thinking, "budget_tokens") != nullptr && turns.calls_without_thinking()) {
        return refuse_aws("The model returned: messages.0.content.0.type: Expected `thinking` or "
                          "`redacted_thinking`, but found `tool_use`.");
    }
    return check_tools(body, turns.has_tools());
}

} // namespace sluice::sim::aws
