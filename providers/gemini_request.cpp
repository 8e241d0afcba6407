// Requests to Gemini (providers.md §7.2-§7.6, §7.9).
#include "core/json/writer.hpp"
#include "providers/gemini_contents.hpp"
#include "providers/request_pieces.hpp"
#include "providers/sentence.hpp"
#include "providers/temperature.hpp"

#include <array>
#include <vector>

namespace sluice::providers::gemini {

namespace {

using neutral::choice_kind;
using neutral::format_kind;

constexpr std::array<std::string_view, 18> taken_members = {"max_tokens",
                                                            "max_completion_tokens",
                                                            "temperature",
                                                            "top_p",
                                                            "top_k",
                                                            "stop",
                                                            "n",
                                                            "seed",
                                                            "presence_penalty",
                                                            "frequency_penalty",
                                                            "response_format",
                                                            "tools",
                                                            "functions",
                                                            "tool_choice",
                                                            "function_call",
                                                            "reasoning_effort",
                                                            "dimensions",
                                                            "encoding_format"};

constexpr std::size_t most_stops = 5;

// Tokens that a model of 2.5 may think (§7.6).
std::int64_t budget_of(std::string_view effort, const model_traits& traits) noexcept {
    constexpr std::int64_t least_of_pro = 128; // it cannot be switched off there
    if (effort == "none") return traits.is_pro ? least_of_pro : 0;
    if (effort == "minimal") {
        if (traits.is_pro) return least_of_pro;
        return traits.is_lite ? 512 : 1;
    }
    if (effort == "low") return 1024;
    if (effort == "medium") return 2048;
    if (effort == "high") return 4096;
    return effort == "xhigh" ? 8192 : 16384;
}

// Of 3 and later. None of them stops thinking; least of all is not known of pro.
std::string_view level_of(std::string_view effort, const model_traits& traits) noexcept {
    if (effort == "none" || effort == "minimal") return traits.is_flash ? "MINIMAL" : "LOW";
    if (effort == "low") return "LOW";
    return effort == "medium" ? "MEDIUM" : "HIGH";
}

class content_request {
public:
    content_request(neutral::request& in, std::string_view model, std::string_view provider, std::string& out)
        : in_(in)
        , traits_(traits_of(model))
        , provider_(provider)
        , out_(out)
        , writer_(out) {}

    result<void> write();

private:
    void system();
    void tools();
    void tool_config();
    result<void> config();
    result<void> stops(json::object_writer& config);
    void sampling(json::object_writer& config);
    void penalties(json::object_writer& config);
    void format(json::object_writer& config);
    void think(json::object_writer& config);
    void drop(std::string_view name) { in_.dropped.push_back(name); }

    neutral::request& in_;
    const model_traits traits_;
    std::string_view provider_;
    std::string& out_;
    json::object_writer writer_;
};

result<void> content_request::write() {
    system();
    writer_.key("contents");
    auto good = in_.kind == task::chat ? append_contents(out_, in_.turns, traits_, dialect_of(provider_))
                                       : append_prompt(out_, prompt_of(in_));
    if (!good) return good;
    tools();
    if (good = config(); !good) return good;
    writer_.close();
    return {};
}

void content_request::system() {
    if (in_.system.empty()) return;
    writer_.key("systemInstruction");
    out_ += R"({"parts":[)";
    for (const std::string_view& each : in_.system) {
        if (&each != &in_.system.front()) out_ += ',';
        json::object_writer part(out_);
        part.text("text", each);
        part.close();
    }
    out_ += "]}";
}

void content_request::tools() {
    if (in_.tools.empty()) return;
    writer_.key("tools");
    out_ += R"([{"functionDeclarations":[)";
    for (const neutral::tool& each : in_.tools) {
        if (&each != &in_.tools.front()) out_ += ',';
        json::object_writer tool(out_);
        tool.text("name", each.name);
        if (!each.description.empty()) tool.text("description", each.description);
        if (each.parameters) {
            tool.key("parametersJsonSchema");
            append_minified(out_, each.parameters.raw());
        }
        tool.close();
    }
    out_ += "]}]";
    tool_config();
}

void content_request::tool_config() {
    std::string_view mode;
    switch (in_.choice.kind) {
    case choice_kind::absent: return;
    case choice_kind::automatic: mode = "AUTO"; break;
    case choice_kind::none: mode = "NONE"; break;
    case choice_kind::required:
    case choice_kind::named: mode = "ANY"; break;
    }
    writer_.key("toolConfig");
    out_ += R"({"functionCallingConfig":)";
    json::object_writer config(out_);
    config.text("mode", mode);
    if (in_.choice.kind == choice_kind::named) {
        config.key("allowedFunctionNames");
        out_ += '[';
        json::append_string(out_, in_.choice.name);
        out_ += ']';
    }
    config.close();
    out_ += '}';
}

result<void> content_request::config() {
    const std::size_t before = out_.size();
    writer_.key("generationConfig");
    const std::size_t begin = out_.size();
    json::object_writer config(out_);
    if (in_.max_tokens) config.number("maxOutputTokens", *in_.max_tokens);
    sampling(config);
    if (auto good = stops(config); !good) return good;
    if (in_.n) config.number("candidateCount", *in_.n);
    if (in_.seed) config.number("seed", *in_.seed);
    penalties(config);
    format(config);
    think(config);
    config.close();
    if (out_.size() - begin == 2) out_.resize(before); // it is the last member
    return {};
}

void content_request::sampling(json::object_writer& config) {
    if (in_.temperature) {
        config.key("temperature");
        append_scaled(out_, *in_.temperature, temperature_factor::one);
    }
    if (in_.top_p) config.raw("topP", in_.top_p->text);
    if (in_.top_k) config.number("topK", *in_.top_k);
}

result<void> content_request::stops(json::object_writer& config) {
    const std::vector<std::string_view> kept = usable_stops(in_);
    if (kept.empty()) return {};
    if (kept.size() > most_stops)
        return fail(errc::bad_request,
                    sentence({"'stop' must have at most 5 texts for provider ", provider_, "."}));
    config.key("stopSequences");
    append_texts(out_, kept);
    return {};
}

void content_request::penalties(json::object_writer& config) {
    if (!traits_.takes_penalties) {
        if (in_.presence_penalty) drop("presence_penalty");
        if (in_.frequency_penalty) drop("frequency_penalty");
        return;
    }
    if (in_.presence_penalty) config.raw("presencePenalty", in_.presence_penalty->text);
    if (in_.frequency_penalty) config.raw("frequencyPenalty", in_.frequency_penalty->text);
}

void content_request::format(json::object_writer& config) {
    if (in_.format.kind == format_kind::text) return;
    config.text("responseMimeType", "application/json");
    if (in_.format.kind != format_kind::json_schema) return;
    config.key("responseJsonSchema");
    append_minified(out_, in_.format.schema.raw());
}

void content_request::think(json::object_writer& config) {
    if (in_.reasoning_effort.empty()) return;
    if (traits_.thinks == thinking::none) return drop("reasoning_effort");
    config.key("thinkingConfig");
    json::object_writer thinks(out_);
    if (traits_.thinks == thinking::budget) {
        thinks.number("thinkingBudget", budget_of(in_.reasoning_effort, traits_));
    } else {
        thinks.text("thinkingLevel", level_of(in_.reasoning_effort, traits_));
    }
    // Asked of a model that is not to think, it is refused.
    thinks.boolean("includeThoughts", in_.reasoning_effort != "none");
    thinks.close();
}

} // namespace

neutral::dialect dialect_of(std::string_view provider) noexcept {
    neutral::dialect dialect;
    dialect.provider = provider;
    dialect.takes = taken_members;
    dialect.takes_n = true;
    return dialect;
}

result<void>
write_content(neutral::request& in, std::string_view model, std::string_view provider, std::string& out) {
    if (auto good = check_one_prompt(in, dialect_of(provider)); !good) return good;
    return content_request(in, model, provider, out).write();
}

result<void> write_embeddings(const neutral::request& in, std::string_view model, std::string& out) {
    json::object_writer writer(out);
    if (uses_embed_content(model)) {
        if (in.inputs.size() != 1)
            return fail(errc::bad_request, sentence({"'input' must be one text for the model ", model, "."}));
        writer.key("content");
        out += R"({"parts":[)";
        json::object_writer part(out);
        part.text("text", in.inputs.front());
        part.close();
        out += "]}";
        if (in.dimensions) writer.number("outputDimensionality", *in.dimensions);
        writer.close();
        return {};
    }
    writer.key("instances");
    out += '[';
    for (const std::string_view& each : in.inputs) {
        if (&each != &in.inputs.front()) out += ',';
        json::object_writer instance(out);
        instance.text("content", each);
        instance.close();
    }
    out += ']';
    if (in.dimensions) {
        writer.key("parameters");
        json::object_writer parameters(out);
        parameters.number("outputDimensionality", *in.dimensions);
        parameters.close();
    }
    writer.close();
    return {};
}

} // namespace sluice::providers::gemini
