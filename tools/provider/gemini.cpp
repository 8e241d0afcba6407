// Gemini on Vertex AI: contents into candidates, whole and as events with CR LF, and two kinds of embeddings.
#include "tools/provider/dialects.hpp"
#include "tools/provider/embeddings.hpp"
#include "tools/provider/google.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

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

tl::unexpected<api_error> refuse(std::string message) {
    api_error e;
    e.message = std::move(message);
    return tl::unexpected<api_error>(std::move(e));
}

template <class Rules>
api_result<void> checked(const json::object& body, const Rules& rules, std::string_view where = {}) {
    const auto found = check_members(body, rules, where);
    if (!found) return {};
    if (found->kind != fault::unknown) return refuse(sentence_of(*found));
    return refuse("Invalid JSON payload received. Unknown name \"" + found->path + "\": Cannot find field.");
}

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
    if (auto good = checked(of, rules, "functionCall"); !good) return good;
    if (member(of, "id") != nullptr && !is_third_generation(out_.model))
        return refuse("Unknown name \"id\" at 'contents[0].parts[0].function_call': Cannot find field.");
    if (is_third_generation(out_.model) && calls_ == 0 && !is_signed)
        return refuse("Function call is missing a thought_signature in functionCall parts.");
    ++calls_;
    return {};
}

api_result<void> history::response_part(const json::object& of) {
    constexpr std::array<rule, 3> rules = {
        {{"id", want::text}, {"name", want::text, true}, {"response", want::object, true}}};
    if (auto good = checked(of, rules, "functionResponse"); !good) return good;
    if (member(of, "id") != nullptr && !is_third_generation(out_.model))
        return refuse("Unknown name \"id\" at 'contents[0].parts[0].function_response': Cannot find field.");
    ++responses_;
    return {};
}

api_result<void> history::part(const json::value& item) {
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse("Invalid value at 'contents[0].parts'.");
    if (auto good = checked(*of, part_rules, "parts"); !good) return good;
    const auto datas = std::count_if(of->begin(), of->end(), [](const auto& each) {
        return each.key() != "thought" && each.key() != "thoughtSignature";
    });
    if (datas != 1) return refuse("Unable to submit request because a part must have one data field.");
    text_ += text_member(*of, "text");
    if (const json::object* data = object_member(*of, "inlineData")) {
        constexpr std::array<rule, 2> rules = {{{"mimeType", want::text, true}, {"data", want::text, true}}};
        return checked(*data, rules, "inlineData");
    }
    if (const json::object* data = object_member(*of, "fileData")) {
        constexpr std::array<rule, 2> rules = {
            {{"mimeType", want::text, true}, {"fileUri", want::text, true}}};
        return checked(*data, rules, "fileData");
    }
    if (const json::object* data = object_member(*of, "functionCall"))
        return call_part(*data, member(*of, "thoughtSignature") != nullptr);
    if (const json::object* data = object_member(*of, "functionResponse")) return response_part(*data);
    return {};
}

api_result<void> history::content(const json::value& item) {
    constexpr std::array<rule, 2> rules = {{{"role", want::text, true}, {"parts", want::list, true, 1}}};
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse("Invalid value at 'contents'.");
    if (auto good = checked(*of, rules, "contents"); !good) return good;
    const std::string_view role = text_member(*of, "role");
    if (role != "user" && role != "model") return refuse("Please use a valid role: user, model.");
    text_.clear();
    calls_ = 0;
    responses_ = 0;
    for (const json::value& each : *list_member(*of, "parts")) {
        if (auto good = part(each); !good) return good;
    }
    if (responses_ != open_calls_ || (calls_ > 0 && role == "user"))
        return refuse("Please ensure that the number of function response parts is equal to the number of "
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
        if (!known) return refuse("Invalid value at 'tool_config.function_calling_config.mode'.");
        if (member(*calling, "allowedFunctionNames") != nullptr && mode != "ANY" && mode != "VALIDATED")
            return refuse("allowed_function_names must only be set when the mode is ANY.");
    }
    if (tools == nullptr) return {};
    for (const json::value& each : *tools) {
        const json::object* tool = each.if_object();
        const json::array* functions = tool == nullptr ? nullptr : list_member(*tool, "functionDeclarations");
        if (functions == nullptr || functions->empty()) return refuse("tools[0] must have one tool type.");
        for (const json::value& function : *functions) {
            constexpr std::array<rule, 5> rules = {{{"name", want::text, true},
                                                    {"description", want::text},
                                                    {"parameters", want::object},
                                                    {"parametersJsonSchema", want::object},
                                                    {"behavior", want::text}}};
            if (!function.is_object()) return refuse("Invalid value at 'tools[0].function_declarations'.");
            if (auto good = checked(function.get_object(), rules, "functionDeclarations"); !good) return good;
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
    if (auto good = checked(*thinking, rules, "thinkingConfig"); !good) return good;
    const bool has_level = member(*thinking, "thinkingLevel") != nullptr;
    if (has_level && member(*thinking, "thinkingBudget") != nullptr)
        return refuse("You can only set only one of thinking budget and thinking level.");
    if (has_level && !is_third_generation(model))
        return refuse("Thinking level is not supported for this model.");
    return {};
}

api_result<void> check_config(const json::object& body, call& out) {
    const json::object* config = object_member(body, "generationConfig");
    if (config == nullptr) return {};
    if (auto good = checked(*config, config_rules, "generation_config"); !good) return good;
    const bool penalises =
        member(*config, "presencePenalty") != nullptr || member(*config, "frequencyPenalty") != nullptr;
    if (penalises && is_third_generation(out.model)) return refuse("Penalty is not enabled for this model.");
    out.max_tokens = count_member(*config, "maxOutputTokens");
    out.choices = count_member(*config, "candidateCount").value_or(1);
    return check_thinking(*config, out.model);
}

class vertex_dialect : public dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        return google::refuse_token(of);
    }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        const auto root = parse_object(of.request.body);
        if (!root || !is_media_type(field_value(of.request, "content-type"), "application/json"))
            return sim::refuse("Invalid JSON payload received.");
        call out;
        out.model = of.model;
        if (auto good = read_body(root->get_object(), out); !good)
            return tl::unexpected<api_error>(good.error());
        return out;
    }
    [[nodiscard]] answer error(const api_error& e) const override {
        return json(e.status, google::error_body(e));
    }

private:
    [[nodiscard]] virtual api_result<void> read_body(const json::object& body, call& out) const = 0;
};

void append_candidate(std::string& out,
                      std::size_t index,
                      std::string_view text,
                      std::string_view reason = {}) {
    out += R"({"content":{"role":"model","parts":[{"text":)";
    append_quoted(out, text);
    out += R"(}]})";
    if (!reason.empty()) out.append(R"(,"finishReason":")").append(reason).append("\"");
    if (index > 0) {
        out += R"(,"index":)";
        append_number(out, index);
    }
    out += '}';
}

// From the end of the candidates to the end of the object.
void append_rest(std::string& out, const call& c, const knobs& k, std::optional<std::size_t> output) {
    out += R"(],"usageMetadata":{)";
    if (output && !k.no_usage) {
        out += R"("promptTokenCount":)";
        append_number(out, c.prompt_tokens);
        out += R"(,"candidatesTokenCount":)";
        append_number(out, *output);
        out += R"(,"totalTokenCount":)";
        append_number(out, c.prompt_tokens + *output);
        out += ',';
    }
    out += R"("trafficType":"ON_DEMAND"},"modelVersion":)";
    append_quoted(out, c.model);
    out += R"(,"createTime":"2026-01-15T12:34:56.000000Z","responseId":"sim-)";
    append_hex(out, hash_text(c.model, c.seed));
    out += "\"}";
}

std::string_view reason_of(const generated& said, const knobs& k) {
    if (k.no_finish) return {};
    return said.by_length ? "MAX_TOKENS" : "STOP";
}

class content_events final : public spoken {
public:
    content_events(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    void write(std::string& out, std::string_view data) const {
        append_event(out, data, {true, knobs_.comments});
    }
    bool before(std::size_t, std::string&) override { return false; }
    void piece(std::size_t choice, std::string_view text, std::string& out) override {
        std::string data = R"({"candidates":[)";
        append_candidate(data, choice, text);
        append_rest(data, call_, knobs_, std::nullopt);
        write(out, spoilt(std::move(data)));
    }
    void failure(std::string& out) override {
        api_error e;
        e.status = 503;
        e.message = "The model is overloaded. Please try again later.";
        write(out, google::error_body(e));
    }
    bool behind(std::size_t number, std::string& out) override {
        if (number > 0 || knobs_.no_done) return false;
        std::string data = R"({"candidates":[)";
        for (std::size_t i = 0; i < choices_.size(); ++i) {
            if (i > 0) data += ',';
            append_candidate(data, i, "", reason_of(choices_[i], knobs_));
        }
        append_rest(data, call_, knobs_, all_tokens());
        write(out, data);
        return true;
    }
};

class content_dialect final : public vertex_dialect {
public:
    enum class form : std::uint8_t { whole, events, list };
    explicit content_dialect(form as)
        : as_(as) {}

    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(std::make_unique<content_events>(c, k, std::move(choices)));
        std::string body = sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            std::string out = R"({"candidates":[)";
            std::size_t tokens = 0;
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (i > 0) out += ',';
                append_candidate(out, i, all[i].text, reason_of(all[i], k));
                tokens += all[i].tokens;
            }
            append_rest(out, c, k, tokens);
            return out;
        });
        return json(as_ == form::list ? "[" + body + "]" : std::move(body));
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        if (auto good = checked(body, request_rules); !good) return good;
        out.stream = as_ == form::events;
        history turns(out);
        for (const json::value& each : *list_member(body, "contents")) {
            if (auto good = turns.content(each); !good) return good;
        }
        turns.end();
        if (const json::object* system = object_member(body, "systemInstruction")) {
            if (list_member(*system, "parts") == nullptr)
                return sim::refuse("Invalid value at 'system_instruction'.");
        }
        if (auto good = check_config(body, out); !good) return good;
        return check_tools(body);
    }

    form as_;
};

class predict_dialect final : public vertex_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated>) const override {
        const std::size_t size = k.floats.value_or(c.dimensions.value_or(default_dimensions(c.model)));
        std::string out = R"({"predictions":[)";
        for (std::size_t i = 0; i < c.inputs.size(); ++i) {
            out += i > 0 ? R"(,{"embeddings":{"values":)" : R"({"embeddings":{"values":)";
            append_floats(out, embedding_of(c.inputs[i], size));
            if (!k.no_usage) {
                out += R"(,"statistics":{"token_count":)";
                append_number(out, count_tokens(c.inputs[i]));
                out += R"(.0,"truncated":false})";
            }
            out += "}}";
        }
        return json(out + R"(],"metadata":{"billableCharacterCount":1}})");
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        constexpr std::array<rule, 2> rules = {
            {{"instances", want::list, true, 1, 250}, {"parameters", want::object}}};
        constexpr std::array<rule, 3> instance_rules = {
            {{"content", want::text, true}, {"task_type", want::text}, {"title", want::text}}};
        constexpr std::array<rule, 2> parameter_rules = {
            {{"outputDimensionality", want::integer, false, 1}, {"autoTruncate", want::boolean}}};
        if (auto good = checked(body, rules); !good) return good;
        out.task = task_kind::embeddings;
        for (const json::value& each : *list_member(body, "instances")) {
            if (!each.is_object()) return sim::refuse("Invalid instance.");
            if (auto good = checked(each.get_object(), instance_rules, "instances"); !good) return good;
            add_input(out, text_member(each.get_object(), "content"));
        }
        const json::object* parameters = object_member(body, "parameters");
        if (parameters == nullptr) return {};
        out.dimensions = count_member(*parameters, "outputDimensionality");
        return checked(*parameters, parameter_rules, "parameters");
    }
};

class embed_content_dialect final : public vertex_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated>) const override {
        const std::size_t size = k.floats.value_or(c.dimensions.value_or(default_dimensions(c.model)));
        std::string out = R"({"embedding":{"values":)";
        append_floats(out, embedding_of(c.inputs.front(), size));
        out += '}';
        if (!k.no_usage) {
            out += R"(,"usageMetadata":{"promptTokenCount":)";
            append_number(out, c.prompt_tokens);
            out += R"(,"totalTokenCount":)";
            append_number(out, c.prompt_tokens);
            out += '}';
        }
        return json(out + '}');
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        constexpr std::array<rule, 5> rules = {{{"content", want::object, true},
                                                {"title", want::text},
                                                {"taskType", want::text},
                                                {"outputDimensionality", want::integer, false, 1},
                                                {"autoTruncate", want::boolean}}};
        if (auto good = checked(body, rules); !good) return good;
        const json::array* parts = list_member(*object_member(body, "content"), "parts");
        if (parts == nullptr || parts->size() != 1 || !parts->front().is_object())
            return sim::refuse("content must have one part.");
        out.task = task_kind::embeddings;
        out.dimensions = count_member(body, "outputDimensionality");
        add_input(out, text_member(parts->front().get_object(), "text"));
        return {};
    }
};

} // namespace

const dialect& gemini_content() noexcept {
    static const content_dialect instance(content_dialect::form::whole);
    return instance;
}

const dialect& gemini_events() noexcept {
    static const content_dialect instance(content_dialect::form::events);
    return instance;
}

const dialect& gemini_list() noexcept {
    static const content_dialect instance(content_dialect::form::list);
    return instance;
}

const dialect& vertex_predict() noexcept {
    static const predict_dialect instance;
    return instance;
}

const dialect& vertex_embed_content() noexcept {
    static const embed_content_dialect instance;
    return instance;
}

} // namespace sluice::sim
