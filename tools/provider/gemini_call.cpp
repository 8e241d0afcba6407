#include "tools/provider/gemini.hpp"
#include "tools/provider/google.hpp"
#include "tools/provider/schema.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::sim::gemini {

namespace {

using google::google_checked;
using google::refuse_google;

constexpr std::array<rule, 9> request_rules = {{{"contents", want::list, true, 1},
                                                {"systemInstruction", want::object},
                                                {"tools", want::list},
                                                {"toolConfig", want::object},
                                                {"generationConfig", want::object},
                                                {"safetySettings", want::list},
                                                {"labels", want::object},
                                                {"cachedContent", want::text},
                                                {"modelArmorConfig", want::object}}};

constexpr std::array<rule, 16> config_rules = {{{"maxOutputTokens", want::integer, false, 1},
                                                {"temperature", want::number, false, 0, 2},
                                                {"topP", want::number, false, 0, 1},
                                                {"topK", want::number, false, 1},
                                                {"stopSequences", want::texts, false, 0, 5},
                                                {"candidateCount", want::integer, false, 1, 8},
                                                {"seed", want::integer},
                                                {"presencePenalty", want::number, false, -2, 2},
                                                {"frequencyPenalty", want::number, false, -2, 2},
                                                {"responseMimeType", want::text},
                                                {"responseSchema", want::object},
                                                {"responseJsonSchema", want::object},
                                                {"responseModalities", want::texts},
                                                {"responseLogprobs", want::boolean},
                                                {"logprobs", want::integer},
                                                {"thinkingConfig", want::object}}};

constexpr std::array<rule, 9> part_rules = {{{"text", want::text},
                                             {"inlineData", want::object},
                                             {"fileData", want::object},
                                             {"functionCall", want::object},
                                             {"functionResponse", want::object},
                                             {"executableCode", want::object},
                                             {"codeExecutionResult", want::object},
                                             {"thought", want::boolean},
                                             {"thoughtSignature", want::text}}};

bool is_third_generation(std::string_view model) noexcept {
    return model.starts_with("gemini-3");
}

// Reads the contents one after the other.
class history {
public:
    explicit history(call& out)
        : out_(out)
        , said_(out) {}

    api_result<void> content(const json::value& item);
    void end() { said_.end(); }

private:
    api_result<void> part(const json::value& item);
    api_result<void> call_part(const json::object& of, bool is_signed);
    api_result<void> response_part(const json::object& of);

    call& out_;
    conversation said_;
    std::size_t open_calls_ = 0; // of the content before
    std::size_t calls_ = 0;      // of this one
    std::size_t responses_ = 0;
    std::string text_;
};

api_result<void> history::call_part(const json::object& of, bool is_signed) {
    constexpr std::array<rule, 3> rules = {
        {{"id", want::text}, {"name", want::text, true}, {"args", want::object}}};
    if (auto good = google_checked(of, rules, "functionCall"); !good) return good;
    if (member(of, "id") != nullptr && !is_third_generation(out_.model))
        return refuse_google(
            "Unknown name \"id\" at 'contents[0].parts[0].function_call': Cannot find field.");
    if (is_third_generation(out_.model) && calls_ == 0 && !is_signed)
        return refuse_google("Function call is missing a thought_signature in functionCall parts.");
    ++calls_;
    return {};
}

api_result<void> history::response_part(const json::object& of) {
    constexpr std::array<rule, 3> rules = {
        {{"id", want::text}, {"name", want::text, true}, {"response", want::object, true}}};
    if (auto good = google_checked(of, rules, "functionResponse"); !good) return good;
    if (member(of, "id") != nullptr && !is_third_generation(out_.model))
        return refuse_google(
            "Unknown name \"id\" at 'contents[0].parts[0].function_response': Cannot find field.");
    ++responses_;
    return {};
}

api_result<void> history::part(const json::value& item) {
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse_google("Invalid value at 'contents[0].parts'.");
    if (auto good = google_checked(*of, part_rules, "parts"); !good) return good;
    const auto datas = std::count_if(of->begin(), of->end(), [](const auto& each) {
        return each.key() != "thought" && each.key() != "thoughtSignature";
    });
    if (datas != 1) return refuse_google("Unable to submit request because a part must have one data field.");
    text_ += text_member(*of, "text");
    if (const json::object* data = object_member(*of, "inlineData")) {
        constexpr std::array<rule, 2> rules = {{{"mimeType", want::text, true}, {"data", want::text, true}}};
        return google_checked(*data, rules, "inlineData");
    }
    if (const json::object* data = object_member(*of, "fileData")) {
        constexpr std::array<rule, 2> rules = {
            {{"mimeType", want::text, true}, {"fileUri", want::text, true}}};
        return google_checked(*data, rules, "fileData");
    }
    if (const json::object* data = object_member(*of, "functionCall"))
        return call_part(*data, member(*of, "thoughtSignature") != nullptr);
    if (const json::object* data = object_member(*of, "functionResponse")) return response_part(*data);
    return {};
}

api_result<void> history::content(const json::value& item) {
    constexpr std::array<rule, 2> rules = {{{"role", want::text, true}, {"parts", want::list, true, 1}}};
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse_google("Invalid value at 'contents'.");
    if (auto good = google_checked(*of, rules, "contents"); !good) return good;
    const std::string_view role = text_member(*of, "role");
    if (role != "user" && role != "model") return refuse_google("Please use a valid role: user, model.");
    text_.clear();
    calls_ = 0;
    responses_ = 0;
    for (const json::value& each : *list_member(*of, "parts")) {
        if (auto good = part(each); !good) return good;
    }
    if (responses_ != open_calls_ || (calls_ > 0 && role == "user"))
        return refuse_google(
            "Please ensure that the number of function response parts is equal to the number of "
            "function call parts of the function call turn.");
    open_calls_ = calls_;
    said_.said(role == "user", text_);
    return {};
}

api_result<void> check_tools(const json::object& body) {
    const json::array* tools = list_member(body, "tools");
    if (const json::object* config = object_member(body, "toolConfig")) {
        const json::object* calling = object_member(*config, "functionCallingConfig");
        const std::string_view mode = calling == nullptr ? std::string_view() : text_member(*calling, "mode");
        const bool known = mode == "AUTO" || mode == "ANY" || mode == "NONE" || mode == "VALIDATED";
        if (!known) return refuse_google("Invalid value at 'tool_config.function_calling_config.mode'.");
        if (member(*calling, "allowedFunctionNames") != nullptr && mode != "ANY" && mode != "VALIDATED")
            return refuse_google("allowed_function_names must only be set when the mode is ANY.");
    }
    if (tools == nullptr) return {};
    for (const json::value& each : *tools) {
        const json::object* tool = each.if_object();
        const json::array* functions = tool == nullptr ? nullptr : list_member(*tool, "functionDeclarations");
        if (functions == nullptr || functions->empty())
            return refuse_google("tools[0] must have one tool type.");
        for (const json::value& function : *functions) {
            constexpr std::array<rule, 5> rules = {{{"name", want::text, true},
                                                    {"description", want::text},
                                                    {"parameters", want::object},
                                                    {"parametersJsonSchema", want::object},
                                                    {"behavior", want::text}}};
            if (!function.is_object())
                return refuse_google("Invalid value at 'tools[0].function_declarations'.");
            if (auto good = google_checked(function.get_object(), rules, "functionDeclarations"); !good)
                return good;
        }
    }
    return {};
}

api_result<void> check_thinking(const json::object& config, std::string_view model) {
    const json::object* thinking = object_member(config, "thinkingConfig");
    if (thinking == nullptr) return {};
    constexpr std::array<rule, 3> rules = {{{"thinkingBudget", want::integer, false, -1},
                                            {"thinkingLevel", want::text},
                                            {"includeThoughts", want::boolean}}};
    if (auto good = google_checked(*thinking, rules, "thinkingConfig"); !good) return good;
    const bool has_level = member(*thinking, "thinkingLevel") != nullptr;
    if (has_level && member(*thinking, "thinkingBudget") != nullptr)
        return refuse_google("You can only set only one of thinking budget and thinking level.");
    if (has_level && !is_third_generation(model))
        return refuse_google("Thinking level is not supported for this model.");
    return {};
}

api_result<void> check_config(const json::object& body, call& out) {
    const json::object* config = object_member(body, "generationConfig");
    if (config == nullptr) return {};
    if (auto good = google_checked(*config, config_rules, "generation_config"); !good) return good;
    const bool penalises =
        member(*config, "presencePenalty") != nullptr || member(*config, "frequencyPenalty") != nullptr;
    if (penalises && is_third_generation(out.model))
        return refuse_google("Penalty is not enabled for this model.");
    out.max_tokens = count_member(*config, "maxOutputTokens");
    out.choices = count_member(*config, "candidateCount").value_or(1);
    return check_thinking(*config, out.model);
}

} // namespace

api_result<void> read_contents(const json::object& body, call& out) {
    if (auto good = google_checked(body, request_rules); !good) return good;
    history turns(out);
    for (const json::value& each : *list_member(body, "contents")) {
        if (auto good = turns.content(each); !good) return good;
    }
    turns.end();
    if (const json::object* system = object_member(body, "systemInstruction")) {
        if (list_member(*system, "parts") == nullptr)
            return refuse_google("Invalid value at 'system_instruction'.");
    }
    if (auto good = check_config(body, out); !good) return good;
    return check_tools(body);
}

} // namespace sluice::sim::gemini
